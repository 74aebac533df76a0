// How a run is ended: with its failure, with its one finish, in the outbox and then in the journal, and without what it kept.
import type { Clock } from '../shared/clock.ts';
import { StepFailed } from '../shared/errors.ts';
import type { Logger } from '../shared/log.ts';
import { isLooking } from '../shared/looking.ts';
import type { RunInput } from '../shared/run-input.ts';
import type { RecordBody, WireFinish } from '../shared/wire/messages.ts';
import type { Journal } from './disk/journal.ts';
import type { Outbox } from './disk/outbox.ts';
import type { Host } from './host/host.ts';
import { layoutOf } from './products/index.ts';
import { eventRecord, failureEvent, finishReason } from './run-events.ts';
import { dropReplaced, keepingOf } from './steps/replaced-files.ts';

/** How long until a finish that the disk did not take is tried again. */
const FINISH_AGAIN_MS = 10_000;

interface Ending {
  journal: Journal;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
}

/** Ends a run that cannot be begun. @throws StepFailed when the disk does not take its finish */
export async function failRun(runId: string, error: unknown, parts: Ending): Promise<void> {
  await tellFailure(runId, eventRecord(failureEvent(error, ''), parts.clock.nowMs()), parts);
  await finishRun(runId, 'failed', finishReason(error), parts);
}

/** A disk that has no room for other events has it, in reserve, for this and the finish, which says the same in a sentence. */
export async function tellFailure(runId: string, record: RecordBody, parts: Ending): Promise<void> {
  await parts.outbox
    .appendFailure(runId, record)
    .catch((err) => parts.log.error('failure not told', { runId, err }));
}

export async function finishRun(
  runId: string,
  outcome: WireFinish['outcome'],
  reason: string | null,
  { journal, outbox, clock, log }: Ending,
): Promise<void> {
  const body: RecordBody = { kind: 'finished', finish: { outcome, reason, atMs: clock.nowMs() } };
  await outbox.append(runId, body, { mustKeep: true });
  log.info('run finished', { runId, reason: outcome });
  // The outbox knows it too, and is asked when a run is resumed or stored.
  await journal
    .finished(runId, outcome)
    .catch((err) => log.warn('finish not noted in the journal', { runId, err }));
}

/** Without its finish a run is over for nobody: it is told as soon as the disk takes it. @throws the signal's reason */
export async function finishAtLast(
  runId: string,
  outcome: WireFinish['outcome'],
  reason: string | null,
  parts: Ending,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      return await finishRun(runId, outcome, reason, parts);
    } catch (err) {
      if (!(err instanceof StepFailed)) throw err;
      parts.log.error('finish not told yet', { runId, durationMs: FINISH_AGAIN_MS, err });
    }
    await parts.clock.wait(FINISH_AGAIN_MS, signal).catch(() => signal.throwIfAborted());
  }
}

/**
 * Of a run that is over: what it replaced is kept no longer, unless it went back and did not put all of it back. A run that
 * succeeds lets go of what earlier ones left as well. Safe to repeat.
 * @param outcome null: fenced, or not known
 */
export async function letGoOfReplaced(
  runId: string,
  input: RunInput,
  outcome: WireFinish['outcome'] | null,
  { journal, host, log }: { journal: Journal; host: Host; log: Logger },
): Promise<void> {
  const isGood = outcome === 'succeeded' && !isLooking(input);
  const keeping = keepingOf(journal.run(runId)?.steps ?? []);
  if (keeping === 'not-put-back')
    log.warn('the files of before the run were not all put back, and are still kept', {
      runId,
      path: layoutOf(input).replaced,
    });
  if (!isGood && keeping !== 'no-more-use') return;
  await dropReplaced(host, input, isGood).catch((err) =>
    log.error('what the run replaced is still kept', { runId, err }),
  );
}
