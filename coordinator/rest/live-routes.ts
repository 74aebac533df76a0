// The live stream of a job: server-sent events that resume by Last-Event-ID and end with the job.
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { InvalidInput } from '../../shared/errors.ts';
import { isDatabaseAway } from '../store/database.ts';
import { eventsAfter, readJob } from '../store/job-reads.ts';
import { plainQuery } from './list-queries.ts';
import { idOf } from './parameters.ts';
import type { RestParts, Routes } from './parts.ts';
import type { Base } from './views.ts';
import { jobEventView, jobView } from './views.ts';

const EVENTS_A_READ = 200;
const RECONNECT_MS = 2_000;
const AWAY_RETRY_MS = 1_000;

/** Where a reader left off: browsers say so by the header when they come back; `after` is for the first time. @throws InvalidInput */
function leftOff(header: string | undefined, after: string | undefined): number {
  const numbers = Object.entries({ 'Last-Event-ID': header, after })
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => {
      if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
      throw new InvalidInput(`${name} is not valid`, [
        { pointer: `/${name}`, message: 'must be the id of an event of this stream' },
      ]);
    });
  return numbers[0] ?? 0;
}

export function addLiveRoutes(router: Routes, { db, wakes, liveHeartbeatMs }: RestParts): void {
  /** Writes what is new whenever the job was woken; a slow reader is waited for, so nothing piles up here. */
  const follow = async (out: PassThrough, jobId: string, after: number, base: Base): Promise<void> => {
    let woken: () => void = () => {};
    let news = true;
    const look = (): void => {
      news = true;
      woken();
    };
    const unlisten = [wakes.onId('job', jobId, look), wakes.onId('events', jobId, look)];
    // Wakes are hints: once in a while look without one.
    const timer = setInterval(() => {
      out.write(': heartbeat\n\n');
      look();
    }, liveHeartbeatMs);
    let later: NodeJS.Timeout | undefined;
    const closed = new AbortController();
    const write = async (text: string): Promise<void> => {
      if (!out.write(text)) await once(out, 'drain', { signal: closed.signal }).catch(() => {});
    };
    let shown = '';
    let wasOver = false;
    out.once('close', () => {
      closed.abort();
      look();
    });
    try {
      while (!out.destroyed) {
        if (!news) {
          await new Promise<void>((resolve) => {
            woken = resolve;
          });
          continue;
        }
        news = false;
        try {
          const events = await eventsAfter(db, jobId, after, EVENTS_A_READ);
          for (const event of events) {
            after = event.number;
            await write(
              `id: ${event.number}\nevent: job-event\ndata: ${JSON.stringify(jobEventView(event, base, 'detail'))}\n\n`,
            );
          }
          const isFull = events.length === EVENTS_A_READ;
          const job = isFull ? null : await readJob(db, jobId);
          // Once it is over, every event that belongs to it is there: those of the moment between are read once more.
          if (job === null || (job.over && !wasOver)) {
            news = true;
            wasOver = job !== null;
            continue;
          }
          const view = JSON.stringify({ ...jobView(job, base, 'list'), 'event-count': undefined });
          if (view !== shown) {
            shown = view;
            await write(`event: job\ndata: ${view}\n\n`);
          }
          if (job.over) {
            await write(`event: end\ndata: ${JSON.stringify({ status: job.status })}\n\n`);
            break;
          }
        } catch (err) {
          if (!isDatabaseAway(err)) throw err;
          // A stream outlives that, since browsers do not come back after a 503.
          clearTimeout(later);
          later = setTimeout(look, AWAY_RETRY_MS);
        }
      }
    } finally {
      clearInterval(timer);
      clearTimeout(later);
      for (const stop of unlisten) stop();
      out.end();
    }
  };

  router.get('/jobs/:id/stream', async (ctx) => {
    const { id } = await readJob(db, idOf('job', ctx.params['id']));
    const lastEventId = ctx.req.headers['last-event-id']?.toString();
    const after = leftOff(lastEventId, plainQuery(ctx.query, ['after']).after);
    const out = new PassThrough();
    ctx.req.on('close', () => out.destroy());
    ctx.set('content-type', 'text/event-stream');
    ctx.set('x-accel-buffering', 'no');
    ctx.status = 200;
    ctx.body = out;
    out.write(`retry: ${RECONNECT_MS}\n\n`);
    follow(out, id, after, ctx.state.base).catch((err) => {
      ctx.state.log.warn('live stream ended early', { jobId: id, err });
      out.destroy();
    });
  });
}
