// What grpc-js has to say goes into our log, in place of lines of its own on standard error.
import { setLogger } from '@grpc/grpc-js';
import type { Logger } from '../../shared/log.ts';

/** For the whole process: call it once. */
export function takeGrpcLog(log: Logger): void {
  const to = (say: (message: string, fields: { reason: string }) => void) => {
    return (...words: unknown[]): void => say('said by grpc', { reason: words.map(String).join(' ') });
  };
  const own = log.child({ component: 'grpc' });
  setLogger({ error: to(own.warn), info: to(own.debug), debug: to(own.debug) });
}
