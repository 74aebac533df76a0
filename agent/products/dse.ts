// Where a DSE tarball keeps its things, which Java it takes, and how it is started.
import type { ProductFacts } from './product.ts';

export const dse: ProductFacts = {
  launcher: 'bin/dse',
  launcherArguments: ['cassandra'],
  configDirectory: '.', // its files lie below resources/<component>/conf
  cassandraConfigDirectory: 'resources/cassandra/conf',
  homeVariable: 'DSE_HOME',
  libraryDirectory: 'resources/cassandra/lib',
  databaseJar: /^(?:dse-db-all-(\d.*)|cassandra-all-\d.*)\.jar$/, // since 6.0, and 5.1, which names Cassandra's version
  javaMajors: (version) => (/^6\.9/.test(version) ? [11] : /^6\.8/.test(version) ? [8, 11] : [8]),
};
