// Slows whoever guesses passwords: after some failures each further one costs a wait, and only one password is checked at a time.
import { isIPv4 } from 'node:net';
import { TooManyAttempts } from '../../shared/errors.ts';
import { Slots } from '../../shared/slots.ts';

/** Failures that cost nothing: people mistype. More from one address under several names, since many may share it. */
const FREE = { account: 5, address: 20 };
const FIRST_WAIT_MS = 1_000;
const MOST_WAIT_MS = 300_000;
/** Without a failure for so long, all is forgotten. */
const FORGET_AFTER_MS = 900_000;
/** Those remembered: whoever failed longest ago goes first. A guesser would have to fail so often to be forgotten. */
const MOST_REMEMBERED = 10_000;
/** Logins that wait for their turn; each takes some tenths of a second. */
const MOST_QUEUED = 64;
const LONGEST_NAME = 128;

interface Failures {
  count: number;
  lastMs: number;
  /** nothing is checked before */
  closedUntilMs: number;
}

export interface Attempt {
  account: string;
  /** where it comes from, as the socket says */
  address: string;
}

/** One caller's addresses as one: an IPv6 host has a whole /64 to itself. */
export function networkOf(address: string): string {
  const mapped = address.replace(/^::ffff:/i, '');
  if (isIPv4(mapped)) return mapped;
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  return [...first, ...zeros, ...last].slice(0, 4).join(':');
}

export class LoginGuard {
  readonly #nowMs: () => number;
  readonly #failures = new Map<string, Failures>();
  readonly #turns = new Slots(1);
  #queued = 0;

  /** @param nowMs a clock that never goes back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#failures.size;
  }

  /**
   * Checks a password by `verify` when its turn comes, so that guesses sent at once count one after the other.
   * @returns what `verify` says @throws TooManyAttempts
   */
  async attempt({ account, address }: Attempt, verify: () => Promise<boolean>): Promise<boolean> {
    const network = networkOf(address);
    const keys = [
      { key: `${network} ${account.slice(0, LONGEST_NAME)}`, free: FREE.account },
      { key: network, free: FREE.address },
    ];
    for (const { key } of keys) this.#checkOpen(key);
    if (this.#queued >= MOST_QUEUED)
      throw new TooManyAttempts('Too many passwords wait to be checked: try again in a moment');
    this.#queued += 1;
    try {
      return await this.#turns.within(async () => {
        for (const { key } of keys) this.#checkOpen(key);
        const isRight = await verify();
        for (const { key, free } of keys) {
          if (isRight) this.#failures.delete(key);
          else this.#failed(key, free);
        }
        return isRight;
      });
    } finally {
      this.#queued -= 1;
    }
  }

  #of(key: string): Failures | undefined {
    const found = this.#failures.get(key);
    return found === undefined || this.#nowMs() - found.lastMs >= FORGET_AFTER_MS ? undefined : found;
  }

  #checkOpen(key: string): void {
    const waitMs = (this.#of(key)?.closedUntilMs ?? 0) - this.#nowMs();
    if (waitMs > 0)
      throw new TooManyAttempts(
        `Too many wrong passwords from this address: try again in ${Math.ceil(waitMs / 1_000)} s`,
      );
  }

  #failed(key: string, free: number): void {
    const nowMs = this.#nowMs();
    const count = (this.#of(key)?.count ?? 0) + 1;
    const waitMs = count < free ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (count - free), MOST_WAIT_MS);
    this.#failures.delete(key); // what is set anew goes to the end of the map's order
    this.#failures.set(key, { count, lastMs: nowMs, closedUntilMs: nowMs + waitMs });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MOST_REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
  }
}
