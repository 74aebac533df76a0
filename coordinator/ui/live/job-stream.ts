// Follows a job's live stream: events in batches, the job as it moves, and the end; quiet while the page is hidden.
import type { Job, JobEvent } from '../../../shared/rest-types.ts';
import { apiPath } from '../api/api.ts';
import { type LogEvent, logEvent } from './log-event.ts';

const BATCH_EVERY_MS = 100;
const RETRY_AFTER_MS = 2_000;

export interface StreamListener {
  events(batch: readonly LogEvent[]): void;
  job(job: Job): void;
  /** the job is over, and so is its log */
  ended(): void;
  /** false while the connection is lost and dialled again */
  connected(connected: boolean): void;
}

export class JobStream {
  readonly #jobId: string;
  readonly #listener: StreamListener;
  #after: number;
  #source: EventSource | null = null;
  #batch: LogEvent[] = [];
  #batchTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  /** @param after the number of the last event that is not wanted */
  constructor(jobId: string, after: number, listener: StreamListener) {
    this.#jobId = jobId;
    this.#after = after;
    this.#listener = listener;
    document.addEventListener('visibilitychange', this.#look);
    this.#look();
  }

  close(): void {
    this.#over = true;
    document.removeEventListener('visibilitychange', this.#look);
    this.#hangUp();
  }

  /** A browser has six connections to a server: tabs that nobody sees must not hold them all. */
  readonly #look = (): void => {
    if (this.#over) return;
    if (document.hidden) this.#hangUp();
    else if (this.#source === null) this.#dial();
  };

  #hangUp(): void {
    clearTimeout(this.#retryTimer);
    this.#source?.close();
    this.#source = null;
    this.#flush();
  }

  #dial(): void {
    const source = new EventSource(`${apiPath(`jobs/${this.#jobId}/stream`)}?after=${this.#after}`);
    this.#source = source;
    source.onopen = () => this.#listener.connected(true);
    source.onerror = () => {
      this.#listener.connected(false);
      // After an answer that is no stream (the database is away) a browser does not dial again by itself.
      if (source.readyState !== EventSource.CLOSED) return;
      this.#hangUp();
      this.#retryTimer = setTimeout(this.#look, RETRY_AFTER_MS);
    };
    source.addEventListener('job-event', (message: MessageEvent<string>) => {
      this.#after = Number(message.lastEventId);
      this.#batch.push(logEvent(this.#after, JSON.parse(message.data) as JobEvent));
      this.#batchTimer ??= setTimeout(() => this.#flush(), BATCH_EVERY_MS);
    });
    source.addEventListener('job', (message: MessageEvent<string>) => {
      this.#listener.job(JSON.parse(message.data) as Job);
    });
    source.addEventListener('end', () => {
      this.close();
      this.#listener.ended();
    });
  }

  #flush(): void {
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    if (this.#batch.length > 0) this.#listener.events(this.#batch.splice(0));
  }
}

/** The events of a range of numbers, once: `after` and `before` themselves are left out. */
export function readRange(jobId: string, after: number, before: number): Promise<LogEvent[]> {
  return new Promise((resolve, reject) => {
    const held: LogEvent[] = [];
    const source = new EventSource(`${apiPath(`jobs/${jobId}/stream`)}?after=${after}`);
    const done = (): void => {
      source.close();
      resolve(held);
    };
    source.addEventListener('job-event', (message: MessageEvent<string>) => {
      const number = Number(message.lastEventId);
      if (number < before) held.push(logEvent(number, JSON.parse(message.data) as JobEvent));
      if (number >= before - 1) done();
    });
    source.addEventListener('end', done);
    source.onerror = () => {
      source.close();
      reject(new Error('the earlier events did not arrive'));
    };
  });
}
