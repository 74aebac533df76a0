// Follows a job to its end, with a limit and Ctrl-C, and turns how it ended into an exit code.
import { setTimeout as delay } from 'node:timers/promises';
import { CliFailure } from '../exit.ts';
import { againAfterMs, isFinal } from '../follow-stream.ts';
import { ApiRefusal, type Json, Unreachable } from '../rest-client.ts';
import type { Session } from '../session.ts';
import { harmless } from '../terminal/harmless.ts';
import { spoken } from '../values.ts';
import { atWorkMs, endedMs, lastTries } from './job-words.ts';
import { DataTeller, LineTeller, LiveTeller, type Teller } from './tellers.ts';
import { WatchedJob } from './watched-job.ts';

/** watch: show what happens; wait: statuses on stderr alone */
export type How = 'watch' | 'wait';

export interface FollowOptions {
  all?: boolean;
  traceback?: boolean;
}

const NODES_AT_MOST_EVERY_MS = 500;
const NODES_AT_LEAST_EVERY_MS = 5_000;

function tellerFor({ output, around }: Session, watched: WatchedJob, how: How, all: boolean): Teller {
  if (how === 'watch' && output.isData) return new DataTeller(output);
  const dumb = around.env['TERM'] === 'dumb';
  if (how === 'watch' && output.out.isTTY === true && !dumb && !output.quiet && !all)
    return new LiveTeller(watched, output);
  return new LineTeller(watched, output, {
    all,
    brief: how === 'wait',
    asData: how === 'watch' && !output.quiet,
  });
}

/** Told once, it wakes whoever waits, or the next one who does. */
class News {
  #come = false;
  #wake: () => void = () => {};

  tell(): void {
    this.#come = true;
    this.#wake();
  }

  async next(signal: AbortSignal): Promise<void> {
    if (this.#come || signal.aborted) return;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(NODES_AT_LEAST_EVERY_MS)]);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      limit.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  heard(): void {
    this.#come = false;
  }
}

/** Reads the nodes again after news, seldom enough to be no burden, and now and then without any. */
async function keepReading(read: () => Promise<void>, news: News, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // The stream comes first: a node's status is told among what it says.
    await news.next(signal);
    news.heard();
    // Away for now: the stream says so, and it wakes us when it is back.
    await read().catch(() => {});
    await delay(NODES_AT_MOST_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

/** @returns the job as it ended, however it did @throws CliFailure timed-out, interrupted */
export async function followJob(
  session: Session,
  job: Json,
  how: How,
  { all = false, traceback = false }: FollowOptions,
): Promise<WatchedJob> {
  const { around, limit } = session;
  const id = String(job['id']);
  const watched = new WatchedJob(job, traceback);
  const teller = tellerFor(session, watched, how, all);
  const ended = new AbortController();
  const signal = AbortSignal.any([session.givenUp, ended.signal]);
  const client = session.client.until(signal);
  const nodesOf = async (): Promise<Json[]> => lastTries(await client.list(`jobs/${id}/job_nodes/`));
  // The job is there: from here on a coordinator or database that is away is waited for.
  const onceBack = async <T>(read: () => Promise<T>): Promise<T> => {
    for (let attempt = 0; ; attempt += 1)
      try {
        const answer = await read();
        if (attempt > 0) teller.link(null);
        return answer;
      } catch (error) {
        if (!(error instanceof Unreachable || error instanceof ApiRefusal) || isFinal(error)) throw error;
        if (attempt === 0) teller.link(error.message);
        await delay(againAfterMs(error, attempt), undefined, { signal });
      }
  };
  const news = new News();
  const readThem = async (): Promise<void> => {
    const records = await nodesOf();
    teller.nodes(watched.nodesSeen(records));
  };
  let reading = Promise.resolve();
  try {
    watched.nodesSeen(await onceBack(nodesOf));
    reading = keepReading(readThem, news, signal);
    const status = await client.follow(
      id,
      (kind, data) => {
        teller.seen(kind, data, watched.seen(kind, data));
        news.tell();
      },
      signal,
      { lost: (reason) => teller.link(reason), resumed: () => teller.link(null) },
    );
    watched.job = { ...(await onceBack(async () => await client.get(`jobs/${id}`))), status };
    await onceBack(readThem);
    return watched;
  } catch (error) {
    const isOver = endedMs(watched.job) !== null;
    const again = [`${isOver ? '' : 'it goes on; '}look at it again: ringmaster job watch ${id}`];
    if (around.interrupted.aborted) throw new CliFailure('interrupted', `stopped watching job ${id}`, again);
    if (!limit?.signal.aborted) throw error;
    // How it ended is known, whatever was still to be read of it.
    if (isOver) return watched;
    const message = `job ${id} is still ${watched.status} after ${spoken(limit.ms)}`;
    throw new CliFailure('timed-out', message, again);
  } finally {
    ended.abort();
    await reading;
    teller.end();
  }
}

/** @throws CliFailure job-failed with the reasons that were heard, unless the job is COMPLETE */
export function checkComplete({ job, status, title, errors }: WatchedJob): void {
  if (status === 'COMPLETE') return;
  const reasons = [...errors].map(([node, text]) => harmless(node === '' ? text : `${node}: ${text}`));
  throw new CliFailure('job-failed', `${harmless(title)} ended ${status}`, [
    ...reasons.slice(0, 5),
    ...(reasons.length > 5 ? [`and ${reasons.length - 5} more`] : []),
    `all of it: ringmaster job events ${String(job['id'])}`,
  ]);
}

/** What to say on stderr when it went well. */
export const endedWell = ({ job, title }: WatchedJob): string =>
  `${harmless(title)} is COMPLETE after ${spoken(atWorkMs(job, Date.parse(String(job['modified-on']))))}`;
