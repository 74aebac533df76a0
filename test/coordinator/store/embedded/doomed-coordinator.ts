// A program that owns an embedded server and waits to be killed: <data directory> <shared directory> [<package> <user id>].
import { startEmbeddedPostgres } from '../../../../coordinator/store/embedded/embedded-postgres.ts';
import { platformPackage } from '../../../../coordinator/store/embedded/runtime.ts';
import { silentLogger } from '../../../../shared/log.ts';
import { ask, clusterOf } from './scratch.ts';

const [dataDirectory = '', sharedDirectory = '', packageDirectory = platformPackage(), userId] =
  process.argv.slice(2);
if (userId !== undefined) {
  // Not before everything is loaded: the checkout may be closed to that user.
  process.setgroups?.([]);
  process.setgid?.(Number(userId));
  process.setuid?.(Number(userId));
}
const options = { dataDirectory, sharedDirectory, packageDirectory, log: silentLogger };
const server = await startEmbeddedPostgres(options);
await ask(server, 'create table kept (n int)');
await ask(server, 'insert into kept values (7)');
const said = { connection: server.connection, cluster: await clusterOf(server) };
process.stdout.write(`${JSON.stringify(said)}\n`);
// Should the test itself be gone, nobody else would kill us.
process.stdin.resume().on('end', () => process.exit(1));
