// How a node lets go of its clients, drains within its limit, and settles once it is back, on a machine in memory.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import { drainNode } from '../../../agent/steps/drain-node.ts';
import { stopNativeTransport } from '../../../agent/steps/stop-native-transport.ts';
import type { StepEvent } from '../../../shared/events.ts';
import type { FakeHost } from '../../support/fake-host.ts';
import { tarballHost } from '../../support/tarball-host.ts';
import { drive, inputFor } from './step-driver.ts';

const input = inputFor('restart', '/srv/node1', {
  limits: { ...inputFor('restart', '/srv/node1').limits, clientsMs: 5_000, drainMs: 60_000 },
});
const find = (events: readonly StepEvent[], subtype: string): StepEvent =>
  events.find((event) => event.subtype === subtype && !event.message.startsWith('Checking')) ??
  expect.fail(`no ${subtype}`);

describe('a stop that is kind to clients', () => {
  let host: FakeHost;
  beforeEach(() => {
    host = tarballHost();
  });

  it('drains once all connections are closed and their requests done, and says how many and how long', async () => {
    host.clients = { connections: 3, requests: 12 };
    host.clientsLeaveAfterMs = 400;
    let leftAtDrain: unknown = null;
    const { events } = await drive(recipes.restart(input), {
      host,
      input,
      onEvent: async (_event, step) => {
        if (step === 'drain-node') leftAtDrain ??= await (await host.jmx()).servedClients();
      },
    });
    expect(leftAtDrain).to.deep.equal({ connections: 0, requests: 0 });
    const told = find(events, 'native-transport');
    expect(told).to.deep.include({ changes: true, before: { connections: 3, requests: 12 } });
    expect(told.message).to.equal('Stopped serving clients: 3 connections closed in 0.4 s');
    expect(told.after).to.deep.equal({ 'clients-ms': 400, 'connections-left': 0, 'requests-left': 0 });
  });

  it('goes on to drain at its limit, and says who was left', async () => {
    host.clients = { connections: 1, requests: 7 };
    host.clientsLeaveAfterMs = null;
    const { events, ticks } = await drive(recipes.restart(input), { host, input });
    expect(host.done).to.deep.equal(['stop native transport', 'drain', 'SIGTERM', 'spawn']);
    const { message, after } = find(events, 'clients-left');
    expect(message).to.equal(
      'Of 1 connection, 1 connection and 7 requests are left after 5 s (clients-timeout); going on to drain',
    );
    expect(after).to.deep.equal({ 'clients-ms': 5_000, 'connections-left': 1, 'requests-left': 7 });
    expect(ticks, 'signs of life').to.be.greaterThan(50);
  });

  it('loses no time when nobody is connected', async () => {
    const startedMs = host.nowMs();
    await drive([stopNativeTransport], { host, input });
    expect(host.nowMs() - startedMs).to.be.at.most(50);
  });

  it('waits on after a crash for those that a stop before it is still closing, and stops nothing twice', async () => {
    host.clients = { connections: 3, requests: 12 };
    host.clientsLeaveAfterMs = null;
    host.nativeRuns = false;
    const { events } = await drive([stopNativeTransport], { host, input });
    expect(host.done).to.deep.equal([]);
    expect(find(events, 'clients-left').changes).to.equal(false);
  });

  it('does not wait for what a version does not tell', async () => {
    host.clients = { connections: null, requests: null };
    host.clientsLeaveAfterMs = null;
    const { events } = await drive([stopNativeTransport], { host, input });
    expect(find(events, 'native-transport').message).to.match(/: an unknown number of connections closed in/);
  });

  it('goes on when the node does not tell who is left', async () => {
    host.faults.set('servedClients', new Error('no'));
    const { events } = await drive(recipes.restart(input), { host, input });
    expect(host.done).to.deep.equal(['drain', 'SIGTERM', 'spawn']);
    expect(find(events, 'native-transport').after).to.deep.equal({ error: 'no' });
  });

  it('goes on to stop when the drain is not over at its limit, with the time that it had', async () => {
    host.drainTakesMs = 90_000;
    const { events } = await drive(recipes.restart(input), { host, input });
    expect(host.done).to.deep.equal(['stop native transport', 'drain', 'SIGTERM', 'spawn']);
    const { message, changes, after } = find(events, 'drain-failed');
    expect(message).to.match(
      /^The drain is not over after 60 s \(drain-timeout\); going on to stop: .*commit log$/,
    );
    expect(changes).to.equal(false);
    expect(after?.['drain-ms']).to.be.within(60_000, 61_000);
  });

  it('says how long a drain took', async () => {
    host.drainTakesMs = 1_200;
    const { events } = await drive([drainNode], { host, input });
    const { message, after } = find(events, 'node-drained');
    expect(after?.['drain-ms']).to.be.within(1_200, 2_200); // a sign of life moves this clock too
    expect(message).to.equal(`Drained the database node in ${Number(after?.['drain-ms']) / 1_000} s`);
  });
});

describe('a node that was started', () => {
  const settling = { ...input, settleMs: 2_500 };
  let host: FakeHost;
  beforeEach(() => {
    host = tarballHost({ runs: false });
  });

  it('is left in peace as long as the job says, and not longer', async () => {
    const { events } = await drive(recipes.restart(settling), { host, input: settling });
    expect(find(events, 'node-settled').after?.['settle-ms']).to.be.within(2_500, 3_500);
    host.running = null;
    const atOnce = await drive(recipes.restart(input), { host, input });
    expect(atOnce.events.map(({ subtype }) => subtype)).to.not.include('node-settled');
  });

  it('is not waited for any more when the run is to stop', async () => {
    const stop = new AbortController();
    const ended = await drive(recipes.restart(settling), {
      host,
      input: settling,
      stopping: stop.signal,
      onEvent: (_event, step) => {
        if (step === 'await-settling') stop.abort(new Error('asked to stop'));
      },
    }).catch((error: Error) => error.message);
    expect(ended).to.equal('asked to stop');
    expect(host.running).to.not.equal(null);
  });
});
