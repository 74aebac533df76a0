// Makes the packages' repository known to apt or dnf: its line, its signing key, and whatever it asks of who reads it.
import { StepFailed } from '../../shared/errors.ts';
import { shownUrl } from '../../shared/mask.ts';
import { RPM_REPOSITORY, SOURCE_LIST } from '../packages/repository-names.ts';
import { layoutOf, PRODUCTS } from '../products/index.ts';
import { packageManagerOf } from './package-managers.ts';
import { isUpgrade, type Step, type StepContext } from './step.ts';
import { changed, looked } from './telling.ts';
import { dueUpgrade } from './upgrade-need.ts';
import { leaving } from './waiting.ts';

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

const RPM_KEY = '/etc/pki/rpm-gpg/RPM-GPG-KEY-opsc';

/** dnf.conf(5). Every package has to be signed by the key; an index is signed by few vendors. */
export const rpmRepositoryText = (url: string, username: string | null, password: string | null): string =>
  [
    `[${RPM_REPOSITORY}]`,
    'name=Written by Ringmaster',
    `baseurl=${url}`,
    'enabled=1',
    'gpgcheck=1',
    `gpgkey=file://${RPM_KEY}`,
    ...(username === null || password === null ? [] : [`username=${username}`, `password=${password}`]),
    '',
  ].join('\n');

export type PackageRepository = NonNullable<StepContext['input']['packageRepository']>;

/** What is not told of a repository is as its vendor has it; where the URL is the vendor's own, so are the distributions. */
export function aptSourceOf(input: StepContext['input'], told: PackageRepository): AptSource {
  const vendor = PRODUCTS[input.product].package.aptRepository(input.version);
  const keyUrl = told.keyUrl ?? vendor.keyUrl;
  if (told.url === null) return { ...vendor, keyUrl };
  return { url: told.url, keyUrl, dist: told.dist, components: told.components };
}

async function keyOf(
  context: StepContext,
  { keyUrl, url }: Pick<AptSource, 'keyUrl' | 'url'>,
  told: PackageRepository,
): Promise<string> {
  const { host, input, secrets } = context;
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

interface RepositoryFile {
  path: string;
  text: string;
  mode: number;
}

async function aptFiles(context: StepContext, told: PackageRepository): Promise<RepositoryFile[]> {
  const source = aptSourceOf(context.input, told);
  const { repositoryPassword } = context.secrets;
  const files = [
    { path: KEYRING, text: await keyOf(context, source, told), mode: 0o644 },
    { path: SOURCE_LIST, text: sourceLine(source), mode: 0o644 },
  ];
  if (told.username === null || repositoryPassword === null) return files;
  const text = credentialsText(source.url, told.username, repositoryPassword);
  return [{ path: CREDENTIALS, text, mode: 0o600 }, ...files];
}

async function rpmFiles(context: StepContext, told: PackageRepository): Promise<RepositoryFile[]> {
  const { input, secrets } = context;
  const vendor = PRODUCTS[input.product].package.rpmRepository(input.version);
  const source = { url: told.url ?? vendor.url, keyUrl: told.keyUrl ?? vendor.keyUrl };
  const text = rpmRepositoryText(source.url, told.username, secrets.repositoryPassword);
  return [
    { path: RPM_KEY, text: await keyOf(context, source, told), mode: 0o644 },
    { path: `/etc/yum.repos.d/${RPM_REPOSITORY}.repo`, text, mode: 0o600 },
  ];
}

/** Each becomes a word of a line in a file of settings: what ends the word or the line would be read as others. */
function checkCredentials(username: string | null, password: string | null): void {
  for (const [field, value] of [
    ['username', username],
    ['password', password],
  ] as const) {
    if (value === null || !/[\s\p{Cc}]/u.test(value)) continue;
    throw new StepFailed(
      `repository-${field}-unusable`,
      `The repository's ${field} has blanks or control characters, which no file of apt or dnf can hold: nothing was written`,
    );
  }
}

export const setUpRepository: Step = {
  name: 'set-up-repository',
  async *run(context) {
    const { host, input } = context;
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
    checkCredentials(told.username, context.secrets.repositoryPassword);
    const { name } = await packageManagerOf(context);
    const files = await (name === 'apt' ? aptFiles(context, told) : rpmFiles(context, told));
    for (const { path, text, mode } of files) {
      const message = `Checking if the contents of ${path} need to be updated`;
      yield looked('file-contents', message, { resource: path });
      if ((await host.readText(path)) === text) continue;
      await host.ensureDirectory(path.slice(0, path.lastIndexOf('/')), 0o755);
      await host.replaceText(path, text, mode, mode); // a file of that name may be there, with more rights than a password can have
      yield changed('file-contents', `Wrote ${path}`, { resource: path });
    }
  },
};
