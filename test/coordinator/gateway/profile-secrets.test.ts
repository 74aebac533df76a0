// Secrets of a profile on their way into a file: beside the run's input, past every disk but the file's own, again after a restart.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Recipe } from '../../../agent/steps/step.ts';
import { writeConfigFiles } from '../../../agent/steps/write-config-files.ts';
import { askDatabase } from '../../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { dumpDatabase, givesAway } from '../../support/dump-database.ts';
import { gatedStep } from '../../support/gated-step.ts';
import { heardLog } from '../../support/heard-log.ts';
import { becomes, sawEvent, subtypesOf } from '../../support/jobs.ts';
import { type LinkAgent, startLinkAgent } from '../../support/link-agent.ts';

const pristine = (name: string): Promise<string> =>
  readFile(new URL(`../../agent/config-files/pristine/${name}.txt`, import.meta.url), 'utf8');

describe('secrets of a profile on their way into a file', function () {
  this.timeout(60_000);
  const { log, lines } = heardLog();
  let coordinator: TestCoordinator;
  let ids: Awaited<ReturnType<typeof modelCluster>>;
  let agent: LinkAgent;
  let installed: string;
  const conf = (name: string): string => join(installed, 'cassandra-5.0.8', 'conf', name);

  const give = async (secret: string, rest: object = {}) => {
    const json = {
      'install-options': { 'install-type': 'tarball', 'install-directory': installed },
      'cassandra-yaml': {
        server_encryption_options: { keystore_password: `${secret}-Key`, truststore_password: 'Hush-Same' },
        ours: { api_key: `${secret}-Api` },
        'lcm-custom--cassandra-yaml': ['ours'],
      },
      'jvm-server-options': { 'additional-jvm-opts': [`-Dx.ssl.keyStorePassword=${secret}-Jvm`] },
      ...rest,
    };
    const { status, body } = await coordinator.call('PUT', `config_profiles/${ids.profileId}`, { json });
    expect(status, JSON.stringify(body)).to.equal(200);
  };
  const configure = async (): Promise<string> => {
    const body = { 'job-scope': 'cluster', 'resource-id': ids.clusterId };
    return (await coordinator.call('POST', 'actions/configure', body)).body.id;
  };
  const start = (recipe: Recipe, before?: LinkAgent) =>
    startLinkAgent('', recipe, { log, ...(before === undefined ? {} : { before }) });

  /** Everything on the agent's disk but the database node's own files. */
  const agentsDisk = async (): Promise<string> => {
    const entries = await readdir(agent.directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const texts = files.map((file) => readFile(join(file.parentPath, file.name), 'latin1'));
    return (await Promise.all(texts)).join('\n');
  };
  const expectNowhere = async (secrets: readonly string[]) => {
    const disk = await agentsDisk();
    const dump = await dumpDatabase(coordinator.databaseUrl);
    expect(dump).to.contain('install-directory');
    for (const secret of secrets)
      for (const [what, text] of Object.entries({ disk, dump, log: lines.join('\n') }))
        expect(givesAway(text, secret), `${secret} in the ${what}`).to.equal(false);
    return { disk, dump };
  };
  const diffsOf = async (jobId: string): Promise<string> => {
    const events = (await coordinator.call('GET', `jobs/${jobId}/job_events/`)).body.results;
    const written = events.filter((event: Record<string, string>) => event['message']?.startsWith('Wrote /'));
    const details = await Promise.all(
      written.map(async ({ id }: { id: string }) => (await coordinator.call('GET', `job_events/${id}`)).body),
    );
    return details.map(({ before, after }) => `${before.sha256} ${after.sha256}\n${after.diff}`).join('\n');
  };

  beforeEach(async () => {
    lines.length = 0;
    installed = await mkdtemp(join(tmpdir(), 'sealed-'));
    await mkdir(join(installed, 'cassandra-5.0.8', 'conf'), { recursive: true });
    for (const name of ['cassandra.yaml', 'cassandra-env.sh', 'jvm-server.options', 'logback.xml'])
      await writeFile(conf(name), await pristine(name), { mode: 0o644 });
    coordinator = await startTestCoordinator({ RINGMASTER_LOG_LEVEL: 'debug' }, { log });
    ids = await modelCluster(coordinator, 'c1', ['n1']);
    const { body } = await coordinator.call('POST', `nodes/${ids.nodeIds[0]}/enrolment`);
    agent = await startLinkAgent(body.bundle, () => [writeConfigFiles], { log });
  });
  afterEach(async () => {
    await agent.stop();
    await coordinator.remove();
    await rm(installed, { recursive: true, force: true });
  });

  it('are in the file, for its owner and group alone, and nowhere else; after a change that is told without them', async () => {
    await give('Hush-One');
    await becomes(coordinator, await configure(), 'COMPLETE');
    const yaml = await readFile(conf('cassandra.yaml'), 'utf8');
    expect(yaml).to.contain('keystore_password: Hush-One-Key').and.to.contain('api_key: Hush-One-Api');
    expect(await readFile(conf('jvm-server.options'), 'utf8')).to.contain(
      '-Dx.ssl.keyStorePassword=Hush-One-Jvm',
    );
    const modes = await Promise.all(
      ['cassandra.yaml', 'jvm-server.options', 'logback.xml'].map(
        async (name) => (await stat(conf(name))).mode,
      ),
    );
    expect(modes.map((mode) => (mode & 0o7777).toString(8))).to.deep.equal(['640', '640', '644']);

    await give('Hush-Two');
    const again = await configure();
    await becomes(coordinator, again, 'COMPLETE');
    expect(await readFile(conf('cassandra.yaml'), 'utf8')).to.contain('keystore_password: Hush-Two-Key');
    const diffs = await diffsOf(again);
    expect(diffs)
      .to.match(/^-.*keystore_password: \*{8}$/m)
      .and.to.match(/^\+.*keystore_password: \*{8}$/m);
    expect(diffs)
      .to.match(/^-.*api_key: \*{8}$/m)
      .and.to.match(/^\+-Dx.ssl.keyStorePassword=\*{8}$/m);
    // A digest of the file itself would tell whether a guess is right: nothing but the secrets differs.
    for (const [, old, fresh] of diffs.matchAll(/^(\w{64}) (\w{64})$/gm)) expect(old).to.equal(fresh);
    await expectNowhere(['Hush-One', 'Hush-Two', 'Hush-Same']);
    const left = await askDatabase(
      coordinator.databaseUrl,
      'select 1 from run where sealed_secrets is not null',
    );
    expect(left).to.deep.equal([]);

    const third = await configure();
    await becomes(coordinator, third, 'COMPLETE');
    expect(await diffsOf(third)).to.equal('');
  });

  it('come again when the agent was restarted in the middle of a run, as they were when it began', async () => {
    await agent.leave();
    const gate = gatedStep();
    agent = await start(() => [gate.step, writeConfigFiles], agent);
    await give('Hush-Before');
    const jobId = await configure();
    await sawEvent(coordinator, jobId, 'at-gate');
    await agent.leave();
    const { disk } = await expectNowhere(['Hush-Before', 'Hush-Same']);
    expect(disk).to.contain('configure-with-secrets').and.to.contain('install-directory');
    // The run is of the profile as it was.
    await give('Hush-After');
    agent = await start(() => [gate.step, writeConfigFiles], agent);
    gate.open();
    await becomes(coordinator, jobId, 'COMPLETE');
    expect(await readFile(conf('cassandra.yaml'), 'utf8'))
      .to.contain('keystore_password: Hush-Before-Key')
      .and.not.to.contain('********');
    await expectNowhere(['Hush-Before', 'Hush-After', 'Hush-Same']);
  });

  it('are not needed by a restart, and not by a profile that has none', async () => {
    await agent.leave();
    const given: object[] = [];
    const recipe: Recipe = ({ recipe: name }) => [
      {
        name: 'take-note',
        async *run({ secrets }) {
          yield { type: 'check', subtype: 'noted', resource: null, message: 'Noted', changes: false };
          given.push({ [name]: secrets.profile });
        },
      },
    ];
    agent = await start(recipe, agent);
    await give('Hush');
    const body = { 'job-scope': 'cluster', 'resource-id': ids.clusterId };
    await becomes(coordinator, (await coordinator.call('POST', 'actions/restart', body)).body.id, 'COMPLETE');
    await coordinator.call('PUT', `config_profiles/${ids.profileId}`, { json: {} });
    const jobId = await configure();
    await becomes(coordinator, jobId, 'COMPLETE');
    expect(await subtypesOf(coordinator, jobId)).to.include('noted');
    expect(given).to.deep.equal([{ restart: {} }, { configure: {} }]);
  });
});
