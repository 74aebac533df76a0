// Where a DSE tarball keeps its things, which Java it takes, and how it is started.
import type { ProductFacts } from './product.ts';

export const dse: ProductFacts = {
  launcher: 'bin/dse',
  launcherArguments: ['cassandra'],
  configDirectory: '.', // its files lie below resources/<component>/conf
  cassandraConfigDirectory: 'resources/cassandra/conf',
  homeVariable: 'DSE_HOME',
  javaMajors: (version) => (/^6\.9/.test(version) ? [11] : /^6\.8/.test(version) ? [8, 11] : [8]),
};
