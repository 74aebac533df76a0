// A `host:port` that an agent dials: a DNS name, an IPv4 address, or an IPv6 address in brackets.
import { isIPv4, isIPv6 } from 'node:net';

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** A plain DNS name: no wildcard, no final dot, nothing that only looks like an address. */
export const isDnsName = (name: string): boolean =>
  name.length <= 253 && name.split('.').every((label) => LABEL.test(label)) && !/(?:^|\.)\d+$/.test(name);

/** An address without a zone (`%eth0` means nothing on another machine). */
export const isAddress = (name: string): boolean => isIPv4(name) || (isIPv6(name) && !name.includes('%'));

const BRACKETED = /^\[([^\]]+)\]:(\d{1,5})$/;
const PLAIN = /^([^:]+):(\d{1,5})$/;

/** Ports from 1 to 65,535. */
export function isEndpoint(text: string): boolean {
  const bracketed = BRACKETED.exec(text);
  const plain = PLAIN.exec(text);
  const port = Number(bracketed?.[2] ?? plain?.[2] ?? 0);
  if (port < 1 || port > 65_535) return false;
  if (bracketed !== null) return isAddress(bracketed[1] ?? '') && isIPv6(bracketed[1] ?? '');
  const host = plain?.[1] ?? '';
  return isIPv4(host) || isDnsName(host);
}
