// The steps that stop and start a database node, on a machine in memory: repeats, crashes and faults.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import { failureEvent } from '../../../agent/run-events.ts';
import { awaitNativePort } from '../../../agent/steps/await-native-port.ts';
import { drainNode } from '../../../agent/steps/drain-node.ts';
import { startNode } from '../../../agent/steps/start-node.ts';
import { stopNode } from '../../../agent/steps/stop-node.ts';
import { failureOf } from '../../support/failure-of.ts';
import type { FakeHost } from '../../support/fake-host.ts';
import { tarballHost } from '../../support/tarball-host.ts';
import { type DriveOptions, drive, inputFor } from './step-driver.ts';

const input = inputFor('restart', '/srv/node1');

describe('restarting a database node', () => {
  let host: FakeHost;
  beforeEach(() => {
    host = tarballHost();
  });

  it('stops clients, drains, ends and starts the node, in that order', async () => {
    await drive(recipes.restart(input), { host, input });
    expect(host.done).to.deep.equal(['stop native transport', 'drain', 'SIGTERM', 'spawn']);
  });

  it('begins every step with a check that changes nothing', async () => {
    for (const step of recipes.restart(input)) {
      const { events } = await drive([step], { host, input });
      expect(events[0], step.name).to.include({ type: 'check', changes: false });
    }
  });

  it('starts a node that does not run, without stopping anything, nor asking for leave that others being down would withhold', async () => {
    host.running = null;
    let asked = false;
    const askLeave: DriveOptions['askLeave'] = async function* () {
      asked = true;
      yield { verdict: 'refused', message: 'Away, or not back yet: b', notes: [] };
    };
    await drive(recipes.restart(input), { host, input, askLeave });
    expect(host.done).to.deep.equal(['spawn']);
    expect(asked).to.equal(false);
  });

  it('does not drain a node that is drained already', async () => {
    host.mode = 'DRAINED';
    await drive([drainNode, drainNode], { host, input });
    expect(host.done).to.deep.equal([]);
  });

  it('goes on to stop when the drain fails, and says so', async () => {
    host.faults.set('drain', new Error('no'));
    const { events } = await drive([drainNode], { host, input });
    expect(events.at(-1)).to.include({ type: 'check', subtype: 'drain-failed', changes: false });
    expect(events.at(-1)?.message).to.equal('Could not drain the database node (no); going on to stop');
  });

  it('says of a node that ended while it was drained that it did so by itself', async () => {
    const { jmx } = host;
    host.jmx = async () => ({
      ...(await jmx.call(host)),
      drain: async () => {
        host.running = null;
        throw new Error('the connection ended');
      },
    });
    const { events } = await drive([drainNode], { host, input });
    expect(events.at(-1)?.message).to.equal(
      'The database node ended by itself before it was drained: the start will replay the commit log',
    );
  });

  it('goes on to stop when JMX does not answer', async () => {
    host.jmxAnswers = false;
    await drive(recipes.restart(input), { host, input });
    expect(host.done).to.deep.equal(['SIGTERM', 'spawn']);
  });

  it('waits for a drain that is under way instead of asking for a second one', async () => {
    host.mode = 'DRAINING';
    const { events } = await drive([drainNode], { host, input });
    expect(host.done).to.deep.equal([]);
    expect(events.at(-1)).to.include({ subtype: 'drain-failed' });
  });

  it('kills a node that does not heed SIGTERM within its limit', async () => {
    host.heedsTerm = false;
    const { events } = await drive([stopNode], { host, input });
    expect(host.done).to.deep.equal(['SIGTERM', 'SIGKILL']);
    expect(events.map(({ subtype }) => subtype)).to.include('node-killed');
  });

  it('does not stop the new node when it is taken up again after a crash', async () => {
    const first = await drive([stopNode], { host, input });
    const fresh = host.startNode();
    const { events } = await drive([stopNode], { host, input, before: first });
    expect(events.filter(({ changes }) => changes)).to.deep.equal([]);
    expect(host.running).to.equal(fresh);
    expect(host.done).to.deep.equal(['SIGTERM']);
  });

  it('stops the old node when the crash came between the note and the signal', async () => {
    const old = host.running;
    await drive([stopNode], {
      host,
      input,
      before: { results: new Map(), notes: new Map([['stop-node', [old]]]) },
    });
    expect(host.done).to.deep.equal(['SIGTERM']);
  });

  it('starts no second node when it is taken up again after a crash', async () => {
    const stopped = await drive([stopNode], { host, input });
    const started = await drive([startNode], { host, input, before: stopped });
    started.results.delete('start-node');
    await drive([startNode], { host, input, before: started });
    expect(host.done).to.deep.equal(['SIGTERM', 'spawn']);
  });

  it('names the port that another process has taken', async () => {
    host.running = null;
    host.takenPorts.add(7000);
    const failure = await failureOf(drive([startNode], { host, input }));
    expect(failure).to.include({ subtype: 'port-in-use', resource: '7000' });
    expect(failure.message).to.contain('The storage port 7000 of 127.0.0.1 is taken by another process. End');
    expect(host.done).to.deep.equal([]);
  });

  it('does not stop a node for a port that another process holds, of those that it has or is to have', async () => {
    host.holders.set(9142, { pid: 77, program: 'nginx' });
    await drive(recipes.restart(input), { host, input });
    host.done.length = 0;
    host.files.set('/srv/node1/cassandra-5.0.8/conf/cassandra.yaml', 'native_transport_port_ssl: 9142\n');
    const failure = await failureOf(drive(recipes.restart(input), { host, input }));
    expect(failure).to.include({ subtype: 'port-in-use', resource: '9142' });
    expect(failure.message).to.equal(
      'The native transport (TLS) port 9142 of 127.0.0.1 is taken by process 77 (nginx), and not by the database node, ' +
        'which runs on. End that process, or give the node another port in its config profile',
    );
    for (const port of Object.values(input.ports)) {
      host.holders.clear();
      host.holders.set(port, { pid: null, program: null });
      expect(await failureOf(drive(recipes.restart(input), { host, input }))).to.include({
        resource: String(port),
      });
    }
    expect(host.done).to.deep.equal([]);
  });

  it('does not stop a node that would find the disk full', async () => {
    host.freeDiskBytes = 0;
    for (const recipe of ['restart', 'configure'] as const) {
      const of = inputFor(recipe, '/srv/node1');
      const failure = await failureOf(drive(recipes[recipe](of), { host, input: of }));
      expect(failure).to.include({ subtype: 'disk-full', resource: '/srv/node1' });
      expect(failure.message).to.equal('No space is left below /srv/node1: the database node runs on');
    }
    expect(host.done).to.deep.equal([]);
  });

  it('looks once more when leave was given, and leaves a node alone that could not start again by then', async () => {
    const meanwhile = async (happens: () => void) => {
      host.done.length = 0;
      const askLeave: DriveOptions['askLeave'] = async function* () {
        happens();
        yield { verdict: 'allowed', message: 'Every range keeps its level', notes: [] };
      };
      const { subtype } = await failureOf(drive(recipes.restart(input), { host, input, askLeave }));
      return [subtype, ...host.done];
    };
    expect(await meanwhile(() => host.holders.set(7000, { pid: 77, program: 'nginx' }))).to.deep.equal([
      'port-in-use',
    ]);
    host.holders.clear();
    expect(
      await meanwhile(() => {
        host.freeDiskBytes = 0;
      }),
    ).to.deep.equal(['disk-full']);
  });

  it('does not start on a full disk', async () => {
    host.running = null;
    host.freeDiskBytes = 0;
    expect((await failureOf(drive([startNode], { host, input }))).subtype).to.equal('disk-full');
  });

  it('says of one that finds none of its ring that a seed is to be started first', async () => {
    host.running = null;
    host.diesAtStart = true;
    const said = 'ERROR [main] t X.java:1 - Unable to gossip with any peers\n';
    host.saysAtStart.set('/srv/node1/logs/system.log', said);
    expect((await failureOf(drive([startNode, awaitNativePort], { host, input }))).message).to.equal(
      'The database node ended while it was starting: Unable to gossip with any peers. None of its seeds answers it (127.0.0.1): start one of them first, by a job on that node alone',
    );
  });

  it('tells why when the node dies at once, with what it logged since this start, without secrets', async () => {
    host.running = null;
    host.diesAtStart = true;
    host.files.set('/srv/node1/logs/system.log', 'ERROR [main] t X.java:1 - of the run before\n');
    const said = 'ERROR [main] t X.java:1 - bad yaml\n\tat x.Y(Z.java)\nkeystore_password: hush\n';
    host.saysAtStart.set('/srv/node1/logs/system.log', said);
    const failure = await failureOf(drive([startNode, awaitNativePort], { host, input }));
    expect(failure.subtype).to.equal('node-died');
    expect(host.nowMs()).to.be.below(1_001_000); // not after the whole limit
    expect(failure.message).to.equal('The database node ended while it was starting: bad yaml');
    expect(failure.detail['system-log']).to.deep.equal([
      'ERROR [main] t X.java:1 - bad yaml',
      '\tat x.Y(Z.java)',
      'keystore_password: ********',
    ]);
    expect(failureEvent(failure, 'await-native-port').traceback).to.equal(
      'ERROR [main] t X.java:1 - bad yaml\n\tat x.Y(Z.java)',
    );
  });

  it('stops before the node is touched when asked, and not after', async () => {
    const stopping = AbortSignal.abort(new Error('asked to stop'));
    const ended = await drive(recipes.restart(input), { host, input, stopping }).catch(
      (error: Error) => error.message,
    );
    expect(ended).to.equal('asked to stop');
    expect(host.done).to.deep.equal([]);
  });

  it('leaves off at once when the run is fenced', async () => {
    host.answersAfterMs = null;
    const aborted = AbortSignal.abort(new Error('fenced'));
    const ended = await drive([awaitNativePort], { host, input, aborted }).catch(
      (error: Error) => error.message,
    );
    expect(ended).to.equal('fenced');
  });

  it('refuses to restart what is not installed, before anything is stopped', async () => {
    host.files.clear();
    expect((await failureOf(drive(recipes.restart(input), { host, input }))).subtype).to.equal(
      'not-installed',
    );
    expect(host.done).to.deep.equal([]);
  });
});
