// When an agent warns of the end of its certificate: from 30 days before, once a day.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { watchExpiry } from '../../../agent/identity/expiry.ts';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';
import { Authority, createAuthority } from '../../../coordinator/security/authority.ts';
import { type Logger, silentLogger } from '../../../shared/log.ts';

const DAY_MS = 86_400_000;

describe('the end of a certificate', () => {
  const warningsOf = async (days: number, watchedDays: number): Promise<(number | undefined)[]> => {
    const authority = await Authority.load(await createAuthority('Test'));
    const { csrPem } = createKeyAndRequest();
    const { certificatePem } = await authority.signAgentRequest({ csrPem, nodeId: randomUUID(), days });
    const counts: (number | undefined)[] = [];
    const log: Logger = { ...silentLogger, warn: (_, fields) => void counts.push(fields?.count) };
    const ending = new AbortController();
    let nowMs = Date.now() + 60_000;
    const startMs = nowMs;
    const wait = async (ms: number): Promise<void> => {
      nowMs += ms;
      if (nowMs - startMs >= watchedDays * DAY_MS) ending.abort();
    };
    await watchExpiry(certificatePem, { nowMs: () => nowMs, wait }, log, ending.signal);
    return counts;
  };

  it('is told once a day when it is less than 30 days away, and after it too', async () => {
    expect(await warningsOf(2, 4)).to.deep.equal([1, 0, -1, -2]);
  });

  it('is not told while it is far', async () => {
    expect(await warningsOf(90, 60)).to.deep.equal([]);
    expect(await warningsOf(90, 62)).to.deep.equal([29, 28]);
  });
});
