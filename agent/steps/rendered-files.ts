// The configuration files as they are to be: rendered from their pristine text with the profile's secrets.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { manageKey } from '../../shared/config-files.ts';
import { InvalidInput, pointerTo, StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { isLooking } from '../../shared/looking.ts';
import type { RunInput, RunSecrets } from '../../shared/run-input.ts';
import { putIn } from '../../shared/secret-settings.ts';
import { type ConfigFile, filesOf, isManaged, pathOf, whenMissing } from '../config-files/files.ts';
import { redactLines } from '../config-files/redact.ts';
import type { RenderInput } from '../config-files/render-input.ts';
import { settingsOf } from '../config-files/settings.ts';
import { layoutOf, upgradeFilesOf } from '../products/index.ts';
import { shippedFile } from './shipped-file.ts';
import type { StepContext } from './step.ts';
import { looked } from './telling.ts';
import { dueUpgrade } from './upgrade-need.ts';

/** Loaded by the first run that writes files: the YAML and diff libraries take 6 MiB that an idle agent need not hold. */
const loadRendering = () =>
  Promise.all([import('../config-files/render.ts'), import('../config-files/unified-diff.ts')]);

/** A file that holds secrets is for its owner and group, whoever else could read it before. */
const NOT_FOR_OTHERS = 0o7770;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function renderInputOf(input: RunInput, secrets: Pick<RunSecrets, 'profile'>): RenderInput {
  const layout = layoutOf(input);
  const below = (name: string): string => posix.join(layout.data, name);
  const { cluster, node } = input;
  return {
    product: input.product,
    version: input.version,
    profile: putIn(input.profile, secrets.profile),
    model: {
      clusterName: cluster.name,
      seeds: cluster.seeds,
      listenAddress: node.listenAddress,
      broadcastAddress: node.broadcastAddress,
      nativeTransportAddress: node.nativeTransportAddress,
      nativeTransportBroadcastAddress: node.nativeTransportBroadcastAddress,
      datacenter: node.datacenter,
      rack: node.rack,
      initialToken: node.initialToken,
      autoBootstrap: node.autoBootstrap,
      workloads: node.workloads,
      directories: {
        data: below('data'),
        commitlog: below('commitlog'),
        savedCaches: below('saved_caches'),
        hints: below('hints'),
        cdcRaw: below('cdc_raw'),
        logs: layout.logs,
      },
    },
  };
}

/** Where the configuration is: by the layout's own name for it, on the way of which there may be links, and without any. */
interface ConfigPlace {
  named: string;
  real: string;
}

/** @throws StepFailed `config-file-missing` when none of the layout's is there */
export async function configPlace({ host, input }: StepContext): Promise<ConfigPlace> {
  const { configs } = layoutOf(input);
  for (const named of configs) {
    const real = await host.realDirectory(named);
    if (real !== null) return { named, real };
  }
  const resource = configs.at(-1) ?? null;
  throw new StepFailed('config-file-missing', `${resource} is not there`, { resource });
}

/** @throws StepFailed as `configPlace` */
export const configDirectory = async (context: StepContext): Promise<string> =>
  (await configPlace(context)).real;

/**
 * The file as the product ships it, kept at first sight; null when this version has none and none is to be made. Packages that
 * are upgraded leave what was written by the old version's definitions in its place: what an upgrade brings is read from
 * themselves, and what an operator has brought is looked for.
 */
async function pristineOf(
  context: StepContext,
  file: ConfigFile,
  fileId: string,
  config: string,
): Promise<string | null> {
  const { host, input } = context;
  const layout = layoutOf(input);
  const path = pathOf(file, input.install.type);
  const kept = posix.join(layout.pristine, path);
  const known = await host.readText(kept);
  if (known !== null) return known;
  const upgrade = input.install.type === 'package' ? dueUpgrade(context) : null;
  const shipped =
    upgrade === null
      ? await (input.install.type === 'package'
          ? shippedFile(context, config, path)
          : host.readText(posix.join(config, path)))
      : ((await host.readText(posix.join(upgradeFilesOf(input).unpacked, config, path))) ??
        (await host.readText(posix.join(layoutOf({ ...input, version: upgrade.from }).pristine, path))));
  if (shipped === null) {
    const then = whenMissing(file, fileId, input.profile);
    if (then === 'skip') return null;
    if (then === 'fail') {
      const resource = posix.join(config, path);
      throw new StepFailed('config-file-missing', `${resource} is not there`, { resource });
    }
  }
  if (isLooking(input)) return shipped ?? '';
  await host.ensureDirectory(posix.dirname(kept), 0o755);
  await host.replaceText(kept, shipped ?? '', 0o640);
  return shipped ?? '';
}

/** Says what a profile that cannot be rendered lacks, in a step's words. */
function orStepFailed(fileId: string, render: () => string): string {
  try {
    return render();
  } catch (cause) {
    if (!(cause instanceof InvalidInput)) throw cause;
    const problems = cause.problems.map(({ pointer, message }) => `${pointer} ${message}`);
    throw new StepFailed('config-invalid', [cause.message, ...problems].join('; '), {
      resource: fileId,
      detail: { problems: cause.problems },
      cause,
    });
  }
}

/** Of what is shown: with the rest of a file known, a digest of the whole would tell whether a guess of its secret is right. */
const shownDigest = (text: string): string => sha256(redactLines(text.split('\n')).join('\n'));
/** What the event of a changed file has beside its path. @param old null: there is none yet */
export async function shownChange(
  path: string,
  old: string | null,
  text: string,
): Promise<Pick<StepEvent, 'before' | 'after'>> {
  const [, { unifiedDiff }] = await loadRendering();
  const diff = unifiedDiff(path, old ?? '', text);
  return {
    before: { sha256: old === null ? null : shownDigest(old) },
    after: { sha256: shownDigest(text), diff: diff.text, 'diff-truncated': diff.truncated },
  };
}

/** Names told of one file; the event has them all. */
const MOST_NAMES = 5;

/** What the original wrote and we do not: whoever set it learns so from the job, not from the database node. */
export function withoutEffect(unwritten: NonNullable<RunInput['unwritten']>): StepEvent {
  const told = Object.entries(unwritten).map(([fileId, names]) => {
    const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
    return `${names.slice(0, MOST_NAMES).join(', ')}${more} of ${fileId}`;
  });
  return looked('settings-not-written', `Not written, and so without effect: ${told.join('; ')}`, {
    after: { settings: unwritten },
  });
}

/** Whoever waits for a setting in such a file learns so from the job. */
export async function* leftToHand(
  { host, input }: StepContext,
  config: string,
): AsyncGenerator<StepEvent, void, void> {
  const { product, profile, install } = input;
  for (const [fileId, file] of filesOf(product)) {
    const path = posix.join(config, pathOf(file, install.type));
    if (isManaged(fileId, profile) || !(await host.exists(path))) continue;
    const unwritten =
      settingsOf(profile, fileId).size > 0 ? ', and what the profile sets in it is not written' : '';
    const message = `${path} is managed by hand (${manageKey(fileId)} is false): it is left as it is${unwritten}`;
    yield looked('file-left-to-hand', message, { resource: path });
  }
}

export interface RenderedFile {
  fileId: string;
  /** absolute */
  path: string;
  text: string;
  /** rights that it may have at most; undefined: any */
  most: number | undefined;
}

/** @throws StepFailed what makes the profile unusable for this version */
export async function renderedFiles(context: StepContext, config: string): Promise<RenderedFile[]> {
  const { input, secrets } = context;
  const [{ renderFile }] = await loadRendering();
  if (input.recipe.endsWith('-with-secrets') && Object.keys(secrets.profile).length === 0)
    throw new StepFailed('secrets-missing', 'The secrets of the profile did not come with the run');
  const renderInput = renderInputOf(input, secrets);
  const rendered: RenderedFile[] = [];
  for (const [fileId, file] of filesOf(input.product)) {
    if (!isManaged(fileId, input.profile)) continue;
    const pristine = await pristineOf(context, file, fileId, config);
    if (pristine === null) continue;
    const text = orStepFailed(fileId, () => renderFile(fileId, pristine, renderInput));
    const hasSecrets = Object.keys(secrets.profile).some((at) => at.startsWith(`${pointerTo(fileId)}/`));
    const most = hasSecrets ? NOT_FOR_OTHERS : undefined;
    rendered.push({ fileId, path: posix.join(config, pathOf(file, input.install.type)), text, most });
  }
  return rendered;
}

export const digestOf = (files: readonly Pick<RenderedFile, 'path' | 'text'>[]): string =>
  sha256(files.map(({ path, text }) => `${path} ${sha256(text)}\n`).join(''));
