// A job told line by line: in which order, at what time and with which mark.
import { expect } from 'chai';
import { LineTeller } from '../../../../coordinator/cli/jobs/tellers.ts';
import { WatchedJob } from '../../../../coordinator/cli/jobs/watched-job.ts';
import { Output } from '../../../../coordinator/cli/output.ts';
import type { Json } from '../../../../coordinator/cli/rest-client.ts';
import { eventually } from '../../../support/eventually.ts';

const AT = '2026-11-28T18:09:36.432Z';
const event = (nodeId: string | null, type: string, subtype: string, more: Json = {}): Json => ({
  'node-id': nodeId,
  'event-type': type,
  'event-subtype': subtype,
  message: subtype,
  changes: false,
  'created-on': AT,
  ...more,
});
const job = (status: string): Json => ({ 'job-type': 'restart', status, 'modified-on': AT });
const node = (id: string, status: string, more: Json = {}): Json => ({
  'node-id': id,
  'node-name': id,
  'datacenter-name': 'dc1',
  status,
  'modified-on': AT,
  ...more,
});

/** What a stream and the nodes say, and the lines that come of it. */
function lineTeller(all = false) {
  const [whole, printed]: [string[], string[]] = [[], []];
  const write = (text: string): void => {
    for (const lines of text.startsWith('—') ? [whole] : [whole, printed]) lines.push(text.trimEnd());
  };
  const sink = { write };
  const output = new Output(sink, sink, { output: 'table', headers: true, quiet: false, color: false }, {});
  const watched = new WatchedJob(job('PENDING'));
  const teller = new LineTeller(watched, output, { all, brief: false, asData: true });
  return {
    /** with headings */
    whole,
    printed,
    seen: (kind: string, data: Json) => teller.seen(kind, data, watched.seen(kind, data)),
    nodes: (...records: Json[]) => teller.nodes(watched.nodesSeen(records)),
    known: (...records: Json[]) => void watched.nodesSeen(records),
    end: () => teller.end(),
    /** without their times */
    lines: () => printed.map((line) => line.slice(10)),
  };
}

describe('a job in plain lines', () => {
  it("has each node's start before what it told, its end behind that, and the job's end last", () => {
    const told = lineTeller();
    told.known(node('n1', 'PENDING'), node('n2', 'PENDING'));
    told.seen('job-event', event(null, 'milestone', 'start'));
    told.seen('job', job('RUNNING'));
    told.nodes(node('n1', 'RUNNING'), node('n2', 'PENDING'));
    told.seen('job-event', event('n1', 'milestone', 'node-started'));
    told.seen('job-event', event('n2', 'check', 'wrote', { changes: true }));
    told.nodes(node('n1', 'COMPLETE'), node('n2', 'RUNNING'));
    told.seen('job-event', event('n2', 'error', 'disk-full'));
    told.seen('job-event', event(null, 'milestone', 'end'));
    told.seen('job', job('FAILED'));
    told.nodes(node('n1', 'COMPLETE'), node('n2', 'FAILED'));
    told.end();
    expect(told.lines()).to.deep.equal([
      'job   start',
      'job   RUNNING',
      'n1    RUNNING',
      'n1  ✓ node-started',
      'n1    COMPLETE',
      'n2    RUNNING',
      'n2  ~ wrote',
      'n2  ✗ disk-full',
      'n2    FAILED',
      'job   end',
      'job   FAILED',
    ]);
  });

  it('puts the ends of nodes whose lines are out first, in their own order', () => {
    const told = lineTeller();
    told.nodes(node('n1', 'RUNNING'), node('n2', 'RUNNING'), node('n3', 'PENDING'));
    told.seen('job-event', event('n3', 'milestone', 'reached'));
    told.nodes(node('n1', 'FAILED'), node('n2', 'COMPLETE'), node('n3', 'RUNNING'));
    expect(told.lines().slice(2)).to.deep.equal([
      'n1    FAILED',
      'n2    COMPLETE',
      'n3    RUNNING',
      'n3  ✓ reached',
    ]);
    told.end();
  });

  it('ticks off nothing that was not reached', () => {
    const told = lineTeller(true);
    for (const subtype of ['bootstrap-started', 'not-started', 'no-peers', 'peers-did-not-look'])
      told.seen('job-event', event('n1', 'milestone', subtype));
    told.seen('job-event', event(null, 'milestone', 'terminate-requested'));
    told.seen('job-event', event(null, 'milestone', 'end'));
    told.end();
    expect(told.printed).to.have.length(6);
    expect(told.printed.join()).not.to.contain('✓');
  });

  it('tells of keyspaces that are named in vain and of the plan of a dry-run, and of no other look', () => {
    const told = lineTeller();
    told.seen('job-event', event(null, 'check', 'plan'));
    for (const subtype of ['gate', 'gate-unknown-keyspace'])
      told.seen('job-event', event('n1', 'check', subtype));
    told.end();
    expect(told.lines()).to.deep.equal(['job   plan', 'n1    gate-unknown-keyspace']);
  });

  it('says of which day lines are, where that is not the day of those above, or today', () => {
    const told = lineTeller();
    told.seen('job-event', event('n1', 'milestone', 'one'));
    told.seen('job-event', event('n1', 'milestone', 'two', { 'created-on': '2026-11-28T23:59:59.900Z' }));
    told.seen('job-event', event('n1', 'milestone', 'three', { 'created-on': '2026-11-29T00:00:01.000Z' }));
    told.end();
    expect(told.whole.map((line) => line.replace(/^[\d:]{8}Z/, 'at'))).to.deep.equal([
      '— 2026-11-28 —',
      'at n1  ✓ one',
      'at n1  ✓ two',
      '— 2026-11-29 —',
      'at n1  ✓ three',
    ]);
  });

  it('says of a wait when it began, whenever the job was changed last', () => {
    const told = lineTeller();
    const waiting = { kind: 'agent', ids: ['n1'], since: '2026-11-28T18:20:01.000Z', what: 'the agent' };
    told.seen('job', { ...job('RUNNING'), 'waiting-for': waiting });
    told.end();
    expect(told.printed).to.deep.equal(['18:09:36Z job   RUNNING', '18:20:01Z job … waiting: the agent']);
  });

  it('says of a wait no time from before its other lines: those of the job, of other waits, of events and of nodes', () => {
    const told = lineTeller();
    const at = (time: string): string => `2026-11-28T${time}.000Z`;
    const waits = (what: string, since: string): void =>
      told.seen('job', { ...job('RUNNING'), 'waiting-for': { kind: 'gate', ids: ['n1'], since, what } });
    waits('an agent', '2026-11-27T23:50:12.000Z');
    waits('a level', at('18:20:00'));
    waits('hints', at('18:25:00'));
    waits('a level again', at('18:20:00'));
    told.seen('job-event', event('n1', 'milestone', 'node-started', { 'created-on': at('18:29:00') }));
    waits('another level', at('18:20:00'));
    told.nodes(node('n1', 'COMPLETE', { 'modified-on': at('18:30:00') }));
    waits('the other node', at('18:20:00'));
    told.end();
    expect(told.printed.filter((line) => line.includes('…'))).to.deep.equal([
      '18:09:36Z job … waiting: an agent',
      '18:20:00Z job … waiting: a level',
      '18:25:00Z job … waiting: hints',
      '18:25:00Z job … waiting: a level again',
      '18:29:00Z job … waiting: another level',
      '18:30:00Z job … waiting: the other node',
    ]);
  });

  it('says times in UTC, all of one length, whichever zone they come in', () => {
    const told = lineTeller(true);
    told.known(node('n1', 'PENDING'));
    for (const at of [AT, '2026-11-28T20:09:36+02:00'])
      told.seen('job-event', event('n1', 'check', 'looked', { 'created-on': at }));
    told.nodes(node('n1', 'RUNNING'));
    told.end();
    expect(told.printed.map((line) => line.slice(0, 10))).to.deep.equal([
      '18:09:36Z ',
      '18:09:36Z ',
      '18:09:36Z ',
    ]);
  });

  it('does not wait for nodes that cannot be read', async () => {
    const told = lineTeller();
    told.seen('job-event', event('n1', 'milestone', 'reached'));
    expect(told.printed).to.deep.equal([]);
    await eventually(() => expect(told.lines()).to.deep.equal(['n1  ✓ reached']));
    told.end();
  });

  it('names the datacenter with a node where another one goes by its name', () => {
    const told = lineTeller();
    const others = [node('a', 'PENDING', { 'node-name': 'n1' }), node('c', 'PENDING')];
    told.known(...others, node('b', 'PENDING', { 'node-name': 'n1', 'datacenter-name': 'dc2' }));
    for (const id of ['a', 'b', 'c']) told.seen('job-event', event(id, 'milestone', 'reached'));
    told.end();
    expect(told.lines()).to.deep.equal(['dc1/n1 ✓ reached', 'dc2/n1 ✓ reached', 'c      ✓ reached']);
  });
});
