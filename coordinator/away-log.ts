// A log that tells of a database which is away once, now and then, and when it is back, instead of whatever fails meanwhile.
import { Unavailable } from '../shared/errors.ts';
import type { LogFields, Logger } from '../shared/log.ts';
import { isDatabaseAway } from './store/database.ts';

const ASK_EVERY_MS = 1_000;
const REMIND_EVERY_MS = 30_000;

export interface AwayLog {
  /** for every part; what the database's absence makes them say goes to debug */
  log: Logger;
  /** From now on. @param answers whether the database answers */
  watch(answers: () => Promise<boolean>): void;
  stop(): void;
}

const isAway = (err: unknown): boolean =>
  isDatabaseAway(err instanceof Unavailable && err.cause !== undefined ? err.cause : err);

/** @param timing shorter in tests */
export function awayLog(
  to: Logger,
  { askEveryMs = ASK_EVERY_MS, remindEveryMs = REMIND_EVERY_MS } = {},
): AwayLog {
  const own = to.child({ component: 'store' });
  let answers: (() => Promise<boolean>) | null = null;
  let next: NodeJS.Timeout | undefined;
  /** null while it answers; on the clock that nobody sets */
  let awaySinceMs: number | null = null;
  let remindedMs = 0;

  const ask = async (): Promise<void> => {
    const isBack = (await answers?.()) ?? false;
    if (answers === null || awaySinceMs === null) return; // stopped meanwhile
    const nowMs = performance.now();
    const durationMs = Math.round(nowMs - awaySinceMs);
    if (isBack) {
      awaySinceMs = null;
      own.info('the database is back', { durationMs });
      return;
    }
    if (nowMs - remindedMs >= remindEveryMs) {
      remindedMs = nowMs;
      own.warn('the database is still away', { durationMs });
    }
    next = setTimeout(() => void ask(), askEveryMs);
  };
  const wentAway = (err: unknown): void => {
    if (awaySinceMs !== null) return;
    awaySinceMs = performance.now();
    remindedMs = awaySinceMs;
    own.warn('the database is away', { err });
    next = setTimeout(() => void ask(), askEveryMs);
  };

  const wrap = (inner: Logger): Logger => {
    const at =
      (level: 'info' | 'warn' | 'error') =>
      (message: string, fields?: LogFields): void => {
        const isOfAway = answers !== null && isAway(fields?.err);
        if (isOfAway) wentAway(fields?.err);
        inner[isOfAway ? 'debug' : level](message, fields);
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
      answers = given;
    },
    stop: () => {
      answers = null;
      clearTimeout(next);
    },
  };
}
