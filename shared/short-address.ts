// One spelling for each address, whoever writes it: IPv6 in its short form, without an interface.
import { isIPv6 } from 'node:net';

export function shortAddress(address: string): string {
  const [bare = ''] = address.split('%'); // Java may add the interface
  return isIPv6(bare) ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : address;
}
