// The end of waiting: a question over JMX is over when its time is, or when somebody no longer wants the answer.
import { JmxError } from './jmx-error.ts';

/** How long a call may take, and what else ends it. Either destroys the connection it is on. */
export interface CallLimit {
  withinMs: number;
  signal?: AbortSignal | undefined;
}

/** Runs the work; when its limit is reached, `end` must make it reject. */
export async function limited<T>(
  { withinMs, signal }: CallLimit,
  end: (error: JmxError) => void,
  work: () => Promise<T>,
): Promise<T> {
  const abort = (): void => end(new JmxError('the question over JMX was aborted', { cause: signal?.reason }));
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => end(new JmxError(`no answer over JMX within ${withinMs} ms`)), withinMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
