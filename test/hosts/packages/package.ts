// What a test package holds, said once for dpkg and rpm; each has a builder of its own.

export interface TestPackage {
  name: string;
  version: string;
  /** exact ones as `{ name: version }`, any as `{ name: null }` */
  depends: Readonly<Record<string, string | null>>;
  /** names of others in whose place an RPM comes: they go when it is installed */
  obsoletes?: readonly string[];
  /** Puts the files below `root`. Those below etc/ but etc/init.d become configuration files that an upgrade asks about. */
  fill(root: string): Promise<void>;
  /** Those that it has though nothing lies in them, as paths below the root; `fill` makes them. */
  directories: readonly string[];
  /** Shell, run as root: of a Debian package before its files are unpacked, after each install and upgrade, and before a removal. */
  scripts: { beforeInstall?: string; afterInstall: string; beforeRemoval: string };
}
