// A logger that keeps every line at every level as it was given, before anything is masked.
import { errorChain } from '../../shared/errors.ts';
import type { LogFields, Logger } from '../../shared/log.ts';

/** @param withDebug false for what an operator sees who has changed nothing */
export function heardLog(withDebug = true): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const take =
    (base: LogFields) =>
    (message: string, fields: LogFields = {}) => {
      const err = fields.err === undefined ? {} : { err: errorChain(fields.err) };
      lines.push(JSON.stringify({ ...base, ...fields, ...err, message }));
    };
  const wrap = (base: LogFields): Logger => ({
    debug: withDebug ? take(base) : () => {},
    info: take(base),
    warn: take(base),
    error: take(base),
    child: (fields) => wrap({ ...base, ...fields }),
  });
  return { log: wrap({}), lines };
}
