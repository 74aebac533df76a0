// The base of every href: the configured public URL, or a Host header that names this machine, never one that does not.
import type { IncomingMessage } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';

export interface HrefOptions {
  /** without a trailing slash */
  publicUrl: string | null;
  /** further names under which callers may reach us */
  hostNames: readonly string[];
  listenHost: string;
  listenPort: () => number;
}

/** To ask for them takes as long as a statement of the database, and they seldom change. */
const ADDRESSES_GOOD_MS = 10_000;
let addresses: ReadonlySet<string> = new Set();
let askedAt = Number.NEGATIVE_INFINITY;

function isOurAddress(text: string): boolean {
  if (addresses.has(text) && performance.now() - askedAt < ADDRESSES_GOOD_MS) return true;
  askedAt = performance.now();
  addresses = new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
  );
  return addresses.has(text);
}

function firstRoutable(options: HrefOptions): string {
  const { listenHost } = options;
  if (listenHost !== '0.0.0.0' && listenHost !== '::') return listenHost;
  const outward = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  return outward?.address ?? '127.0.0.1';
}

const HOST = /^(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?$/i;

/** @param host a name or an address, an IPv6 one with or without brackets */
export function isOurHost(host: string, { hostNames, publicUrl }: HrefOptions): boolean {
  const bare = host.toLowerCase().replace(/^\[|\]$/g, '');
  const named = publicUrl === null ? hostNames : [...hostNames, new URL(publicUrl).hostname];
  const ours = ['localhost', hostname(), ...named].map((name) => name.toLowerCase());
  return ours.includes(bare) || isOurAddress(bare);
}

/** @returns scheme, host and port, without a trailing slash */
export function hrefBase(request: IncomingMessage, options: HrefOptions): string {
  if (options.publicUrl !== null) return options.publicUrl;
  const match = HOST.exec(request.headers.host ?? '');
  if (match !== null) {
    const host = (match[1] ?? '').toLowerCase();
    if (isOurHost(host, options)) return `http://${host}${match[2] === undefined ? '' : `:${match[2]}`}`;
  }
  const host = firstRoutable(options);
  return `http://${host.includes(':') ? `[${host}]` : host}:${options.listenPort()}`;
}
