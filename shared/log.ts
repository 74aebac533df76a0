// One JSON line a log entry: a fixed sentence plus fields from a closed list, so that a typo does not compile.
import winston from 'winston';
import { errorChain } from './errors.ts';
import { maskSecrets } from './mask.ts';

/** Everything a log line may carry besides its sentence. */
export interface LogFields {
  component?: string;
  jobId?: string;
  jobNodeId?: string;
  nodeId?: string;
  clusterId?: string;
  scheduleId?: string;
  runId?: string;
  seq?: number;
  step?: string;
  from?: string;
  to?: string;
  signal?: string;
  count?: number;
  bytes?: number;
  durationMs?: number;
  address?: string;
  port?: number;
  pid?: number;
  path?: string;
  requestId?: string;
  traceId?: string;
  spanId?: string;
  method?: string;
  status?: number;
  version?: string;
  reason?: string;
  err?: unknown;
}

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const wrap = (to: winston.Logger, base: LogFields): Logger => {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const merged: Record<string, unknown> = { ...base, ...fields };
      if (fields.err !== undefined) merged['err'] = errorChain(fields.err);
      // What others said is in some of them: an address with a password, say.
      for (const [name, value] of Object.entries(merged))
        if (typeof value === 'string') merged[name] = maskSecrets(value);
      // As one object: a message of its own would have its percent signs taken for placeholders.
      to.log({ ...merged, level, message });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(to, { ...base, ...fields }),
  };
};

/** The root logger of a process: JSON lines with a UTC time stamp, on standard error so that stdout stays data. */
export function createLogger(level: LogLevel): Logger {
  return wrap(
    winston.createLogger({
      level: level === 'silent' ? 'error' : level,
      silent: level === 'silent',
      format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
      transports: [new winston.transports.Console({ stderrLevels: ['debug', 'info', 'warn', 'error'] })],
    }),
    {},
  );
}

/** A logger that says nothing, for tests. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
