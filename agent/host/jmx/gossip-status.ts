// What FailureDetector prints of an endpoint, read: its status, and whether two spellings are one address.
import { shortAddress } from '../../../shared/short-address.ts';

/**
 * Every status of one endpoint's state, a line each: `  STATUS:14:NORMAL,-9223…` from 3.x, and beside it
 * `  STATUS_WITH_PORT:13:NORMAL,…` from 4.0 on. The two change one after the other.
 */
export function gossipedStatuses(state: string): string[] {
  return [...state.matchAll(/^\s*STATUS(?:_WITH_PORT)?:(?:\d+:)?([A-Za-z_]+)/gm)].map(
    ([, status = '']) => status,
  );
}

/** One state of each endpoint that gossips it: a line `host/address`, then `  SCHEMA:20:4ce7…` below it. */
function gossiped(states: string, line: RegExp): Map<string, string> {
  const found = new Map<string, string>();
  let address = '';
  for (const text of states.split('\n')) {
    const [, endpoint] = /^\S*\/(\S+)\s*$/.exec(text) ?? [];
    const [, value] = line.exec(text) ?? [];
    if (endpoint !== undefined) address = shortAddress(endpoint);
    else if (value !== undefined) found.set(address, value);
  }
  return found;
}

/** By address. */
export const schemaVersions = (states: string): Map<string, string> =>
  gossiped(states, /^\s+SCHEMA:(?:\d+:)?([0-9a-f-]+)/);

/** `5.0.8` by address. */
export const gossipedReleases = (states: string): Map<string, string> =>
  gossiped(states, /^\s+RELEASE_VERSION:(?:\d+:)?(\S+)/);

/**
 * How many versions of the schema those nodes have that could agree: a node takes none from one with another first number of
 * its version (MigrationCoordinator), whose digest is of other tables.
 */
export function schemasAmong(states: string, nodes: readonly string[]): number {
  const releases = gossipedReleases(states);
  const byMajor = new Map<string, Set<string>>();
  for (const [node, version] of schemaVersions(states)) {
    if (!nodes.includes(node)) continue;
    const [major = ''] = (releases.get(node) ?? '').split('.');
    byMajor.set(major, (byMajor.get(major) ?? new Set()).add(version));
  }
  return Math.max(0, ...[...byMajor.values()].map(({ size }) => size));
}

/** Java writes IPv6 in full (0:0:0:0:0:0:0:1), people do not. */
export const sameAddress = (one: string, other: string): boolean => shortAddress(one) === shortAddress(other);
