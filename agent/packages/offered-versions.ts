// Which versions of packages apt knows of, read from `apt-cache madison`, and which of them is the product's version.

/** By name, newest first, as apt-cache(8) has them: `name | version | origin`. */
export function offeredVersions(madison: string): Map<string, string[]> {
  const offered = new Map<string, string[]>();
  for (const line of madison.split('\n')) {
    const [name = '', version = '', origin = ''] = line.split('|').map((part) => part.trim());
    if (name === '' || version === '' || !origin.endsWith('Packages')) continue;
    offered.set(name, [...(offered.get(name) ?? []), version]);
  }
  return offered;
}

/** Packages have a revision behind the product's version, or none: 6.8.50-1 is DSE 6.8.50, and 6.8.5 is not. */
export const isVersionOf = (packaged: string, version: string): boolean =>
  packaged === version ||
  (packaged.startsWith(`${version}-`) && /^[\d.]+$/.test(packaged.slice(version.length + 1)));

/** The product's version that a package is of: what it has before its revision. */
export const productVersion = (packaged: string): string => packaged.replace(/-[\d.]+$/, '');
