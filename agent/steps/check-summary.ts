// The last word of a run that only looks: what would come, which files would change, whether the node would be restarted, and whether it is stale.
import { layoutOf } from '../products/index.ts';
import { asInstalled, comingFrom, notComing } from './check-offer.ts';
import { type Changed, changedSinceStart, namesOf } from './check-stale.ts';
import { comparedConfig } from './compare-config-files.ts';
import { failIfRefused, refusedConfig } from './refused-config.ts';
import type { WrittenConfig } from './restart-need.ts';
import { isOnlyStale, jobOf, type Step, type StepContext } from './step.ts';
import { looked, milestone } from './telling.ts';

/** Of a node that runs, as the job itself decides it once it has written its files. */
async function wouldRestart(
  context: StepContext,
  compared: WrittenConfig | null,
  stale: readonly string[],
): Promise<boolean> {
  const { host, input } = context;
  const job = jobOf(input);
  if (comingFrom(context) !== null) return notComing(context) === null;
  if (job === 'upgrade') return false;
  const changes = (compared?.changed ?? []).length > 0;
  if (job === 'install')
    return changes || (await host.readText(layoutOf(input).startedWith)) !== compared?.digest;
  return job === 'check' || isOnlyStale(input) ? changes || stale.length > 0 : true;
}

function wordsOfNode(since: Changed | null, restarts: boolean, starts: boolean): string {
  if (since === null) return `the database node does not run${starts ? ', and would be started' : ''}`;
  const { files, gone } = since;
  const still =
    files.length === 0
      ? 'runs with what is there'
      : `was started before these changed: ${namesOf(files, gone)}`;
  return `the database node ${still}, and would be ${restarts ? 'restarted' : 'left running'}`;
}

export const checkSummary: Step = {
  name: 'check-summary',
  async *run(context) {
    const { product, version } = context.input;
    const { directory: resource } = layoutOf(context.input);
    yield looked('restart', 'Checking if the database node runs with what is there', { resource });
    const compared = comparedConfig(context.resultOf('compare-config-files'));
    const there = asInstalled(context);
    const since = there === null ? null : await changedSinceStart(there);
    const stale = since?.files ?? [];
    const from = comingFrom(context);
    const isOfRestart = jobOf(context.input) === 'restart';
    const isRefused = refusedConfig(context) !== null;
    const restarts = since !== null && !isRefused && (await wouldRestart(context, compared, stale));
    const what = `${product} ${version}`;
    const refused = notComing(context);
    const coming =
      from === null
        ? []
        : [
            from === 'nothing'
              ? `${what} is not installed`
              : (refused ?? `${product} ${from} would become ${version}`),
          ];
    const files = compared?.changed ?? null;
    const changes =
      files === null
        ? []
        : [
            files.length === 0
              ? 'No configuration file would change'
              : `These files would change: ${namesOf(files)}`,
          ];
    const touch = isOfRestart ? (since === null ? 'starts the node' : 'stops the node') : 'writes it';
    const start = isRefused
      ? [`${what} would not start with that, and the job fails before it ${touch}`]
      : [];
    const starts = isOfRestart && !isRefused && from === null;
    const said = [...coming, ...changes, ...start, wordsOfNode(since, restarts, starts)].join('; ');
    yield milestone('check-summary', said.charAt(0).toUpperCase() + said.slice(1), false, {
      resource,
      after: {
        'would-install': from === null || refused !== null ? null : what,
        'would-change': files,
        'would-restart': restarts,
        'node-runs': since !== null,
        'changed-since-start': stale,
      },
    });
    failIfRefused(context);
  },
};
