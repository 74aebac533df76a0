// A restart of a node whose files were changed on its host, on a machine in memory: its version is asked first, and only then.
import { expect } from 'chai';
import { StepFailed } from '../../../shared/errors.ts';
import { failureOf } from '../../support/failure-of.ts';
import { HOME, type JavaHost, REFUSES, said } from '../../support/java-host.ts';
import { EditedFiles, TRIAL } from './edited-files.ts';
import type { DriveOptions } from './step-driver.ts';

const YAML = `${HOME}/conf/cassandra.yaml`;
const OPTIONS = `${HOME}/conf/jvm-server.options`;

describe('the files that a restart finds', () => {
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
  const refuses = (why: string) => host.says.set(TRIAL, said(77, `${REFUSES}${why}`));

  it('are not tried where the node runs with them: a restart then starts no Java', async () => {
    await run();
    await run({ recipe: 'check', dryRun: { of: 'restart', onlyStale: false } });
    expect(host.ran).to.deep.equal([]);
    expect(host.done).to.include.members(['SIGTERM', 'spawn']);
  });

  it('are tried as they are, away from the node, where one was edited, and the restart goes on', async () => {
    await edit(YAML, 'cluster_name: testing\nhints_directory: /srv/h\n');
    await run();
    expect(loads()).to.have.length(1);
    const text = String(host.tried.at(-1)?.get('conf/cassandra.yaml'));
    expect(text).to.match(/^hints_directory: "?\/tmp\/ringmaster-config-[\w-]+\/work\/root\/srv\/h"?$/m);
    expect(told).to.include('config-values: cassandra 5.0.8 takes it');
    expect(host.done).to.include.members(['SIGTERM', 'spawn']);
    expect(host.privates.size).to.equal(0);
  });

  it('fail the run before leave is asked for and anything is stopped, with what the version says of them', async () => {
    await edit(YAML, 'keystore_password: "geheim1"\nno_such_key: 1\n');
    refuses('Invalid yaml. Please remove properties [no_such_key] geheim1');
    let asked = false;
    const askLeave: DriveOptions['askLeave'] = async function* () {
      asked = true;
      yield { verdict: 'allowed', message: 'yes', notes: [] };
    };
    const failure = await failureOf(run({}, { askLeave }));
    expect(failure).to.include({ subtype: 'config-refused', resource: YAML });
    expect(failure.message).to.equal(
      `cassandra 5.0.8 does not start with the configuration that is there (${YAML}): Invalid yaml. Please remove properties [no_such_key] ********. The database node was left as it is: correct that file`,
    );
    expect(failure.traceback).to.contain('no_such_key').and.to.not.contain('geheim1');
    expect(failure.detail['problems']).to.have.nested.property('[0].pointer', null);
    expect([asked, host.done]).to.deep.equal([false, []]);
  });

  it('fail a dry-run too, that goes on to its last word', async () => {
    await edit(YAML, 'no_such_key: 1\n');
    refuses('no');
    const failure = await failureOf(run({ recipe: 'check', dryRun: { of: 'restart', onlyStale: false } }));
    expect(failure.subtype).to.equal('config-refused');
    expect(told.at(-1)).to.match(
      /^check-summary: Cassandra 5\.0\.8 would not start with that, and the job fails before it stops the node;.*left running$/,
    );
    expect(host.done).to.deep.equal([]);
  });

  it('are tried of a node that is down, which is not started with what is refused', async () => {
    host.running = null;
    refuses('no');
    expect((await failureOf(run())).subtype).to.equal('config-refused');
    expect(host.done).to.deep.equal([]);
  });

  it('are missed before the stop where cassandra.yaml is gone, and named', async () => {
    host.files.delete(YAML);
    for (const given of [{}, { recipe: 'check', dryRun: { of: 'restart', onlyStale: false } }] as const) {
      const failure = await failureOf(run(given));
      expect(failure).to.include({ subtype: 'config-file-missing', resource: YAML });
      expect(failure.message).to.equal(
        `${YAML} is not there, or leads to no file, and the database node does not start without it. It was left as it is: put that file back`,
      );
    }
    expect(host.done).to.deep.equal([]);
  });

  it('are looked at again once leave has come, and tried where they changed meanwhile', async () => {
    refuses('no');
    const askLeave: DriveOptions['askLeave'] = async function* () {
      await edit(YAML, 'no_such_key: 1\n');
      yield { verdict: 'allowed', message: 'yes', notes: [] };
    };
    expect((await failureOf(run({}, { askLeave }))).subtype).to.equal('config-refused');
    expect(host.done).to.deep.equal([]);
  });

  it('are tried once, and not again after leave, where they stay as they were tried', async () => {
    await edit(YAML, 'concurrent_reads: 17\n');
    await run();
    expect(loads()).to.have.length(1);
  });

  it('name the file of an option that Java refuses', async () => {
    await edit(OPTIONS, '-XX:+Nonsense\n');
    host.says.set('-XX:+Nonsense', said(1, "Unrecognized VM option 'Nonsense'"));
    expect(await failureOf(run())).to.include({ subtype: 'config-refused', resource: OPTIONS });
    expect(loads()).to.deep.equal([]);
  });

  it('are read by the version itself where they are no YAML that we take apart', async () => {
    await edit(YAML, '  a: [1\n  keystore_password: geheim1\n');
    refuses(
      "Invalid yaml: file:/x\nCaused by: while parsing geheim1\n in 'reader', line 2, column 3:\n    x",
    );
    const { message } = await failureOf(run());
    expect(message).to.contain(`(${YAML}): while parsing ********. The`);
    const text = String(host.tried.at(-1)?.get('conf/cassandra.yaml'));
    expect(text).to.match(/^ {2}ringmaster_tries_whether_this_is_read: true$/m);
  });

  it('are no obstacle for our own key, whichever secret it has in it', async () => {
    await edit(YAML, 'a: &x 1\nb: *x\nkeystore_password: ringmaster\n');
    refuses('Please remove properties [ringmaster_tries_whether_this_is_read] from your cassandra.yaml');
    await run();
    expect(told.some((one) => /^config-not-validated: .* cannot be taken apart here/.test(one))).to.equal(
      true,
    );
  });

  it('are no obstacle where the version takes what we cannot take apart, or its files cannot be read', async () => {
    await edit(YAML, 'a: &x 1\nb: *x\n');
    refuses('Please remove properties [ringmaster_tries_whether_this_is_read] from your cassandra.yaml');
    await run();
    expect(
      told.some((one) =>
        /^config-not-validated: .*: its cassandra\.yaml cannot be taken apart here/.test(one),
      ),
    ).to.equal(true);
    host.ran.length = 0;
    await edit(YAML, '{a: 1}\n');
    await run();
    await edit(YAML, 'a: [1\n');
    await edit(OPTIONS, '-Dcassandra.config.loader=com.example.Loader\n');
    await run();
    expect(loads()).to.deep.equal([]);
    host.readText = async (path) => {
      if (path === YAML) throw new StepFailed('file-failed', `${path} is a symbolic link`);
      return host.files.get(path) ?? null;
    };
    await edit(YAML, '');
    await run();
    expect(told.some((one) => /^config-not-validated: .*is a symbolic link$/.test(one))).to.equal(true);
  });

  it('are not tried where the node reads others, nor by a run that an agent without this has begun', async () => {
    await edit(YAML, 'no_such_key: 1\n');
    refuses('no');
    const running = host.running ?? host.startNode();
    const words = ['-cp', `${HOME}/conf`, '-Dcassandra.config=file:/x'];
    host.programs.set(running.pid, { path: '/java', uids: [], words });
    await edit(OPTIONS, '-Dcassandra.config=file:/x\n');
    await run();
    expect(told.some((one) => one.endsWith('the database node reads its configuration elsewhere'))).to.equal(
      true,
    );
    await edit(YAML, 'no_such_key: 1\n');
    const results = new Map<string, unknown>([
      ['await-leave', { process: null, onMs: 0, upMs: 0, lapses: 0 }],
    ]);
    await run({}, { before: { results, notes: new Map() } });
    expect(loads()).to.deep.equal([]);
  });

  it('are not refused for what only lines of the start script may give the node', async () => {
    await edit(YAML, 'an_old_key: 1\n');
    await edit(`${HOME}/conf/cassandra-env.sh`, '  JVM_OPTS="$JVM_OPTS -Dcassandra.some=true"\n');
    refuses('Invalid yaml. Please remove properties [an_old_key]');
    await run();
    expect(told.join('\n')).to.match(/config-not-validated: .*: cassandra\.some may have more in the node/);
    expect(host.done).to.include.members(['SIGTERM', 'spawn']);
  });

  it('are not missed where the node is told to read another, wherever its class path leads', async () => {
    const { pid } = host.startNode();
    const words = ['-cp', `${HOME}/conf`, '-Dcassandra.config=file:/x'];
    host.programs.set(pid, { path: '/java', uids: [], words });
    host.files.set(`${HOME}/bin/cassandra.in.sh`, 'JVM_OPTS="$JVM_OPTS -Dcassandra.config=file:/x"\n');
    host.files.delete(YAML);
    await run();
    expect(told.some((one) => one.endsWith('the database node reads its configuration elsewhere'))).to.equal(
      true,
    );
  });

  it('are those that the node reads, however its start script spells their directory', async () => {
    const { pid } = host.startNode();
    host.programs.set(pid, { path: '/java', uids: [], words: ['-cp', `${HOME}/bin/../conf:${HOME}/lib`] });
    await edit(YAML, 'no_such_key: 1\n');
    refuses('no');
    expect((await failureOf(run())).subtype).to.equal('config-refused');
  });

  it('of DSE are no obstacle, since only the options of its JVM can be tried', async () => {
    const conf = '/srv/node1/dse-6.8.36/resources/cassandra/conf';
    host.files.set('/srv/node1/dse-6.8.36/bin/dse', '');
    const installed = { product: 'dse', version: '6.8.36' } as const;
    host.files.set('/srv/node1/installed.json', JSON.stringify(installed));
    await edit(`${conf}/cassandra.yaml`, 'no_such_key: 1\n');
    for (const name of [`${conf}/cassandra-env.sh`, '/srv/node1/dse-6.8.36/resources/dse/conf/dse.yaml'])
      host.files.set(name, '');
    await edit(`${conf}/jvm-server.options`, '-XX:+UseNUMA\n');
    await run(installed);
    expect(
      told.some((one) => /^config-not-validated: Not validated by dse 6\.8\.36 itself/.test(one)),
    ).to.equal(true);
    expect(host.ran.some((argv) => argv.includes('-XX:+UseNUMA'))).to.equal(true);
    expect(host.done).to.include.members(['SIGTERM', 'spawn']);
  });

  it('are not tried where only stale nodes are restarted and this one is not, though they change meanwhile', async () => {
    refuses('no');
    const onEvent: DriveOptions['onEvent'] = async ({ subtype }) => {
      if (subtype === 'not-stale') await edit(YAML, 'no_such_key: 1\n');
    };
    await run({ recipe: 'restart-stale' }, { onEvent });
    expect(host.ran).to.deep.equal([]);
  });

  describe('or that a configure leaves alone, since they are managed by hand', () => {
    const profile = { 'cassandra-yaml': { 'lcm-manage--cassandra-yaml': false } };
    const configure = () => run({ recipe: 'configure', profile });

    it('are those that are tried, and fail it before anything is written or stopped', async () => {
      await edit(YAML, 'no_such_key: 1\n');
      refuses('Please remove properties [no_such_key]');
      const failure = await failureOf(configure());
      expect(failure).to.include({ subtype: 'config-refused', resource: YAML });
      expect(failure.message).to.equal(
        `cassandra 5.0.8 does not start with a file that is managed by hand (${YAML}): Please remove properties [no_such_key]. Nothing was written, and the database node was left as it is: correct that file`,
      );
      expect(host.done.filter((done) => !done.includes('/pristine/'))).to.deep.equal([]);
      expect(String(host.tried.at(-1)?.get('conf/cassandra.yaml'))).to.equal('no_such_key: 1\n');
    });

    it('are told of, with what is not written into them, by the job and by its dry-run', async () => {
      const left = `file-left-to-hand: ${YAML} is managed by hand (lcm-manage--cassandra-yaml is false): it is left as it is`;
      await configure();
      await run({ recipe: 'check', profile });
      expect(told.filter((one) => one === left)).to.have.length(2);
      const more = { 'cassandra-yaml': { ...profile['cassandra-yaml'], concurrent_reads: 17 } };
      await run({ recipe: 'configure', profile: more });
      expect(told).to.include(`${left}, and what the profile sets in it is not written`);
    });

    it('are missed where they are gone', async () => {
      host.files.delete(YAML);
      expect(await failureOf(configure())).to.include({ subtype: 'config-file-missing', resource: YAML });
      expect(host.running).to.not.equal(null);
    });

    it('are tried anew once they were changed, and not while the node runs with them', async () => {
      await configure();
      host.ran.length = 0;
      await configure();
      expect(told).to.include('config-values: The database node runs with this very configuration');
      expect(loads()).to.deep.equal([]);
      await edit(YAML, 'concurrent_reads: 17\n');
      await configure();
      expect(loads()).to.have.length(1);
    });

    it('are no obstacle where they cannot be read', async () => {
      const { readText } = host;
      host.readText = async (path) => {
        if (path === YAML) throw new StepFailed('file-failed', `${path} is a symbolic link`);
        return await readText(path);
      };
      await configure();
      expect(told.some((one) => /^config-not-validated: .*is a symbolic link$/.test(one))).to.equal(true);
    });
  });
});
