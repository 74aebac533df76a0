// The product's packages by apt and dpkg.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import { exactNames } from '../packages/apt-plan.ts';
import {
  CONFFILES_QUERY,
  conffileDigests,
  DPKG_QUERY,
  ownerIn,
  packageStates,
} from '../packages/dpkg-states.ts';
import { offeredVersions } from '../packages/offered-versions.ts';
import { SOURCE_LIST } from '../packages/repository-names.ts';
import { askPackages } from './ask-packages.ts';
import { downloadPackages, installPackages, rehearseInstallation } from './install-packages.ts';
import { underLock } from './package-lock.ts';
import type { PackageManager } from './package-manager.ts';
import { changed } from './telling.ts';
import { leaving } from './waiting.ts';

const LOOK_MS = 60_000;
const ARCHIVES = '/var/cache/apt/archives';

// Of the one repository alone: what ails others is not this job's business, and their lists stay.
const OWN_LIST = [
  `--option=Dir::Etc::SourceList=${SOURCE_LIST}`,
  '--option=Dir::Etc::SourceParts=-',
  '--option=APT::Get::List-Cleanup=0',
  '--option=APT::Update::Error-Mode=any',
] as const;

/** apt's names for what it has downloaded have no colon and no underscore but its own. */
const archiveName = (name: string, version: string): string =>
  `${name}_${version.replaceAll(':', '%3a').replaceAll('_', '%5f')}_`;

export const apt: PackageManager = {
  name: 'apt',
  async states(context, names) {
    return packageStates(await askPackages(context, [...DPKG_QUERY, ...names]));
  },
  async *readRepository(context) {
    const list = context.input.packageRepository?.manual ? [] : OWN_LIST;
    yield* underLock(
      context,
      ['apt-get', '--quiet', ...list, 'update'],
      'apt-get could not read the repository',
    );
    yield changed('package-lists', 'Read what the repository has');
  },
  async *offered(context, names) {
    const { stdout } = yield* underLock(
      context,
      ['apt-cache', 'madison', ...names],
      'apt-cache could not look for the packages',
      undefined,
      { withinMs: LOOK_MS, signal: leaving(context) },
    );
    return offeredVersions(stdout);
  },
  async shippedDigests(context, names) {
    return conffileDigests(await askPackages(context, [...CONFFILES_QUERY, ...names]));
  },
  install: (wanted) => installPackages(wanted),
  download: (context, wanted) => downloadPackages(context, wanted, 'are-replaced'),
  rehearse: (context, wanted) => rehearseInstallation(context, wanted, 'are-replaced'),
  async ownerOf(context, path) {
    const found = ownerIn(await askPackages(context, ['dpkg-query', '--search', '--', path]), path);
    const version = found === null ? undefined : (await apt.states(context, [found])).get(found)?.version;
    return found === null || version === undefined ? null : [found, version];
  },
  async *downloadAgain(context, name, version, directory) {
    const argv = ['apt-get', '--quiet', 'download', '--', `${name}=${version}`] as const;
    const failing = 'apt-get could not download the package';
    yield* underLock(context, argv, failing, undefined, {
      withinMs: context.input.limits.downloadMs,
      signal: leaving(context),
      cwd: directory,
    });
  },
  async archiveOf({ host }, name, version) {
    const archive = (await host.listDirectory(ARCHIVES)).find(
      (file) => file.startsWith(archiveName(name, version)) && file.endsWith('.deb'),
    );
    if (archive !== undefined) return posix.join(ARCHIVES, archive);
    throw new StepFailed(
      'package-not-kept',
      `apt-get keeps no ${name} ${version} in ${ARCHIVES}: of a repository at file: it copies nothing, of one at copy: it does`,
      { resource: ARCHIVES },
    );
  },
  asTar: ['dpkg-deb --fsys-tarfile "$package"'],
  replace: (wanted) => installPackages(wanted, 'are-replaced'),
  commands: {
    reinstall: (name) => `apt-get --option=Dpkg::Options::=--force-confmiss --reinstall install ${name}`,
    finish: (broken) => {
      const torn = [...broken].flatMap(([name, { isHalfUnpacked, version }]) =>
        isHalfUnpacked ? [`${name}=${version}`] : [],
      );
      const again = torn.length === 0 ? [] : [`apt-get install --reinstall ${torn.join(' ')}`];
      return ['dpkg --configure --pending', ...again];
    },
    goBack: (packages) => `apt-get install --allow-downgrades ${exactNames(packages, '=').join(' ')}`,
  },
};
