// What a pass does about runs that ask for leave to stop their node: tell them, ask for newer views, or wait and say so.
import type { StopNote } from '../../../shared/ring-view.ts';
import { type Sharing, sharingOf } from '../planning/sharing.ts';
import { isQuiet, isUnderWay } from '../signals.ts';
import { iso } from '../waiting.ts';
import type { WaitingFor, World } from '../world.ts';
import type { GateAnswer, StopQuestion } from './facts.ts';
import { type Decision, decide } from './gate.ts';
import { HELD_LOOK_MS, heldByLeave } from './held.ts';
import { ownUnheard } from './own-view.ts';
import { nextRoundMs, roundEndMs, staleMs, viewWithinMs } from './rounds.ts';

export type GateCommand =
  | {
      do: 'answer-stop';
      questionId: string;
      nodeId: string;
      answer: GateAnswer;
      /** with whom the node shares replica sets, where leave rests on that; null: what is known of it stands */
      sharing: Sharing | null;
    }
  | { do: 'ask-views'; questionId: string };

export interface Asking {
  commands: GateCommand[];
  /** null: nobody waits at the gate */
  waitingFor: WaitingFor | null;
  lookAgainAtMs: number[];
}

export const NOBODY_ASKS: Readonly<Asking> = { commands: [], waitingFor: null, lookAgainAtMs: [] };

const EVERY_FEW = 'looked at every few seconds';
const ONCE_BACK = 'looked at again once the run there has ended';
/** Most looks are over by then, and not worth a word. */
const LOOK_SAID_AFTER_MS = 1_000;

/** What a job waits for while it asks; a newer look takes none of them back. */
const AT_GATE: ReadonlySet<WaitingFor['kind']> = new Set(['look', 'gate', 'hints']);

/** Since when its node waits, for whatever that was in between. */
const whileLooking = ({ name, nodeId, askedMs }: StopQuestion): WaitingFor => ({
  kind: 'look',
  ids: [nodeId],
  since: iso(askedMs),
  what: `Node ${name} is not stopped yet: it and others are being asked what they see of their ring, which takes a while where it is large, or one of them does not answer.`,
});

/** What of an answer is stored anew once it differs. */
const KEPT = [
  'verdict',
  'message',
  'hintsSinceMs',
  'hintsWaitedMs',
  'ownUnheardSinceMs',
  'heldSinceMs',
  'countsFromMs',
] as const satisfies readonly (keyof GateAnswer)[];

function whatOf(
  { name, askedMs, options }: StopQuestion,
  { message, helps, passing }: Extract<Decision, { kind: 'wait' }>,
  nowMs: number,
  { isHeld, looks }: { isHeld: boolean; looks: string },
): string {
  const limitMs = askedMs + options.timeoutMs;
  const end =
    passing !== null
      ? `from ${iso(passing.untilMs)} on without that`
      : isHeld
        ? `its limit of ${options.timeoutMs / 1_000} s does not count while other nodes of this job are at work`
        : options.atLimit === 'fail'
          ? `the run fails at ${iso(limitMs)} otherwise`
          : nowMs < limitMs
            ? 'the job is held until then'
            : `held beyond its limit of ${options.timeoutMs / 1_000} s`;
  const byForce = options.force
    ? ''
    : `; a job with force${options.keepsApart ? ' and another concurrency-strategy' : ''} does not wait`;
  return `Node ${name} is not stopped yet. ${message} It goes on by itself once that has changed (${looks}; ${end}), or terminate the job${byForce}.${helps}`;
}

/** Runs while hints alone are waited for, and keeps what it showed, so that other waits in between make theirs no longer. */
function hintsClock(
  isRunning: boolean,
  sinceMs: number,
  waitedMs: number,
  nowMs: number,
): Partial<GateAnswer> {
  const allMs = isRunning ? waitedMs : waitedMs + nowMs - sinceMs;
  return {
    ...(isRunning ? { hintsSinceMs: sinceMs } : {}),
    ...(allMs === 0 ? {} : { hintsWaitedMs: allMs }),
  };
}

/** How long hints alone have held up a stop that is allowed now. */
function hintsNote({ answer }: StopQuestion, nowMs: number): StopNote[] {
  const sinceMs = answer?.hintsSinceMs ?? nowMs;
  const seconds = ((answer?.hintsWaitedMs ?? 0) + nowMs - sinceMs) / 1_000;
  if (seconds === 0) return [];
  return [
    { subtype: 'gate-hints', message: `Hints were waited for: ${seconds.toFixed(1)} s in all`, loud: false },
  ];
}

/**
 * Somebody of the job is on the way to a stop, or back from it: whoever waits meanwhile waits for that, as the nodes of a large
 * batch do of which the gate lets few go at once. Steps have limits of their own; an agent that is away or silent has none.
 * @returns ids of nodes
 */
function atWork(world: World): ReadonlySet<string> {
  const waiting = new Set(world.gate.map(({ jobNodeId }) => jobNodeId));
  const busy = world.nodes.filter(
    (node) =>
      isUnderWay(node) &&
      node.run?.outcome === null &&
      node.agent.connected &&
      !isQuiet(world, node) &&
      !waiting.has(node.jobNodeId),
  );
  return new Set(busy.map(({ nodeId }) => nodeId));
}

/** Addresses of nodes of the job that are at work, or will be: the pass is woken when they end. */
const onWay = (
  { peers }: StopQuestion,
  busy: ReadonlySet<string>,
  leaving: readonly string[],
): ReadonlySet<string> =>
  new Set([...leaving, ...peers.flatMap(({ nodeId, address }) => (busy.has(nodeId) ? [address] : []))]);

/** From when its limit counts, and whether it stands still: then it counts on from where it was. */
function clockOf(
  { askedMs, answer }: StopQuestion,
  { nowMs, job }: World,
  isHeld: boolean,
): { countsFromMs: number; kept: Pick<GateAnswer, 'countsFromMs' | 'heldSinceMs'> } {
  // Anew, once the job was told to go on, or its window has opened.
  const begunMs = answer?.isHeld ? nowMs : answer?.countsFromMs;
  const fromMs = Math.max(askedMs, job.resumedMs ?? 0, begunMs ?? 0);
  const heldSinceMs = answer?.heldSinceMs ?? (isHeld ? nowMs : undefined);
  if (heldSinceMs === undefined)
    return { countsFromMs: fromMs, kept: begunMs === undefined ? {} : { countsFromMs: begunMs } };
  const countsFromMs = fromMs + nowMs - Math.max(heldSinceMs, fromMs);
  return { countsFromMs, kept: isHeld ? { countsFromMs: fromMs, heldSinceMs } : { countsFromMs } };
}

/** With force leave may have been given whatever was seen, or not. */
function sharingSeen({ address, views, options }: StopQuestion): Sharing | null {
  const seen = views.flatMap(({ view }) => (view === null ? [] : [view]));
  return options.force || seen.length === 0 ? null : sharingOf(address, seen);
}

/** What a job that is paused, or outside of its window, tells those who ask: nobody gets leave, and nobody's time runs out. */
function whilePaused(world: World, pause: WaitingFor): Asking {
  const commands = world.gate.flatMap(({ questionId, nodeId, answer }): GateCommand[] =>
    answer === null || (answer.verdict === 'wait' && answer.message !== pause.what)
      ? [
          {
            do: 'answer-stop',
            questionId,
            nodeId,
            answer: { verdict: 'wait', message: pause.what, notes: [], isHeld: true },
            sharing: null,
          },
        ]
      : [],
  );
  return { commands, waitingFor: null, lookAgainAtMs: [] };
}

/**
 * Only runs under way, whose job is not being terminated, may get leave; that of one counts against those behind it at once.
 * @param pause why the job does not go on by itself; null: it does
 */
export function asking(world: World, pause: WaitingFor | null): Asking {
  const { nowMs, job, listeningSinceMs } = world;
  const result: Asking = { commands: [], waitingFor: null, lookAgainAtMs: [] };
  if (job.terminateRequestedMs !== null) return result;
  if (pause !== null) return whilePaused(world, pause);
  const leaving: string[] = [];
  const busy = atWork(world);
  for (const asked of world.gate) {
    const isHeld = busy.size > 0 || leaving.length > 0;
    const clock = clockOf(asked, world, isHeld);
    const question = { ...asked, askedMs: clock.countsFromMs, onLeave: [...asked.onLeave, ...leaving] };
    const { questionId, nodeId, answer } = question;
    if (answer !== null && answer.verdict !== 'wait') continue;
    const before = job.waitingFor !== null && AT_GATE.has(job.waitingFor.kind) ? job.waitingFor : null;
    const hintsSinceMs = answer?.hintsSinceMs ?? nowMs;
    const waitedMs = answer?.hintsWaitedMs ?? 0;
    const seen = decide(question, nowMs, listeningSinceMs, hintsSinceMs - waitedMs);
    if (seen.kind === 'looking') {
      const saidMs = question.roundMs + LOOK_SAID_AFTER_MS;
      result.waitingFor ??= before ?? (nowMs < saidMs ? null : whileLooking(asked));
      result.lookAgainAtMs.push(...(nowMs < saidMs ? [saidMs] : []), roundEndMs(question));
      continue;
    }
    const held = seen.kind === 'wait' ? heldByLeave(question, onWay(question, busy, leaving), nowMs) : null;
    if (held === null && nowMs >= staleMs(question)) {
      const isDue = nowMs >= nextRoundMs(question);
      if (isDue) result.commands.push({ do: 'ask-views', questionId });
      result.waitingFor ??= before ?? whileLooking(asked);
      result.lookAgainAtMs.push(isDue ? nowMs + viewWithinMs(question) : nextRoundMs(question));
      continue;
    }
    const decision = held ?? seen;
    const told: GateAnswer =
      decision.kind === 'wait'
        ? {
            verdict: 'wait',
            message: decision.message,
            notes: [],
            ...hintsClock(decision.passing?.of === 'hints', hintsSinceMs, waitedMs, nowMs),
            // Nobody looks while it is held: that is no time in which the node did not tell.
            ...(held !== null || ownUnheard(question) === null
              ? {}
              : { ownUnheardSinceMs: answer?.ownUnheardSinceMs ?? nowMs }),
            ...clock.kept,
          }
        : {
            verdict: decision.kind,
            message: decision.message,
            notes: [...(decision.kind === 'allowed' ? hintsNote(question, nowMs) : []), ...decision.notes],
          };
    const isAllowed = decision.kind === 'allowed';
    if (isAllowed) leaving.push(question.address);
    const sharing = decision.kind === 'wait' ? null : sharingSeen(question);
    if (answer === null || KEPT.some((name) => answer[name] !== told[name]))
      result.commands.push({ do: 'answer-stop', questionId, nodeId, answer: told, sharing });
    if (decision.kind !== 'wait') continue;
    result.waitingFor ??= {
      kind: decision.passing?.of === 'hints' ? 'hints' : 'gate',
      ids: [...decision.nodeIds].sort(),
      since: iso(decision.passing?.of === 'hints' ? hintsSinceMs : asked.askedMs),
      what: whatOf(question, decision, nowMs, { isHeld, looks: held === null ? EVERY_FEW : ONCE_BACK }),
    };
    if (held !== null) {
      result.lookAgainAtMs.push(nowMs + HELD_LOOK_MS);
      continue;
    }
    result.lookAgainAtMs.push(Math.min(staleMs(question), decision.passing?.untilMs ?? staleMs(question)));
  }
  return result;
}
