// What a restart makes of files that its node may not read, has not, or is not to be started with, on a machine in memory.
import { expect } from 'chai';
import { StepFailed } from '../../../shared/errors.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { failureOf } from '../../support/failure-of.ts';
import { HOME, type JavaHost, REFUSES, said } from '../../support/java-host.ts';
import { EditedFiles, TRIAL } from './edited-files.ts';

const YAML = `${HOME}/conf/cassandra.yaml`;
const SHELL = `${HOME}/conf/cassandra-env.sh`;
const OPTIONS = `${HOME}/conf/jvm-server.options`;
const DRY_RUN = { recipe: 'check', dryRun: { of: 'restart', onlyStale: false } } as const;

describe('the files that a node is to be started with', () => {
  let edited: EditedFiles;
  let host: JavaHost;
  let told: string[];
  beforeEach(() => {
    edited = new EditedFiles();
    ({ host, told } = edited);
  });

  const run = (...given: Parameters<EditedFiles['run']>) => edited.run(...given);
  const edit = (path: string, text: string) => edited.edit(path, text);
  const loads = () => edited.loads();
  const notValidated = () => told.filter((one) => one.startsWith('config-not-validated: ')).join('\n');
  /** As a link, the target's text and all. */
  const link = (path: string): void => {
    const { readText } = host;
    host.readText = async (asked) => {
      if (asked === path) throw new StepFailed('symlink-refused', `${path} is a symbolic link`);
      return await readText(asked);
    };
  };

  describe('where its user may not read one', () => {
    it('fail the run and its dry-run before leave is asked for, and say whom to let read it', async () => {
      for (const path of [YAML, SHELL, OPTIONS]) {
        await edit(path, 'a: 1\n');
        host.says.set(`test -r ${path}`, said(1, ''));
        for (const given of [{}, DRY_RUN]) {
          const failure = await failureOf(run(given));
          expect(failure).to.include({ subtype: 'config-unreadable', resource: path });
          expect(failure.message).to.equal(
            `${path} may not be read by this agent's own user, as which the database node starts. The database node was left as it is: let that user read the file, and enter the directories that it is in (chown or chmod)`,
          );
        }
        host.says.clear();
      }
      expect(host.done).to.deep.equal([]);
    });

    it('fail it as well where we are that user, and where it is a link', async () => {
      await edit(YAML, 'a: 1\n');
      host.says.set(`test -r ${YAML}`, said(1, ''));
      const { readText } = host;
      host.readText = async (path) => {
        if (path === YAML) throw new StepFailed('file-failed', `Failed reading ${path}: EACCES`);
        return await readText(path);
      };
      expect((await failureOf(run())).subtype).to.equal('config-unreadable');
      link(YAML);
      expect((await failureOf(run())).subtype).to.equal('config-unreadable');
    });

    it('fail it though none was changed, where the way to all of them was closed; not where the node reads others', async () => {
      host.says.set(`test -r ${YAML}`, said(1, ''));
      const { changedMs, readText } = host;
      const refuse = (path: string): void => {
        if (path === YAML) throw new StepFailed('file-failed', `Failed looking at ${path}: EACCES`);
      };
      host.readText = async (path) => {
        refuse(path);
        return await readText(path);
      };
      host.changedMs = async (path) => {
        refuse(path);
        return await changedMs(path);
      };
      for (const given of [{}, DRY_RUN])
        expect(await failureOf(run(given))).to.include({ subtype: 'config-unreadable', resource: YAML });
      Object.assign(host, { changedMs, readText });
      expect(host.done).to.deep.equal([]);
      const { pid } = host.startNode();
      host.programs.set(pid, { path: '/java', uids: [], words: ['-cp', '/etc/cassandra'] });
      host.files.set(`${HOME}/bin/cassandra.in.sh`, 'CASSANDRA_CONF=/etc/cassandra\n');
      await run();
      expect(host.done).to.include('spawn');
    });

    it('are no obstacle where the node may have no use for it, and told of as not validated', async () => {
      await edit(`${HOME}/conf/jvm.options`, '-ea\n');
      host.says.set(`test -r ${HOME}/conf/jvm.options`, said(1, ''));
      await run();
      expect(notValidated()).to.contain(`${HOME}/conf/jvm.options may not be read by`);
    });

    it('are told of as not validated where that cannot be asked', async () => {
      await edit(YAML, 'a: 1\n');
      host.says.set(`test -r ${YAML}`, said(127, 'setpriv: not permitted'));
      await run();
      expect(notValidated()).to.contain(`Failed looking at ${YAML} as this agent's own user: setpriv: not`);
      expect(loads()).to.deep.equal([]);
    });

    it('fail a configure too, whose files keep the rights that they had, before it stops anything', async () => {
      host.says.set(`test -r ${YAML}`, said(1, ''));
      const failure = await failureOf(run({ recipe: 'configure' }));
      expect(failure).to.include({ subtype: 'config-unreadable', resource: YAML });
      expect(host.done).to.not.include('SIGTERM');
      host.says.set(`test -r ${YAML}`, said(127, 'setpriv: not permitted'));
      await run({ recipe: 'configure' });
      expect(host.done).to.include('SIGTERM');
    });
  });

  it('are missed where cassandra-env.sh is gone, without which the node would come back as another', async () => {
    host.files.delete(SHELL);
    await edit(YAML, 'a: 1\n');
    const failure = await failureOf(run());
    expect(failure).to.include({ subtype: 'config-file-missing', resource: SHELL });
    expect(failure.message).to.equal(
      `${SHELL} is not there, or leads to no file, and the database node would come back without its heap and its JMX port. It was left as it is: put that file back`,
    );
    expect(host.done).to.deep.equal([]);
  });

  it('are not tried where the start script names another directory, whatever runs; by what it has unless it is told they are', async () => {
    await edit(YAML, 'no_such_key: 1\n');
    host.says.set(TRIAL, said(77, `${REFUSES}no`));
    const script = (text: string) =>
      void host.files.set(`${HOME}/bin/cassandra.in.sh`, `#CASSANDRA_CONF=/srv\n${text}\n`);
    const runsBy = (directory: string) =>
      void host.programs.set(host.startNode().pid, { path: '/java', uids: [], words: ['-cp', directory] });
    for (const line of ['CASSANDRA_CONF=/etc/cassandra', '  export CASSANDRA_CONF="$HOME/conf" # ours']) {
      script(line);
      for (const directory of ['/etc/cassandra', `${HOME}/conf`]) {
        runsBy(directory);
        await run();
      }
    }
    host.running = null;
    await run();
    expect(host.done.filter((what) => what === 'spawn')).to.have.length(5);
    for (const line of [
      'if [ "x$CASSANDRA_CONF" = "x" ]; then\n    CASSANDRA_CONF=/etc/cassandra\nfi\n',
      'CASSANDRA_CONF="$CASSANDRA_HOME/conf"',
      `CASSANDRA_CONF=\${CASSANDRA_CONF:-/etc/cassandra}`,
    ]) {
      script(line);
      runsBy('/etc/cassandra');
      expect((await failureOf(run())).subtype, line).to.equal('config-refused');
    }
  });

  describe('where cassandra.yaml has bytes that are no UTF-8', () => {
    const bytes = Buffer.from('a: 1\n# caf\xe9\n', 'latin1');
    beforeEach(async () => {
      await edit(YAML, bytes.toString());
      const { readText } = host;
      host.readText = async (path, _, encoding) =>
        path === YAML ? bytes.toString(encoding) : await readText(path);
    });

    it('are read by its version as they are, whose refusal tells where they stand', async () => {
      host.says.set(TRIAL, said(77, `${REFUSES}Input length = 1`));
      const failure = await failureOf(run());
      expect(failure.message).to.contain(
        `(${YAML}): line 2 of its cassandra.yaml has bytes that are no UTF-8 (Input length = 1). The`,
      );
      const tried = Buffer.from(host.tried.at(-1)?.get('conf/cassandra.yaml') ?? '');
      expect(tried.subarray(0, bytes.length).equals(bytes)).to.equal(true);
      expect(tried.toString()).to.match(/\nringmaster_tries_whether_this_is_read: true\n$/);
    });

    it('are never said to be taken, by a version that reads them or through a link', async () => {
      host.says.set(TRIAL, said(77, `${REFUSES}remove [ringmaster_tries_whether_this_is_read]`));
      await run();
      expect(notValidated()).to.contain(': line 2 of its cassandra.yaml has bytes that are no UTF-8');
      told.length = 0;
      await edit(YAML, 'a: 1\n');
      link(YAML);
      host.says.set('grep', { exitCode: 0, stdout: bytes.toString(), stderr: '' });
      await run();
      expect(notValidated()).to.contain(': its cassandra.yaml has bytes that are no UTF-8');
      expect(loads()).to.have.length(1);
    });
  });

  it('are taken with a character that only looks like a replaced one', async () => {
    await edit(YAML, '# \uFFFD\na: 1\n');
    const { readText } = host;
    host.readText = async (path, _, encoding) => Buffer.from((await readText(path)) ?? '').toString(encoding);
    await run();
    expect(told).to.include('config-values: cassandra 5.0.8 takes it');
    expect(String(host.tried.at(-1)?.get('conf/cassandra.yaml'))).to.equal('# \uFFFD\na: 1\n');
  });

  it('are tried of a tarball wherever the node that runs has its own, since the next start is ours', async () => {
    const { pid } = host.startNode();
    host.programs.set(pid, { path: '/java', uids: [], words: ['-cp', '/elsewhere/conf:/srv/node1/x'] });
    host.says.set(TRIAL, said(77, `${REFUSES}no`));
    expect((await failureOf(run())).subtype).to.equal('config-refused');
    expect(host.done).to.deep.equal([]);
  });

  it('are missed there too, and where only the one that runs was told to read another', async () => {
    const { pid } = host.startNode();
    host.programs.set(pid, { path: '/java', uids: [], words: ['-Dcassandra.config=file:/x'] });
    await edit(OPTIONS, '# -Dcassandra.config=file:/x\n');
    host.files.delete(YAML);
    expect((await failureOf(run())).subtype).to.equal('config-file-missing');
  });

  it('are said to have been looked at, before and after leave, where nothing changed', async () => {
    await run();
    expect(told.filter((one) => one.startsWith('config-values: '))).to.deep.equal([
      'config-values: Checking if what the database node would start with is what it runs with',
      'config-values: The database node runs with the files that are there: nothing is to be tried',
      'config-values: Checking if what the database node would start with was changed since it was looked at',
      'config-values: Nothing has changed since it was looked at before leave was asked for',
    ]);
  });

  it('are written by a configure, as a refusal says, where a job has written them and does so still', async () => {
    const pushed = JSON.stringify({ [YAML]: { sha256: '', on: '' } });
    host.files.set('/srv/node1/run/pushed.json', pushed);
    await edit(YAML, 'no_such_key: 1\n');
    host.says.set(TRIAL, said(77, `${REFUSES}no`));
    const advice = async (given: Partial<RunInput> = {}) =>
      (await failureOf(run(given))).message.split(': correct that file').at(-1);
    expect(await advice()).to.equal(', or have a configure write it as the config profile has it');
    const profile = { 'cassandra-yaml': { 'lcm-manage--cassandra-yaml': false } };
    expect(await advice({ profile }), 'managed by hand').to.equal('');
    host.says.set('grep', { exitCode: 0, stdout: 'no_such_key: 1\n', stderr: '' });
    link(YAML);
    expect(await advice(), 'a link').to.equal('');
  });

  describe('with options that Java refuses', () => {
    beforeEach(async () => {
      await edit(OPTIONS, '-XX:+UseZGC\n');
      host.says.set('-XX:+UseZGC', said(1, "Error: VM option 'UseZGC' is experimental and must be enabled"));
    });

    it('are no obstacle where lines of the start script may have it take them', async () => {
      expect((await failureOf(run())).subtype).to.equal('config-refused');
      await edit(SHELL, 'JVM_OPTS="$JVM_OPTS -XX:+UnlockExperimentalVMOptions"\n');
      await run();
      expect(notValidated()).to.contain(
        "lines of the start script may have it take them; without those Java says: Error: VM option 'UseZGC'",
      );
    });

    it('are refused whatever secret there is a part of what Java says', async () => {
      const secrets = { profile: { '/cassandra-yaml/keystore_password': 'VM option' } };
      const failure = await failureOf(run({}, { secrets }));
      expect(failure.message).to.contain(`(${OPTIONS}): Error: ******** 'UseZGC' is experimental`);
    });
  });

  it('are refused whatever secret is a part of a name in what their version says', async () => {
    await edit(YAML, 'no_such_key: 1\n');
    host.says.set(TRIAL, said(77, `${REFUSES}Please remove [no_such_key] of apache\n\tat org.apache.X(X:1)`));
    const secretsOf = (secret: string) => ({
      secrets: { profile: { '/cassandra-yaml/a_password': secret } },
    });
    const { message, traceback } = await failureOf(run({}, secretsOf('apache')));
    expect(message).to.contain(`(${YAML}): Please remove [no_such_key] of ********. The`);
    expect(traceback).to.contain('org.********.cassandra').and.to.not.contain('apache');
    await edit(OPTIONS, '-Dcassandra.some=true\n');
    expect((await failureOf(run({}, secretsOf('cassandra')))).message).to.contain('of apache. The');
  });
});
