// What a pass does about runs that ask for leave to stop their node: tell them, ask for newer views, or wait and say so.
import { type Sharing, sharingOf } from '../planning/sharing.ts';
import { isQuiet, isUnderWay } from '../signals.ts';
import { iso } from '../waiting.ts';
import type { WaitingFor, World } from '../world.ts';
import { answerOf, isNews, waitOf } from './answers.ts';
import type { GateAnswer, StopQuestion } from './facts.ts';
import { decide } from './gate.ts';
import { HELD_LOOK_MS, heldByFirst, heldByLeave } from './held.ts';
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

/** Most looks are over by then, and not worth a word. */
const LOOK_SAID_AFTER_MS = 1_000;

/** What a job says of a node that asks: a newer look takes none of it back, but another node that looks is not what it speaks of. */
function isOf({ askedMs }: StopQuestion, said: WaitingFor, hintsSinceMs: number): boolean {
  if (said.kind === 'hints') return said.since === iso(hintsSinceMs);
  return (said.kind === 'look' || said.kind === 'gate') && said.since === iso(askedMs);
}

/** Since when its node waits, for whatever that was in between. */
const whileLooking = ({ name, nodeId, askedMs }: StopQuestion): WaitingFor => ({
  kind: 'look',
  ids: [nodeId],
  since: iso(askedMs),
  what: `Node ${name} is not stopped yet: it and others are being asked what they see of their ring, which takes a while where it is large, or one of them does not answer.`,
});

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

/** Its views are not all there yet. */
function whileOpen(asked: StopQuestion, question: StopQuestion, nowMs: number): Asking {
  const saidMs = question.roundMs + LOOK_SAID_AFTER_MS;
  const isSaid = nowMs >= saidMs;
  return {
    commands: [],
    waitingFor: isSaid ? whileLooking(asked) : null,
    lookAgainAtMs: [...(isSaid ? [] : [saidMs]), roundEndMs(question)],
  };
}

/** What was seen is too old to go by: it is asked for anew, once those that look have rested. */
function whileStale(asked: StopQuestion, question: StopQuestion, nowMs: number): Asking {
  const isDue = nowMs >= nextRoundMs(question);
  return {
    commands: isDue ? [{ do: 'ask-views', questionId: question.questionId }] : [],
    waitingFor: whileLooking(asked),
    lookAgainAtMs: [isDue ? nowMs + viewWithinMs(question) : nextRoundMs(question)],
  };
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
  // A look may take its time, and says less than what another node waits for.
  let looking: WaitingFor | null = null;
  for (const asked of world.gate) {
    const first = heldByFirst(asked, world);
    const isHeld = busy.size > 0 || leaving.length > 0 || first !== null;
    const clock = clockOf(asked, world, isHeld);
    const question = { ...asked, askedMs: clock.countsFromMs, onLeave: [...asked.onLeave, ...leaving] };
    const { questionId, nodeId, answer } = question;
    if (answer !== null && answer.verdict !== 'wait') continue;
    const hints = { sinceMs: answer?.hintsSinceMs ?? nowMs, waitedMs: answer?.hintsWaitedMs ?? 0 };
    const seen = decide(question, nowMs, listeningSinceMs, hints.sinceMs - hints.waitedMs);
    const held =
      first ?? (seen.kind === 'wait' ? heldByLeave(question, onWay(question, busy, leaving), nowMs) : null);
    const decision = held ?? seen;
    if (decision.kind === 'looking' || (held === null && nowMs >= staleMs(question))) {
      const look = (decision.kind === 'looking' ? whileOpen : whileStale)(asked, question, nowMs);
      result.commands.push(...look.commands);
      const isKept = job.waitingFor !== null && isOf(asked, job.waitingFor, hints.sinceMs);
      const said = isKept ? job.waitingFor : look.waitingFor;
      if (said?.kind === 'look') looking ??= said;
      else result.waitingFor ??= said;
      result.lookAgainAtMs.push(...look.lookAgainAtMs);
      continue;
    }
    const moment = { nowMs, hints, isHeld, isByLeave: held !== null, kept: clock.kept };
    const told = answerOf(question, decision, moment);
    const sharing = decision.kind === 'wait' ? null : sharingSeen(question);
    if (isNews(answer, told))
      result.commands.push({ do: 'answer-stop', questionId, nodeId, answer: told, sharing });
    if (decision.kind === 'allowed') leaving.push(question.address);
    if (decision.kind !== 'wait') continue;
    result.waitingFor ??= waitOf(question, asked.askedMs, decision, moment);
    result.lookAgainAtMs.push(
      held !== null
        ? nowMs + HELD_LOOK_MS
        : Math.min(staleMs(question), decision.passing?.untilMs ?? staleMs(question)),
    );
  }
  return { ...result, waitingFor: result.waitingFor ?? looking };
}
