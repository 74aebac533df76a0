// How an agent looks at its own database node for a peer: what it says when it cannot look, and how often it tries.
import { expect } from 'chai';
import type { OwnNode } from '../../agent/host/host.ts';
import { Peers } from '../../agent/peers.ts';
import { silentLogger } from '../../shared/log.ts';
import { FakeHost } from '../support/fake-host.ts';

const OWN: OwnNode = { directory: '/srv/node1', jmxPort: 7199 };
const QUESTION = { kind: 'watch-peer', questionId: 'q', address: '127.0.0.2', withinMs: 10_000 } as const;

describe('looking at a peer', () => {
  let host: FakeHost;
  beforeEach(() => {
    host = new FakeHost();
  });
  /** The host's clock, which only waiting moves. */
  const look = async (own: OwnNode | null): Promise<[sight: string, afterMs: number]> => {
    const startedMs = host.nowMs();
    const peers = new Peers(host, () => own, host, silentLogger);
    const view = await peers.watch(QUESTION);
    if (view.kind !== 'peer-view') throw new Error('a question is answered with a view');
    return [view.sight, host.nowMs() - startedMs];
  };

  it('tells a host without a database node from an agent that does not know of one', async () => {
    expect(await look(OWN)).to.deep.equal(['blind', 0]);
    host.startNode();
    expect(await look(OWN)).to.deep.equal(['normal', 0]);
    expect(await look(null)).to.deep.equal(['not-told', 0]);
  });

  it('is tried again while it fails, until the time is over', async () => {
    host.startNode();
    host.faults.set('jmx', new Error('refused'));
    expect(await look(OWN)).to.deep.equal(['normal', 200]);
    const { findCassandra } = host;
    host.findCassandra = () => {
      host.findCassandra = findCassandra;
      throw Object.assign(new Error('EMFILE: too many open files, scandir'), { code: 'EMFILE' });
    };
    expect(await look(OWN)).to.deep.equal(['normal', 200]);
    host.jmxAnswers = false;
    expect(await look(OWN)).to.deep.equal(['not-normal', 10_000]);
    host.running = null;
    expect(await look(OWN)).to.deep.equal(['blind', 0]);
  });
});
