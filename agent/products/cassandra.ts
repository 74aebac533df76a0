// Where an Apache Cassandra tarball keeps its things, which Java it takes, and how it is started.
import type { ProductFacts } from './product.ts';

export const cassandra: ProductFacts = {
  launcher: 'bin/cassandra',
  launcherArguments: [],
  configDirectory: 'conf',
  cassandraConfigDirectory: 'conf',
  homeVariable: 'CASSANDRA_HOME',
  libraryDirectory: 'lib',
  databaseJar: /^(?:apache-cassandra|cassandra-all)-(\d.*)\.jar$/, // as released, and as Maven names it
  // doc/build notes of each release: 4.0 and 4.1 call 17 experimental, yet start on it; 5.0 dropped 8
  javaMajors: (version) => {
    if (/^[0-3]\./.test(version)) return [8];
    if (/^4\./.test(version)) return [8, 11, 17];
    return [11, 17];
  },
  // since 3.10, of 4.1 and 5.0 held by tests
  configLoader: {
    className: 'org/apache/cassandra/config/DatabaseDescriptor',
    method: 'daemonInitialization',
  },
  package: {
    names: ['cassandra'],
    companions: ['cassandra-tools'],
    service: 'cassandra',
    configDirectories: ['/etc/cassandra/conf', '/etc/cassandra'], // the RPM's is one of alternatives(8)
    libraryDirectories: ['/usr/share/cassandra', '/usr/share/cassandra/lib'],
    data: '/var/lib/cassandra',
    logs: '/var/log/cassandra',
    user: 'cassandra',
    group: 'cassandra',
    // as below
    rpmRepository: (version) => ({
      url: `https://redhat.cassandra.apache.org/${version.split('.').slice(0, 2).join('')}x/`,
      keyUrl: 'https://downloads.apache.org/cassandra/KEYS',
    }),
    // cassandra.apache.org, "Installing Cassandra": a distribution for each series
    aptRepository: (version) => ({
      url: 'https://debian.cassandra.apache.org',
      keyUrl: 'https://downloads.apache.org/cassandra/KEYS',
      dist: `${version.split('.').slice(0, 2).join('')}x`,
      components: ['main'],
    }),
  },
};
