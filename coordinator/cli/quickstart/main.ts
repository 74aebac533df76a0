// npm run quickstart: a ring of three real Cassandra nodes on this machine, installed and restarted by Ringmaster before your eyes.
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pc from 'picocolors';
import { reasonOf } from '../../../shared/errors.ts';
import { CONFIG_VARIABLES } from '../../../shared/program-settings/lists.ts';
import { exitCodeOf } from '../../../shared/program-settings/read.ts';
import { usageOf } from '../../../shared/program-settings/usage.ts';
import { type Json, RestClient } from '../rest-client.ts';
import { paintStatus } from '../terminal/colours.ts';
import { CASSANDRA_VERSION, makeCassandraTarball, tarballCacheDirectory } from './cassandra-tarball.ts';
import { checkRingPorts } from './free-ports.ts';
import { ensurePrerequisites } from './prerequisites.ts';
import { Programs } from './programs.ts';
import { modelRing, RING_NAME, type Ring, removeEarlierRings } from './ring-model.ts';
import { endEarlierRun, inRunDirectory, removeEarlierRuns } from './run-directory.ts';
import { type QuickstartConfig, readQuickstartConfig, SETTINGS } from './settings.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function configOrEnd(): QuickstartConfig {
  if (process.argv.includes('--help')) {
    const headline =
      'npm run quickstart -- [settings]: a ring of Cassandra nodes on this machine, installed and restarted by Ringmaster.';
    say(usageOf(headline, SETTINGS, { variable: CONFIG_VARIABLES.coordinator, fallback: '' }));
    process.exit(0);
  }
  try {
    return readQuickstartConfig(process.argv.slice(2), process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(exitCodeOf(error));
  }
}
const config = configOrEnd();
const { once: endsByItself, directory } = config;

const abort = new AbortController();
const programs = new Programs(directory, abort.signal);

const coloured = (status: string): string => paintStatus(pc, status);

/** Runs one job and prints what its nodes tell. @throws when it does not end COMPLETE */
async function runJob(rest: RestClient, ring: Ring, type: string): Promise<void> {
  const names = new Map(ring.nodes.map((node) => [node.id, node.name]));
  const job = await rest.post(`actions/${type}`, {
    'job-type': type,
    'job-scope': 'cluster',
    'resource-id': ring.clusterId,
  });
  say(`\n${pc.bold(`${type} job`)} ${pc.dim(String(job['id']))}`);
  const startedMs = Date.now();
  let reason = '';
  const ending = rest.follow(
    String(job['id']),
    (kind, data) => {
      if (kind === 'job') {
        const waiting = data['waiting-for'] as Json | null;
        say(
          `  ${pc.dim('job'.padEnd(8))} ${coloured(String(data['status']))}${waiting === null ? '' : ` ${pc.dim(String(waiting['what']))}`}`,
        );
        return;
      }
      if (data['event-type'] === 'error') reason = String(data['message']);
      const shown = data['event-type'] !== 'check' || data['changes'] === true;
      if (!shown) return;
      const mark =
        data['event-type'] === 'error'
          ? pc.red('✗')
          : data['changes'] === true
            ? pc.yellow('~')
            : pc.green('✓');
      const at = ((Date.now() - startedMs) / 1000).toFixed(1).padStart(6);
      say(
        `  ${(names.get(String(data['node-id'])) ?? 'job').padEnd(8)} ${mark} ${pc.dim(`${at} s`)} ${String(data['message'])}`,
      );
    },
    abort.signal,
  );
  ending.catch(() => {}); // of no interest once a program has ended
  const status = await Promise.race([ending, programs.broken]);
  say(`  ${coloured(status)} after ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  if (status !== 'COMPLETE')
    throw new Error(`the ${type} job ended ${status}${reason === '' ? '' : `: ${reason}`}`);
}

const agentOf = ({ name }: Ring['nodes'][number]): string => `agent of ${name}`;

async function main(): Promise<void> {
  const { javaHome } = await ensurePrerequisites(say);
  const tarball = await makeCassandraTarball({
    version: CASSANDRA_VERSION,
    cacheDirectory: tarballCacheDirectory(),
    log: say,
  });

  const loopback = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  if (!loopback.some(({ address }) => address === '127.0.0.1'))
    throw new Error('this machine has no loopback address 127.0.0.1');
  await endEarlierRun(directory, say);
  await checkRingPorts(config);
  const log = (name: string): string => join(directory, 'logs', `${name}.log`);
  // Its own word, not an answer on the port: another coordinator may have that, and must not be given our ring.
  const before = existsSync(log('coordinator')) ? readFileSync(log('coordinator'), 'utf8').length : 0;
  programs.start('coordinator', 'coordinator/main', [], config.coordinatorEnvironment, log('coordinator'));
  let url = '';
  await programs.waitFor('the coordinator', async () => {
    const said = readFileSync(log('coordinator'), 'utf8').slice(before).split('\n');
    const ready = said.find((line) => line.includes('"message":"coordinator ready"'));
    if (ready !== undefined) url = String((JSON.parse(ready) as Json)['address']);
    return ready !== undefined;
  });
  const rest = new RestClient(`${url}/api/v2/lcm`);
  await removeEarlierRings(rest, say);
  await removeEarlierRuns(directory, say);
  const ring = await modelRing(rest, {
    name: `${RING_NAME}${Date.now().toString(36)}`,
    tarballUrl: pathToFileURL(tarball.path).href,
    version: tarball.version,
    directory: join(directory, 'nodes', Date.now().toString(36)),
    addresses: config.addresses,
    jmxPorts: config.jmxPorts,
    nativePort: config.nativePort,
    storagePort: config.storagePort,
  });
  for (const node of ring.nodes) {
    const bundle = String((await rest.post(`nodes/${node.id}/enrolment`))['bundle']);
    const data = join(directory, 'agents', node.id);
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const bundleFile = join(data, 'enrolment');
    writeFileSync(bundleFile, bundle, { mode: 0o600 });
    const env = {
      RINGMASTER_AGENT_DATA_DIR: data,
      RINGMASTER_ENROLMENT: bundleFile,
      RINGMASTER_AGENT_CONFIG: '', // what another agent of this host is told is not for ours
      RINGMASTER_COORDINATORS: '',
      // The coordinator's secrets are none of theirs.
      RINGMASTER_MASTER_KEY: '',
      RINGMASTER_DATABASE_URL: '',
      JAVA_HOME: javaHome,
    };
    programs.start(agentOf(node), 'agent/main', ['run'], env, log(`agent-${node.name}`));
  }
  await programs.waitFor('the agents', async () => {
    const nodes = await rest.list(`clusters/${ring.clusterId}/nodes/`);
    return nodes.every((node) => (node['agent'] as Json)['connected'] === true);
  });
  await runJob(rest, ring, 'install');
  await runJob(rest, ring, 'restart');
  const kept = `What this run made stays in ${directory} until the next one.`;
  if (endsByItself) return say(kept);
  programs.startAgain(ring.nodes.map(agentOf), say);
  say(`
${pc.green('Everything is up.')} Look at it in a browser: ${pc.bold(`${url}/`)}
The API is at ${pc.bold(`${url}/api/v1/lcm/`)}; Ctrl-C stops all of it. Try:

  curl ${url}/api/v1/lcm/jobs/
  curl -X POST -d '{"job-scope":"cluster","resource-id":"${ring.clusterId}"}' ${url}/api/v1/lcm/actions/restart
  curl -N ${url}/api/v1/lcm/jobs/JOB-ID/stream

${kept}
`);
  await Promise.race([once(abort.signal, 'abort'), programs.broken]);
}

let code = 0;
const interrupted = (): void => {
  code = endsByItself ? 130 : 0;
  abort.abort();
};
process.on('SIGINT', interrupted);
process.on('SIGTERM', interrupted);
process.on('SIGHUP', interrupted);
process.stdout.on('error', () => {}); // the terminal was closed; what runs is still to be ended
async function mainAndStop(): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!abort.signal.aborted) {
      code = 1;
      process.stderr.write(`${pc.red('The quickstart failed:')} ${reasonOf(error)}\n`);
    }
  }
  abort.abort();
  if (!endsByItself) say('Stopping what was started …');
  await programs.stop();
}
try {
  await inRunDirectory(directory, mainAndStop);
} catch (error) {
  code = 1;
  process.stderr.write(`${pc.red('The quickstart failed:')} ${reasonOf(error)}\n`);
}
process.exit(code);
