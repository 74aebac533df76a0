// A program that owns an embedded server and waits to be killed: <data directory> <shared directory>.
import { startEmbeddedPostgres } from '../../../../coordinator/store/embedded/embedded-postgres.ts';
import { silentLogger } from '../../../../shared/log.ts';
import { ask, clusterOf } from './scratch.ts';

const [dataDirectory = '', sharedDirectory = ''] = process.argv.slice(2);
const server = await startEmbeddedPostgres({ dataDirectory, sharedDirectory, log: silentLogger });
await ask(server, 'create table kept (n int)');
await ask(server, 'insert into kept values (7)');
const said = { connection: server.connection, cluster: await clusterOf(server) };
process.stdout.write(`${JSON.stringify(said)}\n`);
// Should the test itself be gone, nobody else would kill us.
process.stdin.resume().on('end', () => process.exit(1));
