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
  configLoader: null, // its own authenticators are put together by what has read dse.yaml
  package: {
    // DSE's own guide names each: apt would take the newest of what dse-full depends on
    names: [
      'dse-full',
      'dse',
      'dse-hive',
      'dse-libcassandra',
      'dse-libgraph',
      'dse-libhadoop2-client',
      'dse-libhadoop2-client-native',
      'dse-liblog4j',
      'dse-libsolr',
      'dse-libspark',
      'dse-libtomcat',
    ],
    companions: ['dse-demos'],
    service: 'dse',
    configDirectories: ['/etc'],
    libraryDirectories: ['/usr/share/dse/cassandra/lib'],
    data: '/var/lib/cassandra',
    logs: '/var/log/cassandra',
    user: 'cassandra',
    group: 'cassandra',
    rpmRepository: () => ({
      url: 'https://rpm.datastax.com/enterprise',
      keyUrl: 'https://rpm.datastax.com/rpm/repo_key',
    }),
    aptRepository: () => ({
      url: 'https://debian.datastax.com/enterprise',
      keyUrl: 'https://debian.datastax.com/debian/repo_key',
      dist: 'stable',
      components: ['main'],
    }),
  },
};
