// A log that tells of a database which is away, or whose disk is full, once, now and then, and when that is over, instead of whatever fails meanwhile.
import { Unavailable } from '../shared/errors.ts';
import type { LogFields, Logger } from '../shared/log.ts';
import { isDatabaseAway, isDiskFull, type Standing } from './store/database.ts';

const ASK_EVERY_MS = 1_000;
const REMIND_EVERY_MS = 30_000;

type Trouble = Exclude<Standing, 'answers'>;
const WORDS: Readonly<Record<Trouble, { began: string; lasts: string; over: string }>> = {
  away: {
    began: 'the database is away',
    lasts: 'the database is still away',
    over: 'the database is back',
  },
  full: {
    began: 'the disk of the database is full',
    lasts: 'the disk of the database is still full',
    over: 'the disk of the database has room again',
  },
};

export interface AwayLog {
  /** for every part; what the database's absence makes them say goes to debug */
  log: Logger;
  /** From now on. @param standing how the database stands */
  watch(standing: () => Promise<Standing>): void;
  stop(): void;
}

function troubleOf(err: unknown): Trouble | null {
  const cause = err instanceof Unavailable && err.cause !== undefined ? err.cause : err;
  if (isDiskFull(cause)) return 'full';
  return isDatabaseAway(cause) ? 'away' : null;
}

/** @param timing shorter in tests */
export function awayLog(
  to: Logger,
  { askEveryMs = ASK_EVERY_MS, remindEveryMs = REMIND_EVERY_MS } = {},
): AwayLog {
  const own = to.child({ component: 'store' });
  let standing: (() => Promise<Standing>) | null = null;
  let next: NodeJS.Timeout | undefined;
  /** null while all is well; times are on the clock that nobody sets */
  let now: { trouble: Trouble; sinceMs: number; remindedMs: number } | null = null;

  const begin = (trouble: Trouble, fields: LogFields = {}): void => {
    const sinceMs = performance.now();
    now = { trouble, sinceMs, remindedMs: sinceMs };
    own.warn(WORDS[trouble].began, fields);
    next = setTimeout(() => void ask(), askEveryMs);
  };
  const ask = async (): Promise<void> => {
    const found = (await standing?.()) ?? 'away';
    if (standing === null || now === null) return; // stopped meanwhile
    const nowMs = performance.now();
    const { trouble, sinceMs, remindedMs } = now;
    const durationMs = Math.round(nowMs - sinceMs);
    if (found === 'answers') {
      now = null;
      own.info(WORDS[trouble].over, { durationMs });
      return;
    }
    if (found !== trouble) return begin(found);
    if (nowMs - remindedMs >= remindEveryMs) {
      now.remindedMs = nowMs;
      own.warn(WORDS[trouble].lasts, { durationMs });
    }
    next = setTimeout(() => void ask(), askEveryMs);
  };

  const wrap = (inner: Logger): Logger => {
    const at =
      (level: 'info' | 'warn' | 'error') =>
      (message: string, fields?: LogFields): void => {
        const trouble = standing === null ? null : troubleOf(fields?.err);
        if (trouble !== null && now === null) begin(trouble, { err: fields?.err });
        inner[trouble === null ? level : 'debug'](message, fields);
      };
    return {
      debug: (message, fields) => inner.debug(message, fields),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => wrap(inner.child(fields)),
    };
  };
  return {
    log: wrap(to),
    watch: (given) => {
      standing = given;
    },
    stop: () => {
      standing = null;
      clearTimeout(next);
    },
  };
}
