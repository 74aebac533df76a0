// Waiting for a fact with a limit, in place of sleeping.
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Runs `check` until it no longer throws, and returns what it returned.
 * @throws the last failure once `withinMs` has passed (20 s unless told)
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { withinMs = 20_000, everyMs = 20 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await delay(everyMs);
    }
  }
}
