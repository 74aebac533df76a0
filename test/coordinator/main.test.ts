// The coordinator as a process: what it says when it cannot start, and what it leaves behind when it or its database is killed.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type CoordinatorProgram,
  spawnCoordinator,
  startCoordinatorProgram,
} from '../support/coordinator-program.ts';
import { eventually } from '../support/eventually.ts';
import { callerOf, postRestart } from '../support/jobs.ts';
import { followLive } from '../support/live-stream.ts';
import { makeScratch, type Scratch } from './store/embedded/scratch.ts';

describe('the coordinator process', function () {
  this.timeout(90_000);
  let scratch: Scratch;
  const ends: (() => Promise<unknown>)[] = [];
  before(async () => {
    scratch = await makeScratch();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  after(() => scratch.remove());

  /** With the embedded database, which all tests here take one after the other. */
  const ours = (env: Record<string, string> = {}) => ({ RINGMASTER_DATA_DIR: scratch.open, ...env });
  const start = async (): Promise<CoordinatorProgram> => {
    const program = await startCoordinatorProgram(ours());
    ends.push(() => program.remove());
    return program;
  };
  /** Pids of whatever was started for our data directory, zombies left out. */
  async function leftRunning(): Promise<number[]> {
    const found: number[] = [];
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
      const words = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
      if (words.includes(scratch.open)) found.push(Number(name));
    }
    return found;
  }
  const databasePid = async (): Promise<number> =>
    Number((await readFile(join(scratch.open, 'postgres/cluster/postmaster.pid'), 'utf8')).split('\n')[0]);
  /** What it said besides its log. */
  const plainLines = (program: CoordinatorProgram): string[] =>
    program
      .log()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{'));
  async function refusalOf(env: Record<string, string>, code = 1): Promise<string[]> {
    const program = await spawnCoordinator(env);
    ends.push(() => program.remove());
    expect(await program.ended).to.equal(code);
    return plainLines(program);
  }

  for (const setting of ['rest-port', 'grpc-port', 'enrol-port']) {
    it(`that finds its ${setting} in use says so in one line, and leaves nothing running`, async () => {
      const taken = await new Promise<Server>((resolve) => {
        const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
      });
      ends.push(async () => taken.close());
      const address = taken.address();
      const port = typeof address === 'object' && address !== null ? String(address.port) : '';
      const variable = `RINGMASTER_${setting.toUpperCase().replace('-', '_')}`;
      expect(await refusalOf(ours({ [variable]: port }))).to.deep.equal([
        `${setting}: 127.0.0.1:${port} is in use: choose another port with --${setting} or ${variable}`,
      ]);
      await eventually(async () => expect(await leftRunning()).to.deep.equal([]));
    });
  }

  it('that is given an address of another machine names the setting', async () => {
    expect(await refusalOf(ours({ RINGMASTER_GRPC_HOST: '192.0.2.1' }))).to.deep.equal([
      'grpc-host: 192.0.2.1 is no address of this machine: choose one with --grpc-host or RINGMASTER_GRPC_HOST',
    ]);
    await eventually(async () => expect(await leftRunning()).to.deep.equal([]));
  });

  it('that is given a file for its data directory names the setting, and ends with the code of bad settings', async () => {
    const file = join(scratch.open, 'file');
    await writeFile(file, '');
    expect(await refusalOf(ours({ RINGMASTER_DATA_DIR: file }), 78)).to.deep.equal([
      'bad configuration:',
      `  data-dir: ${file} is no directory: choose another with --data-dir or RINGMASTER_DATA_DIR`,
    ]);
    await rm(file);
  });

  it('that does not reach its database says which setting names it, and not the password', async () => {
    const [line, ...more] = await refusalOf({
      RINGMASTER_DATABASE_URL: 'postgres://ringmaster:s3cret@127.0.0.1:1/ringmaster',
    });
    expect(line).to.equal('database-url: the database cannot be reached: connect ECONNREFUSED 127.0.0.1:1');
    expect(more).to.deep.equal([]);
  });

  it('ends with code 1 when the embedded database dies by itself', async () => {
    const program = await start();
    process.kill(await databasePid(), 'SIGKILL');
    expect(await program.ended).to.equal(1);
    expect(program.log()).to.contain('the embedded database ended by itself');
    await eventually(async () => expect(await leftRunning()).to.deep.equal([]));
  });

  it('takes the embedded database with it when it is killed, and the next start goes on with what was committed', async () => {
    const program = await start();
    const made = await fetch(`${program.restUrl}/api/v1/lcm/clusters/`, {
      method: 'POST',
      body: '{"name":"kept"}',
    });
    expect(made.status).to.equal(201);
    program.child.kill('SIGKILL');
    const next = await start();
    const { body } = await callerOf(next.restUrl).call('GET', 'clusters/');
    expect(body.results.map(({ name }: { name: string }) => name)).to.deep.equal(['kept']);
    next.child.kill('SIGKILL');
    await eventually(async () => expect(await leftRunning()).to.deep.equal([]), { withinMs: 20_000 });
  });

  it('on SIGTERM ends with code 0, the database with it, and all it ever said was its log', async () => {
    const program = await start();
    const at = callerOf(program.restUrl);
    const made = async (path: string, body: unknown): Promise<string> =>
      (await at.call('POST', path, body)).body.id;
    const profile = await made('config_profiles/', { name: 'p', 'datastax-version': '6.8.0', json: {} });
    const cluster = await made('clusters/', { name: 'c', 'config-profile-id': profile });
    const datacenter = await made('datacenters/', { name: 'd', 'cluster-id': cluster });
    await made('nodes/', { name: 'n', 'datacenter-id': datacenter, 'ssh-management-address': '127.0.0.1' });
    const left = await followLive(program.restUrl, await postRestart(at, cluster));
    await eventually(() => expect(left.statuses).to.deep.equal(['PENDING']));
    left.close();
    await left.ended;
    program.child.kill('SIGTERM');
    expect(await program.ended).to.equal(0);
    await eventually(async () => expect(await leftRunning()).to.deep.equal([]));
    expect(plainLines(program)).to.deep.equal([]);
  });
});
