// What a shell is told when TAB is pressed, and bash doing so for real.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { COMPLETION_SCRIPTS } from '../../../../coordinator/cli/completion/scripts.ts';
import { STRATEGIES } from '../../../../shared/job-options.ts';
import { cli, cliArgv } from '../../../support/cli.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../../support/coordinator.ts';

describe('shell completion', function () {
  this.timeout(30_000);
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator();
    await modelCluster(coordinator, 'prod', ['n1', 'n2']);
    await coordinator.call('POST', 'clusters/', { name: 'two words' });
  });
  after(() => coordinator.remove());

  const completed = async (line: string, url = coordinator.restUrl): Promise<string[]> => {
    const { code, out, err } = await cli(url, ['complete', '--', ...line.split(' ')]);
    expect([code, err]).to.deep.equal([0, '']);
    return out
      .split('\n')
      .slice(0, -1)
      .map((candidate) => candidate.split('\t')[0] ?? '');
  };

  for (const [line, words] of [
    ['job r', ['run', 'retry', 'resume']],
    ['job run ', ['install', 'configure', 'restart', 'upgrade', 'check']],
    ['job run install --auto', ['--auto-bootstrap']],
    ['job run restart --concurrency-strategy ', [...STRATEGIES]],
    ['job run restart --cluster ', ['prod', 'two words']],
    ['job run restart --continue-on-error --datacenter p', ['prod/dc1']],
    ['-o json node show ', ['prod/dc1/n1', 'prod/dc1/n2']],
    ['node show prod/dc1/n1 ', []],
    ['cluster set prod --config-profile ', ['prod-profile']],
    ['node set x --seed t', ['true']],
    ['job list --o', ['--output']],
    ['job list -o ', ['table', 'wide', 'json', 'yaml']],
    ['apply -f ', [':files']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['settings set adoption-window=1 inst', ['install-idle-timeout=']],
    ['nonsense ', []],
    ['repo create r --password', ['--password-from']],
  ] as const)
    it(`offers ${words.join(', ') || 'nothing'} after "${line}"`, async () => {
      expect(await completed(line)).to.deep.equal(words);
    });

  it('offers the newest jobs by their ids', async () => {
    const { out } = await cli(coordinator.restUrl, ['job', 'run', 'restart', '--cluster', 'prod', '-q']);
    expect(await completed('job watch ')).to.deep.equal([out.trim()]);
  });

  it('offers nothing, and says nothing, where the coordinator cannot be reached', async () => {
    expect(await completed('cluster show ', 'http://127.0.0.1:1')).to.deep.equal([]);
  });

  it('completes in bash, blanks and all', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'bash-'));
    const program = join(directory, 'ringmaster');
    await writeFile(
      program,
      `#!/bin/sh\nexec ${cliArgv()
        .map((word) => `'${word}'`)
        .join(' ')} "$@"\n`,
    );
    await chmod(program, 0o755);
    await writeFile(join(directory, 'completion.bash'), COMPLETION_SCRIPTS.bash);
    const ask = `source ${directory}/completion.bash
      COMP_WORDS=(${program} cluster show '') COMP_CWORD=3
      _ringmaster; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p ringmaster`;
    const { stdout } = await promisify(execFile)('bash', ['-c', ask], {
      env: { ...process.env, HOME: '/nonexistent', RINGMASTER_URL: coordinator.restUrl },
    });
    await rm(directory, { recursive: true, force: true });
    expect(stdout.split('\n')).to.deep.equal([
      'prod',
      'two\\ words',
      'complete -F _ringmaster ringmaster',
      '',
    ]);
  });
});
