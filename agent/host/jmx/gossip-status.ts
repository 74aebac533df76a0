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

/** Java writes IPv6 in full (0:0:0:0:0:0:0:1), people do not. */
export const sameAddress = (one: string, other: string): boolean => canonical(one) === canonical(other);

function canonical(address: string): string {
  const [bare = ''] = address.split('%'); // Java may add the interface
  return isIPv6(bare) ? new URL(`http://[${bare}]`).hostname : address;
}
