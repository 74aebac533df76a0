// Asks a coordinator of its own, with a real session, all that schemathesis makes up from the API's document; fails on any finding.
// Usage, after a build: node .config/fuzz/run.mjs [--cases 500] [--seed 1]
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startProgram } from '../../dist/coordinator/cli/quickstart/processes.js';

const FOLDER = dirname(fileURLToPath(import.meta.url));
const READY_WITHIN_MS = 60_000;
/** More than are needed: one that is asked for with a header that is refused is lost, and one whose cluster a job holds. */
const SPARES = 8;
/** With the least cases, on a machine that has other things to do. */
const LONGEST_S = 1_500;
/** About as many as there are in the end. */
const STEPS_A_SCENARIO = 10;

/** @throws Error for what is no whole number above 0 */
function whole(name, text) {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`--${name} must be a whole number above 0, not ${text}`);
}

const run = (program, argv) => {
  const { status, error } = spawnSync(program, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')} failed`, { cause: error });
};

/** The tool, in a folder named after its requirements: installed once, and again when they change or it was cut short. */
function installed() {
  const requirements = join(FOLDER, 'requirements.txt');
  const name = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const directory = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ringmaster', 'fuzz', name);
  // Its python is a link to one that may be gone.
  if (!['is-whole', 'bin/python'].every((part) => existsSync(join(directory, part)))) {
    run('python3', ['-m', 'venv', '--clear', directory]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--require-hashes', '--only-binary', ':all:'];
    run(join(directory, 'bin/python'), [...pip, '--requirement', requirements]);
    writeFileSync(join(directory, 'is-whole'), '');
  }
  return join(directory, 'bin/schemathesis');
}

/** A client that is signed in. */
async function signedIn(url, password) {
  const call = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  };
  const { sessionid } = await call('POST', '/login', { username: 'admin', password });
  const post = (path, body) => call('POST', `/api/v2/lcm/${path}`, body, { 'opscenter-session': sessionid });
  return { sessionid, post };
}

/** A model, a job that is over and one that waits for agents; what is made up alone would hardly come so far. @returns ids by collection */
async function makeModel(post) {
  const made = async (path, body) => (await post(path, body)).id;
  const repositories = [await made('repositories/', { name: 'fuzz', 'repo-url': 'file:///nowhere/dse.tar' })];
  const profiles = [await made('config_profiles/', { name: 'fuzz', 'datastax-version': '6.8.36' })];
  const credentials = [await made('machine_credentials/', { name: 'fuzz' })];
  const clusters = [
    await made('clusters/', {
      name: 'fuzz',
      'repository-id': repositories[0],
      'config-profile-id': profiles[0],
      'machine-credential-id': credentials[0],
    }),
  ];
  const datacenters = [await made('datacenters/', { name: 'fuzz', 'cluster-id': clusters[0] })];
  const nodes = [];
  for (const address of ['192.0.2.1', '192.0.2.2'])
    nodes.push(await made('nodes/', { 'datacenter-id': datacenters[0], 'ssh-management-address': address }));
  const times = { cron: '0 1 * * *', duration: 240 };
  const windows = [await made('maintenance_windows/', { name: 'fuzz', 'cluster-id': clusters[0], ...times })];
  const nightly = { name: 'fuzz', 'job-type': 'check', cron: '0 1 * * *' };
  const schedules = [await made('job_schedules/', { 'cluster-id': clusters[0], ...nightly })];
  const scope = { 'job-scope': 'cluster', 'resource-id': clusters[0] };
  const jobs = [await made('actions/restart', scope), await made('actions/install', scope)];
  await post('actions/terminate', { 'job-id': jobs[0] });
  return {
    repositories,
    config_profiles: profiles,
    machine_credentials: credentials,
    clusters,
    datacenters,
    nodes,
    maintenance_windows: windows,
    job_schedules: schedules,
    jobs,
  };
}

/** Records that nothing else needs, so that they can be deleted. @returns ids by collection */
async function makeSpares(post) {
  const { id: cluster } = await post('clusters/', { name: 'spare' });
  const kinds = {
    repositories: (name) => ({ name, 'repo-url': 'file:///nowhere/dse.tar' }),
    config_profiles: (name) => ({ name, 'datastax-version': '6.8.36' }),
    machine_credentials: (name) => ({ name }),
    clusters: (name) => ({ name }),
    datacenters: (name) => ({ name, 'cluster-id': cluster }),
    // Each in a cluster of its own: a job that is made up for one of them holds that one.
    nodes: async (name, number) => {
      const { id: alone } = await post('clusters/', { name: `${name}-alone` });
      const { id: datacenter } = await post('datacenters/', { name, 'cluster-id': alone });
      return { 'datacenter-id': datacenter, 'ssh-management-address': `198.51.100.${number}` };
    },
    maintenance_windows: (name) => ({
      name,
      'cluster-id': cluster,
      kind: 'freeze',
      from: '2026-12-24T18:00:00Z',
    }),
    job_schedules: (name) => ({ name, 'cluster-id': cluster, 'job-type': 'check', cron: '0 1 * * *' }),
  };
  const spares = {};
  for (const [path, body] of Object.entries(kinds)) {
    spares[path] = [];
    for (let number = 1; number <= SPARES; number += 1)
      spares[path].push((await post(`${path}/`, await body(`spare-${number}`, number))).id);
  }
  return spares;
}

/** @returns the exit code: 0 when nothing was found */
async function fuzz(schemathesis, { cases, seed }) {
  const directory = mkdtempSync(join(tmpdir(), 'ringmaster-fuzz-'));
  chmodSync(directory, 0o755); // the embedded database's user has to get there
  const password = randomUUID();
  writeFileSync(join(directory, 'password'), password, { mode: 0o600 });
  const logPath = join(directory, 'log');
  const coordinator = startProgram(
    'coordinator',
    'coordinator/main',
    [],
    {
      RINGMASTER_AUTH: 'on',
      RINGMASTER_ADMIN_PASSWORD_FILE: join(directory, 'password'),
      RINGMASTER_DATA_DIR: join(directory, 'data'),
      RINGMASTER_GRPC_HOST: '127.0.0.1',
      RINGMASTER_REST_PORT: '0',
      RINGMASTER_GRPC_PORT: '0',
      RINGMASTER_ENROL_PORT: '0',
    },
    logPath,
  );
  const logged = () => readFileSync(logPath, 'utf8').split('\n');
  try {
    let ready;
    for (const end = Date.now() + READY_WITHIN_MS; ready === undefined; await wait(100)) {
      ready = logged().find((line) => line.includes('"coordinator ready"'));
      if (coordinator.child.exitCode !== null || Date.now() > end)
        throw new Error(`the coordinator does not start:\n${logged().join('\n')}`);
    }
    const { address } = JSON.parse(ready);
    const { sessionid, post } = await signedIn(address, password);
    const model = await makeModel(post);
    const spares = await makeSpares(post);
    const document = await (await fetch(`${address}/openapi.json`)).json();
    const operations = Object.values(document.paths).flatMap((methods) => Object.keys(methods)).length;
    const settings = join(directory, 'schemathesis.toml');
    const scenarios = Math.ceil(cases / STEPS_A_SCENARIO);
    writeFileSync(
      settings,
      `${readFileSync(join(FOLDER, 'schemathesis.toml'), 'utf8')}\n[phases.stateful.generation]\nmax-examples = ${scenarios}\n`,
    );
    const argv = [
      ...['--config-file', settings, '--no-color', 'run', `${address}/openapi.json`],
      ...['--checks', 'all', '--phases', 'examples,coverage,fuzzing,stateful', '--seed', String(seed)],
      // Of each operation, beside what the coverage of its schemas takes.
      ...['--max-examples', String(Math.ceil(cases / operations)), '--generation-database', 'none'],
    ];
    const child = spawn(schemathesis, argv, {
      cwd: directory,
      timeout: (LONGEST_S + cases) * 1_000, // a coordinator that has stopped would be asked all the same
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        PYTHONDONTWRITEBYTECODE: '1',
        RINGMASTER_FUZZ_HOOKS: join(FOLDER, 'hooks.py'),
        RINGMASTER_FUZZ_SESSION: sessionid,
        RINGMASTER_FUZZ_MODEL: JSON.stringify(model),
        RINGMASTER_FUZZ_SPARE: JSON.stringify(spares),
      },
    });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    const [code] = await once(child, 'exit');
    const errors = logged().filter((line) => line.includes('"level":"error"'));
    if (errors.length > 0) console.error(`the coordinator logged errors:\n${errors.slice(0, 20).join('\n')}`);
    return code === 0 && errors.length === 0 ? 0 : 1;
  } finally {
    await coordinator.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

// Nobody's own database is to be filled with this.
for (const name of Object.keys(process.env)) if (name.startsWith('RINGMASTER_')) delete process.env[name];
const { values } = parseArgs({
  options: { cases: { type: 'string', default: '500' }, seed: { type: 'string', default: '1' } },
});
const given = { cases: whole('cases', values.cases), seed: whole('seed', values.seed) };
process.exitCode = await fuzz(installed(), given);
