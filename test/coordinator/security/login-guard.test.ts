// Guesses are slowed down: how soon, for whom, for how long, and in how much memory.
import { expect } from 'chai';
import { LoginGuard, networkOf } from '../../../coordinator/security/login-guard.ts';
import { TooManyAttempts } from '../../../shared/errors.ts';

const HERE = '192.0.2.1';

describe('the guard of logins', () => {
  const clock = { ms: 0 };
  let guard: LoginGuard;
  beforeEach(() => {
    clock.ms = 0;
    guard = new LoginGuard(() => clock.ms);
  });
  const say = async (isRight: boolean, account = 'admin', address = HERE): Promise<string> =>
    await guard
      .attempt({ account, address }, async () => isRight)
      .then(String, (error: Error) => (error instanceof TooManyAttempts ? error.message : String(error)));
  const times = async (count: number, ...args: Parameters<typeof say>): Promise<string[]> => {
    const said: string[] = [];
    for (let at = 0; at < count; at += 1) said.push(await say(...args));
    return said;
  };
  const wait = (seconds: number) => `Too many wrong passwords from this address: try again in ${seconds} s`;

  it('lets five failures pass, then makes each further one wait twice as long, up to five minutes', async () => {
    expect(await times(5, false)).to.deep.equal(Array(5).fill('false'));
    const waits: number[] = [];
    for (let at = 0; at < 11; at += 1) {
      const said = await say(true);
      waits.push(Number(/in (\d+) s/.exec(said)?.[1]));
      clock.ms += (waits.at(-1) ?? 0) * 1_000 - 1;
      expect(await say(true)).to.equal(wait(1));
      clock.ms += 1;
      expect(await say(false)).to.equal('false');
    }
    expect(waits).to.deep.equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it('forgets failures at the right password, and after a quarter of an hour', async () => {
    await times(4, false);
    expect(await say(true)).to.equal('true');
    expect(await times(5, false)).to.deep.equal(Array(5).fill('false'));
    expect(await say(true)).to.equal(wait(1));
    clock.ms += 900_000;
    expect(await times(5, false)).to.deep.equal(Array(5).fill('false'));
  });

  it('holds nobody up for the failures of another address', async () => {
    await times(6, false);
    expect(await say(true, 'admin', '192.0.2.2')).to.equal('true');
    expect(await say(true)).to.equal(wait(1));
  });

  it('takes names that change for guesses of one address', async () => {
    for (let at = 0; at < 20; at += 1) expect(await say(false, `name-${at}`)).to.equal('false');
    expect(await say(true, 'one more')).to.equal(wait(1));
  });

  it('checks guesses sent at once one after the other', async () => {
    const running = { now: 0, most: 0, checked: 0 };
    const attempts = Array.from({ length: 12 }, () =>
      guard
        .attempt({ account: 'admin', address: HERE }, async () => {
          running.now += 1;
          running.checked += 1;
          running.most = Math.max(running.most, running.now);
          await new Promise(setImmediate);
          running.now -= 1;
          return false;
        })
        .catch(() => null),
    );
    await Promise.all(attempts);
    expect(running).to.deep.equal({ now: 0, most: 1, checked: 5 });
  });

  it('turns away what would wait behind too many others, and goes on after that and after a failed check', async () => {
    const open: { release: () => void } = { release: () => {} };
    const gate = new Promise<void>((resolve) => (open.release = resolve));
    const waiting = Array.from({ length: 64 }, (_, at) =>
      guard.attempt({ account: 'admin', address: `10.0.0.${at}` }, async () => {
        await gate;
        throw new Error('the database is away');
      }),
    );
    expect(await say(true)).to.equal('Too many passwords wait to be checked: try again in a moment');
    open.release();
    const ended = await Promise.allSettled(waiting);
    expect(ended.every(({ status }) => status === 'rejected')).to.equal(true);
    expect(guard.size).to.equal(0);
    expect(await say(true)).to.equal('true');
  });

  it('remembers no more than ten thousand, those that failed last', async () => {
    await times(5, false);
    for (let at = 0; at < 6_000; at += 1)
      await say(false, 'x', `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
    expect(guard.size).to.equal(10_000);
    expect(await say(true)).to.equal('true');
  });

  for (const [address, network] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['', '0:0:0:0'],
  ] as const)
    it(`takes ${address || 'a socket that is gone'} for ${network}`, () => {
      expect(networkOf(address)).to.equal(network);
    });
});
