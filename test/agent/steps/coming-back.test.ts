// A database node that was started, until it serves and its peers see it, on a machine in memory.
import { expect } from 'chai';
import { awaitNativePort } from '../../../agent/steps/await-native-port.ts';
import { awaitPeers } from '../../../agent/steps/await-peers.ts';
import { startNode } from '../../../agent/steps/start-node.ts';
import type { PeerStanding } from '../../../shared/wire/messages.ts';
import { failureOf } from '../../support/failure-of.ts';
import type { FakeHost } from '../../support/fake-host.ts';
import { tarballHost } from '../../support/tarball-host.ts';
import { type DriveOptions, drive, inputFor } from './step-driver.ts';

const input = inputFor('restart', '/srv/node1');

describe('a database node that comes back', () => {
  let host: FakeHost;
  beforeEach(() => {
    host = tarballHost();
  });

  it('gives up on a native port that never answers', async () => {
    host.answersAfterMs = null;
    expect((await failureOf(drive([awaitNativePort], { host, input }))).subtype).to.equal('node-not-up');
  });

  it('gives a sign of life at every poll', async () => {
    host.running = null;
    host.answersAfterMs = 1_000;
    const { ticks } = await drive([startNode, awaitNativePort], { host, input });
    expect(ticks).to.be.at.least(20);
  });

  it('notes the process it started, to watch that very one after a crash', async () => {
    host.running = null;
    const { notes } = await drive([startNode], { host, input });
    expect(notes.get('start-node')).to.deep.equal([{ begun: { system: 0, output: 0 } }, host.running]);
  });

  it('waits for peers that have not seen the node yet, and names those that never answer', async () => {
    const askPeers: DriveOptions['askPeers'] = async function* () {
      yield { normal: [], waiting: ['b'], notNormal: ['c'], blind: [], notTold: [], away: [], saw: {} };
      yield { normal: [], waiting: [], notNormal: ['c'], blind: [], notTold: [], away: [], saw: {} };
      yield { normal: ['b', 'c'], waiting: [], notNormal: [], blind: [], notTold: [], away: [], saw: {} };
    };
    await drive([awaitPeers], { host, input, askPeers });
    const silent: DriveOptions['askPeers'] = async function* () {
      yield { normal: [], waiting: ['b'], notNormal: [], blind: [], notTold: [], away: [], saw: {} };
    };
    expect((await failureOf(drive([awaitPeers], { host, input, askPeers: silent }))).message).to.contain(
      ': b',
    );
  });

  it('names the peers that do not see the node, with what each of them saw', async () => {
    const saw = { c: '127.0.0.1 is seen alive, status BOOT' };
    const askPeers: DriveOptions['askPeers'] = async function* () {
      yield { normal: ['a'], waiting: ['b', 'c'], notNormal: [], blind: [], notTold: [], away: [], saw: {} };
      yield { normal: ['a', 'b'], waiting: [], notNormal: ['c', 'd'], blind: [], notTold: [], away: [], saw };
    };
    const failure = await failureOf(drive([awaitPeers], { host, input, askPeers }));
    expect(failure.subtype).to.equal('peers-do-not-see-node');
    expect(failure.message).to.match(/: c \(127\.0\.0\.1 is seen alive, status BOOT\), d$/);
    expect(failure.detail).to.deep.include({ saw });
  });

  it('says how many peers see the node, and who did not look for which reason', async () => {
    const told = async (standing: Partial<PeerStanding>) => {
      const none = { normal: [], waiting: [], notNormal: [], blind: [], notTold: [], away: [], saw: {} };
      const askPeers: DriveOptions['askPeers'] = async function* () {
        yield { ...none, ...standing };
      };
      const { events } = await drive([awaitPeers], { host, input, askPeers });
      return [events.at(-1)?.subtype, events.at(-1)?.message];
    };
    expect(await told({ normal: ['a', 'b'] })).to.deep.equal([
      'peers-see-normal',
      'This node is seen as up and normal by 2 of 2 peers',
    ]);
    expect(await told({ normal: ['a'], blind: ['b', 'c'], notTold: ['d'], away: ['e'] })).to.deep.equal([
      'peers-see-normal',
      'This node is seen as up and normal by 1 of 5 peers. These did not look: ' +
        'b, c (no database node runs there); d (the agent there was not told where its database node is); ' +
        'e (the agent there is not connected)',
    ]);
    expect(await told({ blind: ['b'] })).to.deep.equal([
      'peers-did-not-look',
      'No peer looked at this node: b (no database node runs there)',
    ]);
    expect(await told({})).to.deep.equal(['no-peers', 'There are no peers that could see this node']);
  });
});
