// What is made of the words of the installed version on rendered files, on a machine in memory: told, kept secret, or never a false alarm.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import { validateConfig } from '../../../agent/steps/validate-config.ts';
import { StepFailed } from '../../../shared/errors.ts';
import type { RunInput, RunSecrets } from '../../../shared/run-input.ts';
import { failureOf } from '../../support/failure-of.ts';
import { HOME, JavaHost, REFUSES, said } from '../../support/java-host.ts';
import { drive, inputFor } from './step-driver.ts';

describe('the installed version that is asked about a configuration', () => {
  let host: JavaHost;
  beforeEach(() => {
    host = new JavaHost();
  });

  const run = (given: Partial<RunInput> = {}, secrets: Partial<RunSecrets> = {}) => {
    const input = inputFor('configure', '/srv/node1', given);
    return drive(recipes[input.recipe](input), { host, input, secrets });
  };
  const loads = () => host.ran.filter((argv) => argv.includes('RingmasterConfigTrial'));
  const yaml = (settings: Record<string, unknown>) => ({ 'cassandra-yaml': settings });
  const subtypes = async (work = run()): Promise<string[]> =>
    (await work).events.map(({ subtype }) => subtype);

  it("loads it from a place of its own, that is gone afterwards, with directories that are not the node's", async () => {
    expect(await subtypes(run({ profile: yaml({ concurrent_reads: 17 }) }))).to.include('config-values');
    expect(loads()).to.have.length(1);
    expect(host.privates.size).to.equal(0);
    const text = String(host.tried.at(-1)?.get('conf/cassandra.yaml'));
    expect(text).to.match(/^concurrent_reads: 17$/m);
    expect(text).to.match(
      /^commitlog_directory: "?\/tmp\/ringmaster-config-[\w-]+\/work\/root\/srv\/node1\//m,
    );
    expect(host.tried.at(-1)?.has('conf/cassandra-rackdc.properties')).to.equal(true);
    const [argv = []] = loads();
    expect(argv.slice(0, 8)).to.deep.equal(['timeout', '-k', '1', '95', 'nice', '-n', '10', 'java']);
    expect(argv[argv.indexOf('-cp') + 1]).to.match(
      /^\/tmp\/ringmaster-config-[\w-]+\/conf:\/srv\/node1\/cassandra-5\.0\.8\/conf:\/srv\/node1\/cassandra-5\.0\.8\/lib\/\*$/,
    );
  });

  it('fails the run in its own words before anything is written or stopped, without a secret', async () => {
    host.says.set(
      'RingmasterConfigTrial',
      said(77, `${REFUSES}Bad keystore geheim1 for NoSuchThing\n\tat x.Y(Y:1)`),
    );
    const at = '/cassandra-yaml/server_encryption_options/keystore_password';
    const profile = yaml({
      authenticator: 'NoSuchThing',
      server_encryption_options: { keystore_password: '********' },
    });
    const secrets = { profile: { [at]: 'geheim1' } };
    const failure = await failureOf(run({ recipe: 'configure-with-secrets', profile }, secrets));
    expect(failure.subtype).to.equal('config-refused');
    expect(failure.resource).to.equal(`${HOME}/conf/cassandra.yaml`);
    expect(failure.message).to.contain(
      `/cassandra-yaml/authenticator of ${HOME}/conf/cassandra.yaml): Bad keystore ******** for NoSuchThing.`,
    );
    expect(failure.traceback).to.contain('at x.Y');
    expect(JSON.stringify([failure.message, failure.detail, failure.traceback, host.ran])).to.not.contain(
      'geheim1',
    );
    expect(host.done.filter((done) => !done.includes('/pristine/'))).to.deep.equal([]);
    expect(host.running).to.not.equal(null);
    expect(host.privates.size).to.equal(0);
  });

  it('shows no line of the file, of which its parser may show a part of a secret', async () => {
    const parser = [
      'org.apache.cassandra.exceptions.ConfigurationException: Invalid yaml: file:/x/cassandra.yaml',
      'Caused by: Unable to find enum value',
      " in 'reader', line 5, column 1:",
      '     ... heim, x: [1, 2',
      '    ^',
      '\tat x.Y(Y:1)',
    ];
    host.says.set('RingmasterConfigTrial', said(77, parser.join('\n')));
    const { message, traceback } = await failureOf(run({ profile: yaml({ disk_access_mode: 'x' }) }));
    expect(message).to.contain('): Unable to find enum value.');
    expect(traceback).to.contain("in 'reader', line 5, column 1:\n\tat x.Y").and.to.not.contain('heim');
  });

  it('says of an install that no configuration was written, since the version itself is there', async () => {
    host.says.set('RingmasterConfigTrial', said(77, `${REFUSES}no class NoSuchThing`));
    const input = inputFor('install', '/srv/node1');
    const { message } = await failureOf(drive([validateConfig], { host, input }));
    expect(message).to.contain('. No configuration was written, and');
  });

  it('tells a check of it, which goes on to its last word, and then fails', async () => {
    host.says.set('RingmasterConfigTrial', said(77, `${REFUSES}no class NoSuchThing`));
    const input = inputFor('check', '/srv/node1', { profile: yaml({ authenticator: 'NoSuchThing' }) });
    const told: string[] = [];
    const onEvent = ({ subtype, message }: { subtype: string; message: string }): void =>
      void told.push(`${subtype}: ${message}`);
    const failure = await failureOf(drive(recipes.check(input), { host, input, onEvent }));
    expect(failure.subtype).to.equal('config-refused');
    expect(told.some((one) => one.startsWith('config-refused: cassandra 5.0.8 does not start'))).to.equal(
      true,
    );
    expect(told.at(-1)).to.match(
      /^check-summary: .*cassandra 5\.0\.8 would not start with that.*left running$/,
    );
    expect(host.done).to.deep.equal([]);
  });

  it('names the file of an option that its Java refuses, and loads nothing under it', async () => {
    host.files.set(`${HOME}/conf/jvm-server.options`, '-Xss256k\n');
    host.says.set(
      '-XX:+Nonsense',
      said(1, "Unrecognized VM option 'Nonsense'\nError: Could not create the JVM."),
    );
    const profile = {
      'jvm-server-options': { 'additional-jvm-opts': ['-XX:+Nonsense', '-javaagent:/x.jar'] },
    };
    const failure = await failureOf(run({ profile }));
    expect(failure).to.include({ subtype: 'config-refused', resource: `${HOME}/conf/jvm-server.options` });
    expect(failure.message).to.contain("Unrecognized VM option 'Nonsense'");
    expect(loads()).to.deep.equal([]);
    expect(host.ran.flat().join()).to.not.contain('javaagent');
  });

  it('is not asked where the node runs with these very files, nor where no version comes', async () => {
    await run();
    host.ran.length = 0;
    const { events } = await run();
    expect(loads()).to.deep.equal([]);
    expect(events.map(({ message }) => message)).to.include(
      'The database node runs with this very configuration',
    );
    host.running = null;
    await run();
    expect(loads(), 'of a node that is down nobody knows').to.have.length(1);
  });

  const NOT_TOLD: [string, () => void][] = [
    ['its jar is not there', () => host.zipped.clear()],
    [
      'Java is not there',
      () => host.says.set('RingmasterConfigTrial', new StepFailed('program-not-found', 'no java')),
    ],
    [
      'it takes too long',
      () => host.says.set('RingmasterConfigTrial', new StepFailed('command-timed-out', 'long')),
    ],
    [
      'the JVM does not start',
      () => host.says.set('RingmasterConfigTrial', said(1, 'Error occurred during init')),
    ],
    ['the JVM is killed', () => host.says.set('RingmasterConfigTrial', said(-1, ''))],
    [
      'memory is short',
      () => host.says.set('RingmasterConfigTrial', said(77, 'java.lang.OutOfMemoryError: heap')),
    ],
    [
      'its loader is another',
      () => host.says.set('RingmasterConfigTrial', said(77, 'java.lang.NoSuchMethodError: x')),
    ],
    ['there is no room', () => host.faults.set('makePrivate', new StepFailed('disk-full', 'no room'))],
    ["the class path is a shell's", () => host.files.set(`${HOME}/conf/cassandra-env.sh`, 'CLASSPATH=/x\n')],
  ];
  for (const [why, make] of NOT_TOLD)
    it(`is no obstacle where it cannot be told: ${why}`, async () => {
      make();
      const { events } = await run();
      const [told, ...others] = events.filter(({ subtype }) => subtype === 'config-not-validated');
      expect(told?.message).to.match(
        /^Not validated by cassandra 5\.0\.8 itself, which .* when it starts: \S/,
      );
      expect(others).to.deep.equal([]);
      expect(events.map(({ subtype }) => subtype)).to.include('node-started');
      expect(host.privates.size).to.equal(0);
    });

  it('removes what an agent left that was killed, and looks no more at what is written already', async () => {
    host.privates.set('ringmaster-config-left', new Map());
    const input = inputFor('configure', '/srv/node1');
    const notes = new Map([['validate-config', [{ private: 'ringmaster-config-left' }]]]);
    const results = new Map([['write-config-files', { changed: [], digest: '' }]]);
    const { events } = await drive([validateConfig], { host, input, before: { notes, results } });
    expect(host.privates.size).to.equal(0);
    expect(events).to.deep.equal([]);
    expect(host.ran).to.deep.equal([]);
  });

  it('goes on where what was left cannot be removed, and tells that', async () => {
    host.privates.set('ringmaster-config-old', new Map());
    host.faults.set('removePrivate', new StepFailed('file-failed', 'Failed removing it'));
    const told = await subtypes();
    expect(told).to.include.members(['temporary-files', 'config-values', 'node-started']);
    expect([...host.privates.keys()]).to.deep.equal(['ringmaster-config-old']);
  });

  it('is believed where it refuses, though its files cannot be removed', async () => {
    host.says.set('RingmasterConfigTrial', said(77, `${REFUSES}no`));
    host.faults.set('removePrivate', new StepFailed('file-failed', 'Failed removing it'));
    const told: string[] = [];
    const input = inputFor('configure', '/srv/node1');
    const work = drive([validateConfig], {
      host,
      input,
      onEvent: async ({ subtype, message }) => void told.push(`${subtype}: ${message}`),
    });
    expect(await failureOf(work)).to.include({ subtype: 'config-refused' });
    expect(told.at(-1)).to.equal('temporary-files: Left where they are: Failed removing it');
    expect(host.privates.size).to.equal(1);
  });

  it('is not asked of DSE, whose options are tried all the same', async () => {
    const dse = '/srv/node1/dse-6.8.36';
    for (const path of ['resources/cassandra/conf/cassandra.yaml', 'resources/dse/conf/dse.yaml'])
      host.files.set(`${dse}/${path}`, 'a: 1\n');
    host.files.set(`${dse}/resources/cassandra/conf/cassandra-env.sh`, '');
    host.files.set(`${dse}/resources/cassandra/conf/jvm-server.options`, '-XX:+UseNUMA\n');
    host.zipped.set(`${dse}/resources/cassandra/lib/dse-db-all-6.8.36.jar`, Buffer.alloc(0));
    const input = inputFor('configure', '/srv/node1', { product: 'dse', version: '6.8.36' });
    const { events } = await drive([validateConfig], { host, input });
    expect(events.at(-1)?.message).to.match(/^Not validated by dse 6\.8\.36 itself/);
    expect(host.ran.some((argv) => argv.includes('-XX:+UseNUMA'))).to.equal(true);
  });
});
