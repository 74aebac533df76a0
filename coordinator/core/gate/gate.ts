// Whether a node may be stopped now: would every range that it has a part in keep its consistency level, as other nodes see it.
import type { RingView, StopNote } from '../../../shared/ring-view.ts';
import { keptApartFrom } from './apart.ts';
import type { StopQuestion } from './facts.ts';
import { helpsAfterEnded, helpsAgainst } from './helps.ts';
import { keptHints } from './hints.ts';
import { isSystem, listed, unknownKeyspaces } from './keyspace-names.ts';
import { allLosses, type Loss, type Ring } from './losses.ts';
import { OWN_VIEW_MS, ownUnheard } from './own-view.ts';
import { freshViews, roundEndMs, VIEWS_NEEDED } from './rounds.ts';

export type Decision =
  | { kind: 'looking' }
  | { kind: 'allowed'; message: string; notes: readonly StopNote[] }
  | { kind: 'refused'; message: string; notes: readonly StopNote[] }
  | {
      kind: 'wait';
      message: string;
      /** at fault, as the ring knows them */
      addresses: readonly string[];
      /** the same of the model; the node itself where these are none */
      nodeIds: readonly string[];
      /** what an operator could do besides waiting; '' for nothing */
      helps: string;
      /** of a wait at whose limit it goes on by itself; null: for something else */
      passing: Passing | null;
    };

/** Nothing but this is waited for, and no longer than that. */
export interface Passing {
  of: 'hints' | 'own-view';
  untilMs: number;
}

/** How long these are waited for at most. */
type Patience = Readonly<Record<Passing['of'], number>>;

const nameOf = (question: StopQuestion, address: string): string =>
  question.peers.find((peer) => peer.address === address)?.name ?? address;

const wait = (
  question: StopQuestion,
  message: string,
  addresses: Iterable<string> = [],
  helps = '',
  passing: Passing | null = null,
): Decision => {
  const at = new Set(addresses);
  const nodeIds = question.peers.filter((peer) => at.has(peer.address)).map(({ nodeId }) => nodeId);
  return {
    kind: 'wait',
    message,
    addresses: [...at],
    nodeIds: nodeIds.length > 0 ? nodeIds : [question.nodeId],
    helps,
    passing,
  };
};

function ringOf(question: StopQuestion, views: readonly RingView[]): Ring {
  const live = new Set(views.flatMap((view) => view.live));
  const away = new Set([...views.flatMap((view) => view.unreachable), ...question.onLeave]);
  // A replica that one view does not list as live is away there, whatever it calls it.
  for (const view of views) {
    const alive = new Set(view.live);
    // Keyspaces that are replicated alike share their sets.
    for (const replicaSets of new Set(view.keyspaces.map((keyspace) => keyspace.replicaSets)))
      for (const { replicas } of replicaSets)
        for (const replica of replicas) if (!alive.has(replica)) away.add(replica);
  }
  for (const { nodeId, down } of question.views) {
    const address = question.peers.find((peer) => peer.nodeId === nodeId)?.address;
    if (!down || address === undefined) continue;
    away.add(address);
    live.delete(address);
  }
  away.delete(question.address);
  return { live, away, views };
}

/** Whether enough of the other nodes have been heard; null when they have. */
function unheard(question: StopQuestion, ring: Ring, heard: number): Decision | null {
  const others = [...ring.live].filter((address) => address !== question.address);
  const needed = Math.min(VIEWS_NEEDED, others.length);
  if (heard >= needed) return null;
  const why = question.views
    .filter(({ nodeId, view }) => nodeId !== question.nodeId && view === null)
    .map(({ name, problem }) => `${name}: ${problem ?? 'did not answer in time'}`);
  const gone = question.peers.filter((peer) => !peer.connected);
  for (const { name } of gone) why.push(`${name}: its agent is not connected`);
  const known = new Set(question.peers.map(({ address }) => address));
  for (const address of others)
    if (!known.has(address)) why.push(`${address}: no node of this cluster's model has this address`);
  const message = `The ring was seen by ${heard} of ${needed} other live nodes that are needed (${listed(why)}).`;
  return wait(
    question,
    message,
    gone.map(({ address }) => address),
  );
}

/** Unless the node has never joined, the model is at fault, and no wait mends that. */
const unknownAddress = ({ name, address }: StopQuestion): string =>
  `No node of the ring knows one at ${address}, the address that the model has for ${name}. Correct its broadcast-address or, where it has none, its listen-address there (a name of DNS is not resolved: the ring's own spelling counts), and run the job again.`;

/** What has to be over before any node is stopped; null when nothing is going on. */
function unrest(question: StopQuestion, ring: Ring, own: RingView | null): Decision | null {
  if (!ring.views.some((view) => [...view.live, ...view.unreachable].includes(question.address)))
    return wait(question, unknownAddress(question));
  if (ring.views.some((view) => view.schemaVersions > 1))
    return wait(question, 'The nodes disagree about the schema.');
  for (const what of ['joining', 'leaving', 'moving'] as const) {
    const nodes = ring.views.flatMap((view) => view[what]);
    if (nodes.length > 0) {
      const names = listed(nodes.map((address) => nameOf(question, address)));
      return wait(question, `A node is ${what}: ${names}.`, nodes);
    }
  }
  const streams = [
    ...(own?.streamsWith ?? []),
    ...question.views.flatMap(({ name, view }) =>
      view !== null && view !== own && view.streamsWith.includes(question.address) ? [name] : [],
    ),
  ];
  return streams.length === 0
    ? null
    : wait(
        question,
        `Data is streamed to or from it (${listed(streams.map((end) => nameOf(question, end)))}).`,
        streams,
      );
}

function ofRanges(question: StopQuestion, ring: Ring): Decision {
  const lost = allLosses(question, ring);
  const { relaxed } = question.options;
  const isRelaxed = ({ keyspace, away }: Loss): boolean =>
    relaxed.includes(keyspace) || (away.length === 0 && isSystem(keyspace));
  const passed = lost.filter(isRelaxed);
  const notes: StopNote[] = passed.map(({ keyspace, level, ranges }) => ({
    subtype: 'gate-relaxed',
    message: `Keyspace ${keyspace} does not keep ${level} for ${ranges} ranges while this node is away: ${
      relaxed.includes(keyspace)
        ? 'relaxed by the job'
        : 'a system keyspace that is not replicated enough for it'
    }`,
    loud: false,
  }));
  const rest = lost.filter((loss) => !isRelaxed(loss));
  const never = rest.filter(({ away }) => away.length === 0);
  const said = (some: readonly Loss[]): string =>
    listed(
      some.map(
        ({ keyspace, level, ranges, sample }) =>
          `${keyspace} at ${level} (${ranges} ranges, ${sample} is one)`,
      ),
    );
  const others = rest.filter(({ away }) => away.length > 0);
  const away = [...new Set(others.flatMap((loss) => loss.away))];
  const names = listed(away.map((address) => nameOf(question, address)));
  const withAway = `Away, or not back yet: ${names}. With this node too, these would lose their level: ${said(others)}.`;
  if (never.length > 0) {
    const besides = question.options.force && others.length > 0 ? ` ${withAway}` : '';
    const message = `These keyspaces can never keep their level with one node away: ${said(never)}. Replicate them more, or name them in relaxed-keyspaces; where there is more than one replica, a lower level may be asked of them (consistency-level, keyspace-levels).${besides}`;
    return { kind: 'refused', message, notes };
  }
  if (others.length > 0) return wait(question, withAway, away, helpsAgainst(question, away));
  return {
    kind: 'allowed',
    message: `Every range${notes.length > 0 ? ' of the other keyspaces' : ''} keeps its level, as ${ring.views.length} nodes see it`,
    notes,
  };
}

/** What keeps its level is stopped once the node itself has told what is streamed to and from it, or its time is over. */
function afterOwnView(question: StopQuestion, decision: Decision, untilMs: number, nowMs: number): Decision {
  const message = decision.kind === 'allowed' ? ownUnheard(question) : null;
  if (decision.kind !== 'allowed' || message === null) return decision;
  if (nowMs < untilMs) return wait(question, message, [], '', { of: 'own-view', untilMs });
  const note = { subtype: 'gate-own-unheard', message: `Not waited for any longer: ${message}`, loud: false };
  return { ...decision, notes: [...decision.notes, note] };
}

/** What keeps its level is stopped once no hints wait for those that stay up, or their time is over. */
function afterHints(
  question: StopQuestion,
  ring: Ring,
  decision: Decision,
  untilMs: number,
  nowMs: number,
): Decision {
  const kept = decision.kind === 'allowed' ? keptHints(question, ring.away) : null;
  if (decision.kind !== 'allowed' || kept === null) return decision;
  if (nowMs < untilMs) return wait(question, kept.message, kept.addresses, '', { of: 'hints', untilMs });
  const message = `Not waited for any longer (hints-timeout): ${kept.message}`;
  return { ...decision, notes: [...decision.notes, { subtype: 'gate-hints-left', message, loud: false }] };
}

/** A model of one node may be of a ring that has more: that it has none is the node's own word. */
function ofOneNode(question: StopQuestion, own: RingView | null): Decision {
  const asked = question.views.find(({ nodeId }) => nodeId === question.nodeId);
  if (own === null && asked?.down !== true) {
    const why = asked?.problem ?? 'it did not answer in time';
    const message = `Whether the ring has other nodes could not be seen: the model has none, and ${question.name} does not tell (${why}).`;
    return wait(question, message, [], ' If it is alone, a job with force takes nothing from anybody.');
  }
  const message = 'There are no other nodes in this ring: nothing is kept while this one is away';
  return { kind: 'allowed', message, notes: [{ subtype: 'gate-alone', message, loud: false }] };
}

/** By what was seen alone, however old, and whatever limits say. */
export function ofViews(question: StopQuestion, patience: Patience, nowMs: number): Decision {
  const views = question.views.flatMap(({ view }) => (view === null ? [] : [view]));
  const own = question.views.find(({ nodeId }) => nodeId === question.nodeId)?.view ?? null;
  const ring = ringOf(question, views);
  const others = [...ring.live, ...ring.away].filter((address) => address !== question.address);
  if (others.length === 0 && question.peers.length === 0) return ofOneNode(question, own);
  // Without any view it is not known who lives: all that the model has are asked for.
  if (views.length === 0) for (const { address } of question.peers) ring.live.add(address);
  const heard = views.length - (own === null ? 0 : 1);
  const before = unheard(question, ring, heard) ?? unrest(question, ring, own);
  if (before !== null) return before;
  const decision = afterOwnView(question, ofRanges(question, ring), patience['own-view'], nowMs);
  return afterHints(question, ring, decision, patience.hints, nowMs);
}

/** All is overruled but, in a job that promises to be safe, leave of those that share ranges. */
function byForce(question: StopQuestion, decision: Decision): Decision {
  if (decision.kind !== 'wait' && decision.kind !== 'refused') return decision;
  const keepsLevels = decision.kind === 'wait' && decision.passing !== null;
  const apart = keepsLevels ? [] : keptApartFrom(question);
  if (apart.length > 0) {
    const names = listed(apart.map((address) => nameOf(question, address)));
    const message = `Away, or not back yet: ${names}. Token ranges may be shared with them, and a job of fastest-safe keeps such nodes apart with force too.`;
    const otherwise = ' With force and another concurrency-strategy they are not waited for.';
    return wait(question, message, apart, otherwise + helpsAfterEnded(question, apart));
  }
  const by = question.askedBy === null ? '' : `, as ${question.askedBy} asked for`;
  const message = `Stopped by force${by}. ${decision.message}`;
  const notes = [{ subtype: 'gate-forced', message, loud: true }];
  return { kind: 'allowed', message: 'The job forces the stop', notes };
}

function withinLimits(
  question: StopQuestion,
  nowMs: number,
  listeningSinceMs: number,
  hintsSinceMs: number,
): Decision {
  const { options } = question;
  const limitMs = Math.max(question.askedMs, listeningSinceMs) + options.timeoutMs;
  // They fail nobody: where the gate's limit would, theirs ends with it.
  const mostMs = options.atLimit === 'fail' ? limitMs : Number.POSITIVE_INFINITY;
  const ownSinceMs = question.answer?.ownUnheardSinceMs ?? nowMs;
  const patience = {
    hints: Math.min(hintsSinceMs + options.hintsMs, mostMs),
    'own-view': Math.min(ownSinceMs + OWN_VIEW_MS, mostMs),
  };
  const seen = ofViews(question, patience, nowMs);
  const decision = options.force ? byForce(question, seen) : seen;
  if (decision.kind !== 'wait' || options.atLimit === 'hold') return decision;
  if (nowMs < limitMs) return decision;
  const message = `Not within ${options.timeoutMs / 1_000} s (gate-timeout): ${decision.message}${decision.helps}`;
  return { kind: 'refused', message, notes: [] };
}

/**
 * Pure: the same question at the same moment has the same answer.
 * @param hintsSinceMs since when hints alone have held it up, all such times taken as one
 */
export function decide(
  asked: StopQuestion,
  nowMs: number,
  listeningSinceMs: number,
  hintsSinceMs = nowMs,
): Decision {
  if (nowMs < roundEndMs(asked)) return { kind: 'looking' };
  const question = { ...asked, views: freshViews(asked, nowMs) };
  const decision = withinLimits(question, nowMs, listeningSinceMs, hintsSinceMs);
  if (decision.kind !== 'allowed' && decision.kind !== 'refused') return decision;
  return { ...decision, notes: [...unknownKeyspaces(question), ...decision.notes] };
}
