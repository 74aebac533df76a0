// What agents kept elsewhere before about nodes that packages brought, moved once to where it is kept now.
import { posix } from 'node:path';
import type { Logger } from '../../shared/log.ts';
import { moveOwnDirectory } from '../host/files.ts';
import { KEPT, PRODUCTS } from './index.ts';

/** On a host with a coordinator of packages it is that one's own user's, so that only what is ours below it is believed. */
const BEFORE = '/var/lib/ringmaster';

/** For an agent that starts, before it takes up a run that one of before has begun. */
export async function takeOverKept(log: Logger, before = BEFORE, now = KEPT): Promise<void> {
  for (const product of Object.keys(PRODUCTS)) {
    const [from, to] = [posix.join(before, product), posix.join(now, product)];
    try {
      if (await moveOwnDirectory(from, to))
        log.info('what was kept of the database node moved', { component: 'main', from, to });
    } catch (err) {
      log.warn('what was kept of the database node not moved', { component: 'main', from, to, err });
    }
  }
}
