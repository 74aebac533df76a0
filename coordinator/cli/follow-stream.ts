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
/** As long as a coordinator that starts again waits for its agents: after that the job has changed for good. */
const GIVE_UP_MS = 15 * 60_000;

/** A refusal is final unless it says that the server itself is not well. */
const isFinal = (error: unknown): boolean => {
  const { status } = error as { status?: unknown };
  return typeof status === 'number' && status < 500;
};

/**
 * @param open one connection that goes on after this event id ('' for the beginning)
 * @returns the final status
 * @throws what the first `open` throws; later only what is final, or the last reason after 15 minutes without a connection
 */
export async function followStream(
  open: (lastEventId: string, signal: AbortSignal) => Promise<Response>,
  watcher: StreamWatcher,
  signal: AbortSignal,
): Promise<string> {
  let [lastEventId, heardMs, attempt, wasLost, first] = ['', Date.now(), 0, false, true];
  for (;;) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENT_MS);
    let reason: unknown = new Error('the stream ended early');
    try {
      const answer = await open(lastEventId, AbortSignal.any([signal, silence.signal]));
      if (answer.body === null) throw new Error('the stream has no body');
      first = false;
      if (wasLost) watcher.resumed?.();
      wasLost = false;
      for await (const event of serverEvents(answer.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENT_MS);
        [heardMs, attempt] = [Date.now(), 0];
        lastEventId = event.id ?? lastEventId;
        if (event.kind === 'comment') continue;
        const data = JSON.parse(event.data) as Record<string, unknown>;
        if (event.kind === 'end') return String(data['status']);
        watcher.seen(event.kind, data);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (first || isFinal(error) || Date.now() - heardMs > GIVE_UP_MS) throw error;
      reason = silence.signal.aborted ? new Error(`nothing was heard for ${SILENT_MS / 1000} s`) : error;
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
    if (!wasLost) watcher.lost?.(reason instanceof Error ? reason.message : String(reason));
    wasLost = true;
    await delay(backoffMs(BACKOFF, attempt, Math.random()), undefined, { signal });
    attempt += 1;
  }
}
