// Restarts and configures a ring of three hosts from packages at every strategy, and fails where a query of a LOCAL_QUORUM client fails.
// Only with all three at once, whatever the gate says, one has to. Half an hour.

import { AGENT_FILES } from '../hosts/bed/agents.ts';
import { PackagedCluster } from '../hosts/bed/packaged-cluster.ts';
import { startHosts } from '../hosts/bed/start-hosts.ts';
import { cassandraPackage } from '../hosts/packages/database-packages.ts';
import { Repository } from '../hosts/packages/repository.ts';
import { SigningKey } from '../hosts/packages/signing-key.ts';
import { mochaHooks } from '../support/database.ts';
import { UNDER_CLIENT } from '../support/quorum-client.ts';
import { report } from './report.ts';
import { AT_ONCE, assertUnnoticed, Watch } from './safe/rolls.ts';

const VERSION = '5.0.8';
const NATIVE_PORT = 9042;

const key = await SigningKey.make();
const bed = await startHosts({ one: 'deb', two: 'deb', three: 'deb' }, AGENT_FILES);
let cluster: PackagedCluster | null = null;
try {
  const packages = [await cassandraPackage(VERSION, 'deb')];
  const { url } = await Repository.open(bed, 'apt', { flavour: 'deb', key, packages });
  const hosts = Object.values(bed.hosts);
  const ring = await PackagedCluster.make(bed, hosts, {
    product: 'cassandra',
    version: VERSION,
    repository: { 'repo-url': url, 'repo-key-url': `${url}/key.asc`, 'deb-dist': './' },
    profile: { 'cassandra-yaml': UNDER_CLIENT },
  });
  cluster = ring;
  await ring.job('install');
  const watch = new Watch({ nativePort: NATIVE_PORT, addresses: hosts.map(({ address }) => address) });
  const rolls = await watch.everyStrategy(
    (type, options) => ring.job(type, 'COMPLETE', options),
    (number) => ring.set({ 'cassandra-yaml': { concurrent_reads: number } }),
  );
  const control = await watch.under('control', () => ring.job('restart', 'COMPLETE', AT_ONCE));
  const sum = (of: 'failed' | 'done'): number => rolls.reduce((all, seen) => all + seen[of], 0);
  report({
    name: 'safe-hosts',
    value: sum('failed'),
    unit: 'failed queries',
    limit: control.failed,
    ratio: sum('failed') / control.failed,
    more: { rolls: rolls.length, done: sum('done') },
  });
  assertUnnoticed(rolls, control);
} finally {
  await cluster?.stop();
  await bed.stop();
  await key.remove();
  await mochaHooks.afterAll();
}
// The driver keeps a timer of a host that it lost sight of, for ever.
process.exit();
