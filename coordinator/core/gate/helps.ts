// What an operator could do about nodes that are down, or count as such, and hold up a stop, besides waiting for them.
import { iso } from '../waiting.ts';
import type { EndedLeave, StopQuestion } from './facts.ts';
import { listed } from './keyspace-names.ts';

const ENDED = {
  failed: 'failed',
  stopped: 'was terminated',
  lost: 'was lost by its agent',
  refused: 'was refused by its agent',
  'given up': 'was given up, and let go of by its agent,',
} as const satisfies Record<EndedLeave['outcome'], string>;

/** The node may be back or not: for a while nobody else would notice. */
const ofEnded = (name: string, { jobType, jobId, outcome, endedMs, untilMs }: EndedLeave): string =>
  ` Node ${name} had leave to be stopped in job ${jobId} (${jobType}), which ${ENDED[outcome]} there at ${iso(endedMs)}: it counts as away until ${iso(untilMs)}, in which others notice whether it runs, or until a job has brought it back. It may well run; if it does not, a restart of it alone starts it, once this job is over.`;

/** Of those that are away since a job had stopped them. */
export const helpsAfterEnded = (question: StopQuestion, away: readonly string[]): string =>
  question.peers
    .flatMap(({ address, name }) => {
      const last = question.ended.findLast((one) => one.address === address);
      return last === undefined || !away.includes(address) ? [] : [ofEnded(name, last)];
    })
    .join('');

/** Where nodes that are down stand in the way: of the one that would be repaired itself, and of what may go first. */
export function helpsAgainst(question: StopQuestion, away: readonly string[]): string {
  const others = question.views.flatMap(({ nodeId, view }) =>
    nodeId === question.nodeId || view === null ? [] : [view],
  );
  const isDown = others.length > 0 && others.every((view) => !view.live.includes(question.address));
  const first = question.peers.filter(
    ({ address }) => away.includes(address) && !question.onLeave.includes(address),
  );
  const names = listed(first.map(({ name }) => name));
  const held = question.peers.filter(
    ({ address }) => away.includes(address) && question.notLetGo.includes(address),
  );
  return [
    isDown
      ? ` Those that were asked see node ${question.name} as down itself: if it serves nobody, a job with force takes nothing from anybody.`
      : '',
    first.length > 0
      ? ` A node that does not run is started without asking: a job on ${names} alone may go first, once this one is over.`
      : '',
    held.length > 0
      ? ` The run on ${listed(held.map(({ name }) => name))} was given up, and its agent has not said since that it is not at it any more: that counts until the agent is connected again and has let go of it, or a later job has brought the node back.`
      : '',
    helpsAfterEnded(question, away),
  ].join('');
}
