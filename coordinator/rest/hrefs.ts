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

const addresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));

function firstRoutable(options: HrefOptions): string {
  const { listenHost } = options;
  if (listenHost !== '0.0.0.0' && listenHost !== '::') return listenHost;
  const outward = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  return outward?.address ?? '127.0.0.1';
}

const HOST = /^(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?$/i;

/** @returns scheme, host and port, without a trailing slash */
export function hrefBase(request: IncomingMessage, options: HrefOptions): string {
  if (options.publicUrl !== null) return options.publicUrl;
  const match = HOST.exec(request.headers.host ?? '');
  if (match !== null) {
    const host = (match[1] ?? '').toLowerCase();
    const bare = host.replace(/^\[|\]$/g, '');
    const ours = [
      'localhost',
      hostname().toLowerCase(),
      ...options.hostNames.map((name) => name.toLowerCase()),
      ...addresses(),
    ];
    if (ours.includes(bare)) return `http://${host}${match[2] === undefined ? '' : `:${match[2]}`}`;
  }
  const host = firstRoutable(options);
  return `http://${host.includes(':') ? `[${host}]` : host}:${options.listenPort()}`;
}
