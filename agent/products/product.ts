// What the agent has to know about a product that it installs from a tarball or from packages.
import type { ConfigLoader } from '../trial/loader-class.ts';

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
  /** What its daemon loads and checks its configuration with, before anything else; null: not by that alone */
  configLoader: ConfigLoader | null;
  package: PackageFacts;
}

/** All paths are absolute. */
export interface PackageFacts {
  /** The first is what was asked for; of the others those come along that the repository has in that version. */
  names: readonly [string, ...string[]];
  /** What an operator may have installed besides, and which depends on the very version of the others: upgraded with them. */
  companions: readonly string[];
  /** of systemd, or of /etc/init.d */
  service: string;
  /** what the paths of the config files are relative to: the first that is there */
  configDirectories: readonly string[];
  libraryDirectories: readonly string[];
  data: string;
  logs: string;
  /** which the database node runs as */
  user: string;
  /** which the database node runs as: it reads configuration that is not for everybody by it */
  group: string;
  /** The vendor's own repository for dnf. */
  rpmRepository(version: string): { url: string; keyUrl: string };
  /** The vendor's own repository for apt. */
  aptRepository(version: string): {
    url: string;
    keyUrl: string;
    dist: string;
    components: readonly string[];
  };
}
