// Follows a job's live stream to its end: after a lost connection it goes on where it stopped, and says so.
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../../shared/backoff.ts';
import { serverEvents } from './server-events.ts';

export interface StreamWatcher {
  /** @param kind `job-event` or `job` */
  seen: (kind: string, data: Record<string, unknown>) => void;
  /** the connection is gone; it is tried again */
  lost?: (reason: string) => void;
  /** there is a new one, and nothing was missed */
  resumed?: () => void;
}

const BACKOFF = { firstMs: 250, mostMs: 5_000 };
/** The server gives a sign of life every 15 s. */
const SILENT_MS = 45_000;

/** A refusal is final unless it says that the coordinator or its database is away for now, or that we ask too often: nobody waits for ever for a 500. */
export const isFinal = (error: unknown): boolean => {
  const { status } = error as { status?: unknown };
  return typeof status === 'number' && ![429, 502, 503, 504].includes(status);
};

/** How long to wait before the next attempt: no less than the server asks for. @param attempt from 0 */
export function againAfterMs(error: unknown, attempt: number): number {
  const { retryAfterMs } = error as { retryAfterMs?: unknown };
  return Math.max(
    backoffMs(BACKOFF, attempt, Math.random()),
    typeof retryAfterMs === 'number' ? retryAfterMs : 0,
  );
}

/**
 * The job goes on without us, so this never gives up by itself: whoever asked says by `signal` how long.
 * @param open one connection that goes on after this event id ('' for the beginning); the job is known to exist
 * @returns the final status
 * @throws what is final, or the reason of `signal`
 */
export async function followStream(
  open: (lastEventId: string, signal: AbortSignal) => Promise<Response>,
  watcher: StreamWatcher,
  signal: AbortSignal,
): Promise<string> {
  let [lastEventId, attempt, wasLost] = ['', 0, false];
  for (;;) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENT_MS);
    let reason: unknown = new Error('the stream ended early');
    try {
      const answer = await open(lastEventId, AbortSignal.any([signal, silence.signal]));
      if (answer.body === null) throw new Error('the stream has no body');
      if (wasLost) watcher.resumed?.();
      wasLost = false;
      for await (const event of serverEvents(answer.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENT_MS);
        attempt = 0;
        lastEventId = event.id ?? lastEventId;
        if (event.kind === 'comment') continue;
        const data = JSON.parse(event.data) as Record<string, unknown>;
        if (event.kind === 'end') return String(data['status']);
        watcher.seen(event.kind, data);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      reason = silence.signal.aborted ? new Error(`nothing was heard for ${SILENT_MS / 1000} s`) : error;
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
    if (!wasLost) watcher.lost?.(reason instanceof Error ? reason.message : String(reason));
    wasLost = true;
    await delay(againAfterMs(reason, attempt), undefined, { signal });
    attempt += 1;
  }
}
