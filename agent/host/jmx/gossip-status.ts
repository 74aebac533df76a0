// What FailureDetector prints of an endpoint, read: its status, and whether two spellings are one address.
import { isIPv6 } from 'node:net';

/**
 * Every status of one endpoint's state, a line each: `  STATUS:14:NORMAL,-9223…` from 3.x, and beside it
 * `  STATUS_WITH_PORT:13:NORMAL,…` from 4.0 on. The two change one after the other.
 */
export function gossipedStatuses(state: string): string[] {
  return [...state.matchAll(/^\s*STATUS(?:_WITH_PORT)?:(?:\d+:)?([A-Za-z_]+)/gm)].map(
    ([, status = '']) => status,
  );
}

/** The schema version of each endpoint that gossips one: a line `host/address`, then `  SCHEMA:20:4ce7…` below it. */
export function schemaVersions(states: string): Map<string, string> {
  const versions = new Map<string, string>();
  let address = '';
  for (const line of states.split('\n')) {
    const [, endpoint] = /^\S*\/(\S+)\s*$/.exec(line) ?? [];
    const [, version] = /^\s+SCHEMA:(?:\d+:)?([0-9a-f-]+)/.exec(line) ?? [];
    if (endpoint !== undefined) address = shortAddress(endpoint);
    else if (version !== undefined) versions.set(address, version);
  }
  return versions;
}

/** Java writes IPv6 in full (0:0:0:0:0:0:0:1), people do not. */
export const sameAddress = (one: string, other: string): boolean => shortAddress(one) === shortAddress(other);

/** One spelling for each address. */
export function shortAddress(address: string): string {
  const [bare = ''] = address.split('%'); // Java may add the interface
  return isIPv6(bare) ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : address;
}
