// Gets the product's tarball and proves that it is the one its checksum names; a tarball that is there already is kept.
import { StepFailed } from '../../shared/errors.ts';
import { shownUrl } from '../../shared/mask.ts';
import { layoutOf } from '../products/index.ts';
import { installedOf } from './gather-facts.ts';
import type { Step, StepContext } from './step.ts';
import { looked, milestone } from './telling.ts';
import { leaving } from './waiting.ts';

type Repository = NonNullable<StepContext['input']['repository']>;

/** The checksum lies beside the tarball, before any query. */
export function checksumUrl(url: string): string {
  const beside = new URL(url);
  beside.pathname += '.sha256';
  return beside.href;
}

async function checksumOf(context: StepContext, repository: Repository): Promise<string> {
  const { host, input, secrets } = context;
  const url = checksumUrl(repository.url);
  const path = `${layoutOf(input).tarball}.sha256`;
  await host.download(url, path, {
    withinMs: input.limits.downloadMs,
    username: repository.username,
    password: secrets.repositoryPassword,
    signal: leaving(context),
    onBytes: () => context.tick(),
  });
  const digest = /^[0-9a-f]{64}(?=\s|$)/i.exec((await host.readText(path, 4_096)) ?? '')?.[0];
  if (digest === undefined) {
    throw new StepFailed('checksum-unreadable', `${shownUrl(url)} holds no SHA-256 digest`, {
      resource: shownUrl(url),
    });
  }
  return digest.toLowerCase();
}

async function fetchTo(context: StepContext, path: string, repository: Repository): Promise<number> {
  const { host, input, secrets } = context;
  let bytes = 0;
  try {
    await host.download(repository.url, path, {
      withinMs: input.limits.downloadMs,
      username: repository.username,
      password: secrets.repositoryPassword,
      signal: leaving(context),
      onBytes: (n) => {
        bytes += n;
        context.tick();
      },
    });
  } catch (cause) {
    if (!(cause instanceof StepFailed) || cause.subtype !== 'disk-full') throw cause;
    const free = (await host.facts(input.install.directory))['free-disk-bytes'];
    const detail = { free, fetched: bytes };
    throw new StepFailed(
      'disk-full',
      `No space is left for ${path}: ${bytes} bytes had come, ${String(free)} are free`,
      {
        resource: path,
        detail,
        cause,
      },
    );
  }
  return bytes;
}

/** Returns the digest, or nothing when this version is unpacked already. */
export const fetchTarball: Step = {
  name: 'fetch-tarball',
  async *run(context) {
    const { host, input } = context;
    const layout = layoutOf(input);
    yield looked('tarball', `Checking for ${input.product} ${input.version}`, { resource: layout.home });
    if ((await installedOf(context))?.version === input.version && (await host.exists(layout.launcher))) {
      yield looked('tarball', 'This version is unpacked already', { resource: layout.home });
      return undefined;
    }
    const { repository } = input;
    if (repository === null) throw new StepFailed('no-repository', 'No repository was given to install from');
    await host.ensureDirectory(layout.downloads, 0o755);
    const expected = await checksumOf(context, repository);
    const digest = (): Promise<string> => host.sha256(layout.tarball, () => context.tick());
    if ((await host.exists(layout.tarball)) && (await digest()) === expected) {
      yield looked('tarball', 'The tarball is here already', {
        resource: layout.tarball,
        after: { sha256: expected },
      });
      return { sha256: expected };
    }
    const startedMs = host.nowMs();
    const bytes = await fetchTo(context, layout.tarball, repository);
    const actual = await digest();
    if (actual !== expected) {
      const message = `${shownUrl(repository.url)} has the SHA-256 digest ${actual}, and its .sha256 names ${expected}`;
      throw new StepFailed('checksum-mismatch', message, {
        resource: layout.tarball,
        detail: { expected, actual },
      });
    }
    yield milestone('tarball-fetched', `Fetched ${shownUrl(repository.url)}`, true, {
      resource: layout.tarball,
      after: { bytes, sha256: actual, 'fetch-ms': host.nowMs() - startedMs },
    });
    return { sha256: actual };
  },
};
