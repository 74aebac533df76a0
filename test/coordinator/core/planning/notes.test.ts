// The sentences under a plan: what its time rests on, what was asked for in vain, what is not known.
import { expect } from 'chai';
import type { Bounds } from '../../../../coordinator/core/planning/batches.ts';
import { notesOf } from '../../../../coordinator/core/planning/notes.ts';
import type { JobType } from '../../../../shared/actions.ts';
import type { Strategy } from '../../../../shared/job-options.ts';
import { NOW } from '../../../support/worlds.ts';

const node = (id: string, isKnown = true) => ({
  id,
  name: id,
  datacenterName: 'dc1',
  rack: 'r',
  seed: false,
  sharing: isKnown ? { address: id, groups: [] } : null,
});
const told = (
  strategy: Strategy,
  {
    type = 'restart' as JobType,
    asked = strategy,
    force = false,
    measuredNodes = 2,
    options = {},
    nodes = [node('a'), node('b')],
    canary = null as { batches: number; waitS: number } | null,
    seenMs = null as number | null,
  } = {},
): string[] => {
  const bounds: Bounds = {
    strategy,
    batchSize: null,
    gate: { level: 'LOCAL_QUORUM', levels: {}, relaxed: [], force },
  };
  const times = { batchSeconds: [], seconds: 1, measuredNodes, otherwiseSeconds: 59.2 };
  return notesOf({
    type,
    asked,
    bounds,
    canary,
    batches: canary === null ? [nodes] : nodes.map((one) => [one]),
    times,
    seenMs,
    isAlone: false,
    ...{ settleS: 0, isOnlyStale: false, rewritesTables: false, ...options },
  });
};
const GATE =
  'The gate looks at the ring before each stop all the same, and may have a node of a batch wait for another.';

describe('the notes under a plan', () => {
  it('say what its time rests on', () => {
    const time = 'The time rests on the last restart that went well of';
    expect(told('default')).to.deep.equal([`${time} 2 nodes.`, GATE]);
    expect(told('default', { measuredNodes: 1 })[0]).to.equal(
      `${time} 1 node; 60 s are taken for 1 node without one.`,
    );
    expect(told('default', { measuredNodes: 0 })[0]).to.equal(
      'No restart of these nodes has been measured yet: 60 s are taken for each.',
    );
  });

  it('say what of its options the time counts, and what is not known of them', () => {
    const about = (options: object, type?: JobType) =>
      told('default', type === undefined ? { options } : { options, type, asked: 'default' })[1];
    expect(about({ settleS: 600 })).to.match(/^Each node has 10 min more, .* \(settle-seconds\)\.$/);
    expect(about({ isOnlyStale: true })).to.match(
      /^The time is that of a restart of all: .* \(only-stale\)\.$/,
    );
    expect(about({ rewritesTables: true }, 'upgrade')).to.match(
      /^How long sstables .* \(upgrade-sstables\)\.$/,
    );
  });

  it('say that a strategy is not in force, and what force means', () => {
    const install = { type: 'install', asked: 'cluster-at-a-time' } as const;
    expect(told('default', install)[1]).to.equal(
      'An install works on one node at a time, whatever concurrency-strategy says.',
    );
    expect(told('cluster-at-a-time', { force: true }).slice(1)).to.deep.equal([
      'With force nodes are stopped whatever is lost by it.',
    ]);
    expect(told('fastest-safe', { force: true }).at(-1)).to.equal(
      'With force nodes are stopped whatever is lost by it, but none while one that shares its token ranges is away by this job or one before it.',
    );
  });

  it('say as of when is known who shares token ranges', () => {
    expect(told('fastest-safe', { seenMs: NOW })[1]).to.equal(
      `Who shares token ranges is known as of ${new Date(NOW).toISOString()}, where that is oldest, without keyspaces made or altered since: a check of the nodes renews what is older than an hour.`,
    );
    expect(told('fastest-safe', { seenMs: null })).to.have.length(2);
  });

  it('name the nodes of which the ring has said nothing, and say what follows from that', () => {
    const nodes = [node('a'), node('b', false)];
    const what = 'Not known before a check of them, or a first stop: who shares token ranges with b';
    expect(told('default', { nodes })[1]).to.equal(`${what}.`);
    expect(told('fastest-safe', { nodes })[1]).to.equal(`${what}; each is alone in its batch.`);
    expect(told('cluster-at-a-time', { nodes, force: true })[1]).to.equal(`${what}.`);
  });

  it('name the canaries, and say when the job goes on after them', () => {
    const about = (batches: number, waitS: number) => told('default', { canary: { batches, waitS } })[1];
    expect(about(1, 600)).to.equal(
      'Before the others comes a; the job goes on with them after 10 min, or as soon as it is resumed.',
    );
    expect(about(1, 0)).to.equal('Before the others comes a; the job goes on with them once it is resumed.');
    expect(about(2, 600)).to.equal(
      'The canaries are all of its nodes (a, b): they come one at a time, and nothing is waited for.',
    );
  });
});
