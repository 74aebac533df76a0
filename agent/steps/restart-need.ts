// Whether the running database node has to be restarted: always, except by an install or upgrade that finds it as it should be, or for stale nodes alone.
import { layoutOf } from '../products/index.ts';
import { isInstall, isOnlyStale, isUpgrade, type StepContext } from './step.ts';
import { dueUpgrade } from './upgrade-need.ts';

/** What write-config-files returns. */
export interface WrittenConfig {
  changed: string[];
  /** over all managed files, in order */
  digest: string;
}

export function writtenConfig({ resultOf }: Pick<StepContext, 'resultOf'>): WrittenConfig | null {
  const result = resultOf('write-config-files');
  return result === undefined || result === null ? null : (result as WrittenConfig);
}

/** What check-stale returns: looked at once, so that nothing which changes later stops a node that no leave was asked for. */
export interface Staleness {
  isStale: boolean;
}

/**
 * The digest kept at the last start is compared, not only what this run wrote: a run that failed between writing and
 * restarting would otherwise leave the node on its old configuration for good.
 */
export async function isRestartDue(context: StepContext): Promise<boolean> {
  if (isUpgrade(context.input)) return dueUpgrade(context) !== null;
  if (isOnlyStale(context.input)) return (context.resultOf('check-stale') as Staleness).isStale;
  if (!isInstall(context.input)) return true;
  const config = writtenConfig(context);
  if (config === null || config.changed.length > 0) return true;
  return (await context.host.readText(layoutOf(context.input).startedWith)) !== config.digest;
}
