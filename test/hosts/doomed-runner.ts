// A runner of one host that says where the host is and then waits to be killed.
import { basename } from 'node:path';
import { startHosts } from './bed/start-hosts.ts';

const bed = await startHosts({ one: 'deb' });
const said = { bridge: basename(bed.directory), directory: bed.directory, init: String(bed.hosts.one.pid) };
process.stdout.write(JSON.stringify(said));
setInterval(() => {}, 1_000_000);
