// When an agent renews its certificate, what it does when nobody gives it one, and what stands meanwhile.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { CurrentIdentity } from '../../../agent/identity/current-identity.ts';
import type { Identity } from '../../../agent/identity/identity.ts';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';
import { keepRenewed, renewalOf } from '../../../agent/identity/renewal.ts';
import { Authority, createAuthority } from '../../../coordinator/security/authority.ts';
import { heardLog } from '../../support/heard-log.ts';

const DAY_MS = 86_400_000;

describe('the renewal of a certificate', () => {
  let nowMs = 0;
  let authority: Authority;
  let identity: Identity;
  const nodeId = randomUUID();
  const sign = async (csrPem: string, days: number): Promise<string> =>
    (await authority.signAgentRequest({ csrPem, nodeId, days })).certificatePem;
  const setUp = async (days: number): Promise<void> => {
    nowMs = Date.UTC(2030, 0, 1);
    authority = await Authority.load(await createAuthority('Test', clock), clock);
    const { csrPem, privateKeyPem } = createKeyAndRequest();
    const certificatePem = await sign(csrPem, days);
    const coordinatorAddresses = ['coordinator.example.org:9000'];
    identity = {
      nodeId,
      privateKeyPem,
      certificatePem,
      caPem: authority.certificatePem,
      coordinatorAddresses,
    };
  };
  const clock = { nowMs: () => nowMs, wait: async () => {} };
  /** So many days of an agent's life. @returns on which days it asked, what was saved, and what it said */
  const live = async (
    days: number,
    askFor: (csrPem: string) => Promise<string>,
    save: (identity: Identity) => Promise<void> = async () => {},
    prepare: () => Promise<void> = async () => {},
  ) => {
    const ending = new AbortController();
    const startMs = nowMs;
    const day = (): number => Math.round(((nowMs - startMs) / DAY_MS) * 100) / 100;
    const [askedOn, saved]: [number[], Identity[]] = [[], []];
    const { log, lines } = heardLog();
    const current = new CurrentIdentity(identity);
    const wait = async (ms: number): Promise<void> => {
      nowMs += ms;
      if (nowMs - startMs >= days * DAY_MS) ending.abort();
    };
    await keepRenewed(
      {
        current,
        store: {
          prepare,
          save: async (one) => {
            await save(one);
            saved.push(one);
          },
        },
        askFor: async (_, csrPem) => {
          askedOn.push(day());
          return await askFor(csrPem);
        },
        clock: { nowMs: () => nowMs, wait },
        log,
      },
      ending.signal,
    );
    return { askedOn, saved, current, said: lines.map((line) => JSON.parse(line)) };
  };

  it('is asked for 30 days before the end, with a new key, and again 30 days before the end of that', async () => {
    await setUp(90);
    const { askedOn, saved, current } = await live(130, (csrPem) => sign(csrPem, 90));
    expect(askedOn).to.deep.equal([60, 120]);
    expect(new Set([identity, ...saved].map(({ privateKeyPem }) => privateKeyPem)).size).to.equal(3);
    expect(current.identity).to.deep.equal(saved.at(-1));
    expect(current.identity).to.deep.include({ nodeId, caPem: identity.caPem });
  });

  it('of one that is short is asked for in the last third of its life', async () => {
    await setUp(3);
    expect((await live(3, (csrPem) => sign(csrPem, 3))).askedOn).to.deep.equal([2]);
    const { dueMs, endMs } = renewalOf(identity.certificatePem);
    expect((endMs - dueMs) / DAY_MS).to.be.within(1, 1.01);
  });

  it('is asked for again every hour while nobody answers, and then told of as over, once a day', async () => {
    await setUp(2);
    const { askedOn, said, current } = await live(5, () => Promise.reject(new Error('nobody is there')));
    expect(askedOn[0]).to.be.within(1.3, 1.4);
    expect((askedOn[1] ?? 0) - (askedOn[0] ?? 0)).to.be.within(0.03, 0.05);
    expect(said[0]).to.deep.include({ reason: 'nobody is there', count: 0 });
    const over = said.filter(({ message }) => /has run out: enrol it anew/.test(message));
    expect(over).to.have.length(3);
    expect(current.identity).to.equal(identity);
  });

  it('changes nothing until the new one is on disk whole', async () => {
    await setUp(3);
    const full = async (): Promise<void> => {
      throw new Error('no space left');
    };
    const { saved, said, current } = await live(2.5, (csrPem) => sign(csrPem, 90), full);
    expect(saved).to.deep.equal([]);
    expect(said[0].reason).to.equal('no space left');
    expect(current.identity).to.equal(identity);
    expect(current.replaced.aborted).to.equal(false);
  });

  it('is not asked for while it could not be stored', async () => {
    await setUp(3);
    const full = () => Promise.reject(new Error('no space left'));
    const { askedOn, said } = await live(2.5, (csrPem) => sign(csrPem, 90), undefined, full);
    expect(askedOn).to.deep.equal([]);
    expect(said[0].reason).to.equal('no space left');
  });
});
