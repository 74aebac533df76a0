// Command lines and files that are wrong: what is said of them names the next step, and nothing is sent.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { STRATEGIES } from '../../../shared/job-options.ts';
import { cli } from '../../support/cli.ts';

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';

const CASES: readonly (readonly [line: string, says: string])[] = [
  [
    'cluster set prod comment=hey',
    '  comment is an option: --comment <text>\n  what it takes: ringmaster cluster set --help\n',
  ],
  ['job list status=FAILED', '  status is an option: --status <text>\n'],
  ['repo set packages password=hidden', '  password is an option: --password-from <source>\n'],
  [
    'settings set --adoption-window 600',
    '  no option here, but adoption-window=VALUE\n  what it takes: ringmaster settings set --help\n',
  ],
  ['settings set adoption-window 600', '  say adoption-window=SECONDS, or adoption-window=default\n'],
  [
    'job run restart prod',
    '  say what it is: --cluster <cluster>, --datacenter <dc>, --node <node>\n  what it takes: ringmaster job run restart --help\n',
  ],
  ['job show one two', '  what it takes: ringmaster job show --help\n'],
  [
    '--server prod job run bogus',
    '  there are install, configure, restart, upgrade, check: ringmaster job run --help\n',
  ],
  ['-o json job run bogus', ': ringmaster job run --help\n'],
  ['job --output json run bogus', ': ringmaster job run --help\n'],
  ['job list --limit 5 prod', '  what it takes: ringmaster job list --help\n'],
  ['job show', '  <job>: its id, or "last" for the newest\n  what it takes: ringmaster job show --help\n'],
  ['node delete', '  <node>: cluster/dc/node, its name where that is enough, or its id\n'],
  ['settings set', '  <name=value>: seconds, or "default": install-idle-timeout, '],
  [
    'node create --seed prod/dc1/node4 --ssh-management-address 10.0.0.4',
    '  --seed took the word behind it for its value: say --seed=true, or put it at the end\n',
  ],
  ['apply prod.yaml', '  say what it is: -f, --file <file>\n'],
  ['cluster list list', '  what it takes: ringmaster cluster list --help\n'],
  [
    'job run upgrade --cluster prod',
    '  not for a cluster: say --datacenter <dc> or --node <node>\n  what it takes: ringmaster job run upgrade --help\n',
  ],
  ['help bogus', "unknown command 'bogus'\n"],
  ['help job bogus', ': ringmaster job --help\n'],
  ['job run bogus', '  there are install, configure, restart, upgrade, check: ringmaster job run --help\n'],
  [
    '--server nosuch job list',
    'nosuch is neither the name of a server nor the URL of one\n  "nosuch" must be a URL',
  ],
];

describe('a command line that is wrong', () => {
  for (const [line, says] of CASES)
    it(`names the next step: ${line}`, async () => {
      const { code, out, err } = await cli(NOWHERE, line.split(' '));
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.contain(says).and.not.to.contain('hidden');
    });

  it('says nowhere in its help that a default is "default"', async () => {
    const { code, out } = await cli(NOWHERE, ['job', 'run', 'restart', '--help']);
    expect([code, out.replaceAll(/\s+/g, ' ')]).to.satisfy(
      ([is, said]: [number, string]) => is === 0 && said.includes(`(${STRATEGIES.join(', ')})`),
    );
  });

  it('says what holds when nothing is said of a record that is made, and not of one that is there', async () => {
    const help = async (line: string) =>
      (await cli(NOWHERE, [...line.split(' '), '--help'])).out.replaceAll(/\s+/g, ' ');
    expect(await help('node create'))
      .to.contain('--ssh-management-address <text> where the host is reached (required)')
      .and.to.contain('(default rack1;');
    for (const line of ['node set', 'profile clone', 'repo set'])
      expect(await help(line), line).not.to.match(/\(required|[(;] ?default/);
  });

  it('takes help for a command too', async () => {
    const [asked, meant] = [
      await cli(NOWHERE, ['help', 'job', 'run']),
      await cli(NOWHERE, ['job', 'run', '--help']),
    ];
    expect(asked).to.deep.equal(meant);
    expect([asked.code, asked.out]).to.satisfy(([code, out]: [number, string]) => code === 0 && out !== '');
  });

  it('tells a mistake in a file in one line, without the file', async () => {
    const line = 'profile create p --datastax-version 5.0.8 --json -';
    const { code, err } = await cli(NOWHERE, line.split(' '), { stdin: 'hidden: [\n' });
    expect(code).to.equal(2);
    expect(err).to.match(/^error: -: Flow sequence .* at line 2, column 1\n$/);
  });

  it('says of a list without entries how that is written', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'usage-'));
    const file = join(directory, 'cluster.yaml');
    await writeFile(file, 'cluster:\n  name: prod\n  datacenters:\n  - name: west\n    nodes:\n');
    const { code, err } = await cli(NOWHERE, ['apply', '-f', file]);
    await rm(directory, { recursive: true });
    expect(code).to.equal(2);
    expect(err).to.match(/nodes must be a list: of none write \[\]/);
  });
});
