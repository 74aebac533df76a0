// The operator's own file of servers and tokens: ~/.config/ringmaster/config.yaml, readable by its owner alone.
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { CliFailure } from './exit.ts';

export interface Server {
  url: string;
  token?: string;
}
export interface ConfigFile {
  /** the one that is spoken to unless told otherwise */
  current: string | null;
  servers: Readonly<Record<string, Server>>;
}

const NOTHING: ConfigFile = { current: null, servers: {} };

export function configPath(env: Readonly<Record<string, string | undefined>>): string {
  const own = env['XDG_CONFIG_HOME'];
  // The XDG specification: what is not absolute is ignored.
  const base = own?.startsWith('/') ? own : join(env['HOME'] ?? '/', '.config');
  return join(base, 'ringmaster', 'config.yaml');
}

/** Without what may be a secret: all before an @, and all from a query on. */
export const shownUrl = (url: string): string =>
  url.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1').replace(/[?#].*/s, '');

/** @returns what is wrong, with nothing secret in it; null when it is a URL of a server */
export function urlProblem(url: string): string | null {
  const about = `"${shownUrl(url)}"`;
  if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol))
    return `${about} must be a URL such as http://127.0.0.1:8888`;
  const { username, password, search, hash } = new URL(url);
  if (username !== '' || password !== '')
    return `${about} must be given without a user name and password: \`ringmaster login\` asks for them`;
  return search === '' && hash === '' ? null : `${about} must be given without a query or a fragment`;
}

function checked(value: unknown, problems: string[]): ConfigFile {
  if (value === null || value === undefined) return NOTHING;
  const isMap = (thing: unknown): thing is Record<string, unknown> =>
    typeof thing === 'object' && thing !== null && !Array.isArray(thing);
  if (!isMap(value)) {
    problems.push('must be a map of "current" and "servers"');
    return NOTHING;
  }
  for (const key of Object.keys(value))
    if (!['current', 'servers'].includes(key)) problems.push(`${key} is unknown; there are current, servers`);
  const { current = null, servers = {} } = value;
  const found: [string, Server][] = [];
  if (!isMap(servers)) problems.push('servers must be a map of names');
  else
    for (const [name, entry] of Object.entries(servers)) {
      const { url, token } = isMap(entry) ? entry : {};
      const wrong = typeof url === 'string' ? urlProblem(url) : 'is missing';
      if (wrong !== null) problems.push(`servers.${name}.url ${wrong}`);
      if (token !== undefined && typeof token !== 'string')
        problems.push(`servers.${name}.token must be text`);
      found.push([name, { url: String(url), ...(typeof token === 'string' ? { token } : {}) }]);
    }
  if (current !== null && !found.some(([name]) => name === current))
    problems.push(`current names no server of the file: ${String(current)}`);
  return { current: current === null ? null : String(current), servers: Object.fromEntries(found) };
}

/** An absent file is an empty one. @throws CliFailure usage: unreadable, wrong, or tokens that others can read */
export function readConfigFile(path: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
    throw new CliFailure('usage', `${path} cannot be read: ${(error as Error).message}`);
  }
  const problems: string[] = [];
  let file = NOTHING;
  try {
    file = checked(parse(text), problems);
  } catch {
    // Without the parser's words: they quote the file, and the file holds tokens.
    problems.push('is not YAML');
  }
  if (problems.length > 0) throw new CliFailure('usage', `${path} is not valid`, problems);
  const hasTokens = Object.values(file.servers).some(({ token }) => token !== undefined);
  if (hasTokens && (statSync(path).mode & 0o077) !== 0)
    throw new CliFailure('usage', `${path} holds tokens and can be read by others`, [`chmod 600 ${path}`]);
  return file;
}

export function writeConfigFile(path: string, file: ConfigFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}.new`;
  writeFileSync(beside, stringify(file), { mode: 0o600 });
  chmodSync(beside, 0o600);
  renameSync(beside, path);
}

/** As it is spoken to: without the path of the API. */
const bareUrl = (url: string): string => url.replace(/\/+$/, '').replace(/\/api\/v\d+\/lcm$/, '');

/** Keeps a session token with every server of this URL, making one known when there is none; null takes it away. */
export function keepToken(path: string, url: string, token: string | null): void {
  const file = readConfigFile(path);
  const of = (server: Server): Server => ({ url: server.url, ...(token === null ? {} : { token }) });
  const same = Object.entries(file.servers).filter(([, server]) => bareUrl(server.url) === bareUrl(url));
  if (same.length === 0 && token === null) return;
  const { hostname, port } = new URL(url);
  const name = `${hostname.replaceAll(/[^\w.-]/g, '')}${port === '' ? '' : `-${port}`}`;
  const kept = same.length === 0 ? [[name, of({ url })] as const] : same.map(([at, one]) => [at, of(one)]);
  writeConfigFile(path, { ...file, servers: { ...file.servers, ...Object.fromEntries(kept) } });
}

/** Where to speak to and with which token: --server, then RINGMASTER_URL, then the file's current one, then this machine. */
export function chooseServer(
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  path: string,
): { url: string; token: string | null } {
  const file = readConfigFile(path);
  const ours = env['RINGMASTER_URL'] || undefined;
  const given = flag ?? ours ?? file.current ?? 'http://127.0.0.1:8888';
  const named = Object.hasOwn(file.servers, given) ? file.servers[given] : undefined;
  if (named === undefined) {
    const wrong = urlProblem(given);
    const from = flag === undefined ? 'RINGMASTER_URL' : '--server';
    if (wrong !== null && given.includes('://')) throw new CliFailure('usage', `${from}: ${wrong}`);
    if (wrong !== null)
      throw new CliFailure(
        'usage',
        `${from}: ${shownUrl(given)} is neither the name of a server nor the URL of one`,
        [wrong, '`ringmaster server list` shows the known ones; `ringmaster server add NAME URL` makes one'],
      );
  }
  const url = bareUrl(named?.url ?? given);
  const entry = named ?? Object.values(file.servers).find((server) => bareUrl(server.url) === url);
  return { url, token: (env['RINGMASTER_TOKEN'] || undefined) ?? entry?.token ?? null };
}
