// Makes the packages' repository known to apt: its line, its signing key, and whatever it asks of who reads it.
import { StepFailed } from '../../shared/errors.ts';
import { shownUrl } from '../../shared/mask.ts';
import { layoutOf, PRODUCTS } from '../products/index.ts';
import { isUpgrade, type Step, type StepContext } from './step.ts';
import { changed, looked } from './telling.ts';
import { dueUpgrade } from './upgrade-need.ts';
import { leaving } from './waiting.ts';

/** The original's name for it. */
export const SOURCE_LIST = '/etc/apt/sources.list.d/opsc.list';
const KEYRING = '/etc/apt/keyrings/opsc.asc';
const CREDENTIALS = '/etc/apt/auth.conf.d/opsc.conf';

export interface AptSource {
  url: string;
  keyUrl: string;
  dist: string;
  components: readonly string[];
}

/** Of a directory of packages, whose name ends in a slash, there are no components: sources.list(5). */
export const sourceLine = ({ url, dist, components }: AptSource): string =>
  `deb [signed-by=${KEYRING}] ${[url, dist, ...(dist.endsWith('/') ? [] : components)].join(' ')}\n`;

/** apt_auth.conf(5): without a scheme a machine stands for https alone. */
export function credentialsText(url: string, username: string, password: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `machine ${protocol}//${host}${pathname} login ${username} password ${password}\n`;
}

export type PackageRepository = NonNullable<StepContext['input']['packageRepository']>;

/** What is not told of a repository is as its vendor has it; where the URL is the vendor's own, so are the distributions. */
export function aptSourceOf(input: StepContext['input'], told: PackageRepository): AptSource {
  const vendor = PRODUCTS[input.product].package.aptRepository(input.version);
  const keyUrl = told.keyUrl ?? vendor.keyUrl;
  if (told.url === null) return { ...vendor, keyUrl };
  return { url: told.url, keyUrl, dist: told.dist, components: told.components };
}

async function keyOf(context: StepContext, source: AptSource, told: PackageRepository): Promise<string> {
  const { host, input, secrets } = context;
  const { keyUrl, url } = source;
  const { downloads } = layoutOf(input);
  await host.ensureDirectory(downloads, 0o755);
  const path = `${downloads}/repository-key.asc`;
  // the password is that of the repository, and of no other server
  const isOwn = new URL(keyUrl).origin === new URL(url).origin;
  await host.download(keyUrl, path, {
    withinMs: input.limits.downloadMs,
    username: isOwn ? told.username : null,
    password: isOwn ? secrets.repositoryPassword : null,
    signal: leaving(context),
    onBytes: () => context.tick(),
  });
  const text = (await host.readText(path)) ?? '';
  if (!text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) {
    const message = `${shownUrl(keyUrl)} is no armoured OpenPGP key`;
    throw new StepFailed('key-unreadable', message, { resource: shownUrl(keyUrl) });
  }
  return text;
}

export const setUpRepository: Step = {
  name: 'set-up-repository',
  async *run(context) {
    const { host, input, secrets } = context;
    if (isUpgrade(input) && dueUpgrade(context) === null) {
      yield looked('repository', 'No version changes: no repository is needed');
      return;
    }
    const told = input.packageRepository ?? null;
    if (told === null) throw new StepFailed('no-repository', 'No repository was given to install from');
    if (told.manual) {
      yield looked('repository', 'The repository was set up by hand: nothing is written about it');
      return;
    }
    const source = aptSourceOf(input, told);
    const files = [
      { path: KEYRING, text: await keyOf(context, source, told), mode: 0o644 },
      { path: SOURCE_LIST, text: sourceLine(source), mode: 0o644 },
    ];
    if (told.username !== null && secrets.repositoryPassword !== null) {
      const text = credentialsText(source.url, told.username, secrets.repositoryPassword);
      files.unshift({ path: CREDENTIALS, text, mode: 0o600 });
    }
    for (const { path, text, mode } of files) {
      const message = `Checking if the contents of ${path} need to be updated`;
      yield looked('file-contents', message, { resource: path });
      if ((await host.readText(path)) === text) continue;
      await host.ensureDirectory(path.slice(0, path.lastIndexOf('/')), 0o755);
      await host.replaceText(path, text, mode);
      yield changed('file-contents', `Wrote ${path}`, { resource: path });
    }
  },
};
