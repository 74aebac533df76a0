// The embedded server for real: started, kept, taken down with its coordinator, and held by one at a time.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../../coordinator/store/embedded/embedded-postgres.ts';
import { silentLogger } from '../../../../shared/log.ts';
import { eventually } from '../../../support/eventually.ts';

async function ask<Row>(server: Pick<EmbeddedPostgres, 'connection'>, statement: string): Promise<Row[]> {
  const client = new pg.Client(server.connection);
  await client.connect();
  try {
    return (await client.query(statement)).rows as Row[];
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', function () {
  this.timeout(60_000);
  let directory: string;
  const start = () =>
    startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres'), log: silentLogger });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'embedded-'));
    const { chmod } = await import('node:fs/promises');
    await chmod(directory, 0o755);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('keeps what was committed across a restart, with fsync on, and never as root', async () => {
    const first = await start();
    await ask(first, 'create table kept (n int)');
    await ask(first, 'insert into kept values (7)');
    const [pid] = await ask<{ pid: number }>(first, 'select pg_backend_pid() as pid');
    const status = await readFile(`/proc/${pid?.pid}/status`, 'utf8').catch(() => '');
    expect(status).to.not.match(/^Uid:\s+0\s/m);
    expect(await ask(first, 'show fsync')).to.deep.equal([{ fsync: 'on' }]);
    await first.stop();
    const second = await start();
    expect(await ask(second, 'select n from kept')).to.deep.equal([{ n: 7 }]);
    await second.stop();
  });

  it('refuses a second coordinator on the same directory, naming the first', async () => {
    const first = await start();
    const refused = await start().then(
      () => null,
      (error: Error) => error.message,
    );
    expect(refused).to.contain(`process ${process.pid}`);
    expect(await ask(first, 'select 1 as one')).to.deep.equal([{ one: 1 }]);
    await first.stop();
  });

  it('ends when its coordinator is killed, and the next start has every committed row', async () => {
    const script = `
      import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../../../../coordinator/store/embedded/embedded-postgres.ts', import.meta.url).href)};
      import { silentLogger } from ${JSON.stringify(new URL('../../../../shared/log.ts', import.meta.url).href)};
      import pg from 'pg';
      const server = await startEmbeddedPostgres({ dataDirectory: ${JSON.stringify(join(directory, 'postgres'))}, log: silentLogger });
      const client = new pg.Client(server.connection);
      await client.connect();
      await client.query('create table kept (n int)');
      await client.query('insert into kept values (7)');
      const { rows } = await client.query("select setting from pg_settings where name = 'data_directory'");
      console.log(rows[0].setting);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    const cluster = await eventually(
      () => {
        expect(output).to.contain('\n');
        return output.trim();
      },
      { withinMs: 30_000 },
    );
    const pid = Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0]);
    child.kill('SIGKILL');
    await eventually(() => expect(() => process.kill(pid, 0)).to.throw(), { withinMs: 15_000 });
    const next = await start();
    expect(await ask(next, 'select n from kept')).to.deep.equal([{ n: 7 }]);
    await next.stop();
  });
});
