// What the agent has to know about a product that it installs from a tarball.

/** All paths are relative to the product's home, the unpacked tarball. */
export interface ProductFacts {
  launcher: string;
  /** before `-f -p <pid file>` */
  launcherArguments: readonly string[];
  /** what the paths of the config files are relative to */
  configDirectory: string;
  /** CASSANDRA_CONF */
  cassandraConfigDirectory: string;
  homeVariable: string;
  /** where the database's own jar lies, and what it is called there */
  libraryDirectory: string;
  /** its first group is the product's version, where the name says it */
  databaseJar: RegExp;
  /** The major versions of Java that this version of the product starts on. */
  javaMajors(version: string): readonly number[];
}
