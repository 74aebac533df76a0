// Between wire types and messages: the only place that sees generated types. Decoding never throws.
import type { EventType, RunOutcome } from '../events.ts';
import type { StopAnswer } from '../ring-view.ts';
import type {
  AgentMessage as AgentWire,
  AgentMessage__Output as AgentWireOut,
} from './generated/ringmaster/agent/v1/AgentMessage.ts';
import type {
  CoordinatorMessage as CoordinatorWire,
  CoordinatorMessage__Output as CoordinatorWireOut,
} from './generated/ringmaster/agent/v1/CoordinatorMessage.ts';
import type {
  Record as RecordWire,
  Record__Output as RecordWireOut,
} from './generated/ringmaster/agent/v1/Record.ts';
import type { AgentMessage, CoordinatorMessage, PeerSight, WireFinish, WireRecord } from './messages.ts';

const EVENT_TYPE = {
  check: 'EVENT_TYPE_CHECK',
  milestone: 'EVENT_TYPE_MILESTONE',
  error: 'EVENT_TYPE_ERROR',
} as const;
const OUTCOME = {
  succeeded: 'RUN_OUTCOME_SUCCEEDED',
  failed: 'RUN_OUTCOME_FAILED',
  stopped: 'RUN_OUTCOME_STOPPED',
} as const;
const SIGHT = {
  normal: 'PEER_SIGHT_NORMAL',
  'not-normal': 'PEER_SIGHT_NOT_NORMAL',
  blind: 'PEER_SIGHT_BLIND',
} as const satisfies Record<Exclude<PeerSight, 'not-told'>, string>;

const VERDICT = {
  wait: 'STOP_VERDICT_WAIT',
  allowed: 'STOP_VERDICT_ALLOWED',
  refused: 'STOP_VERDICT_REFUSED',
} as const;

const inverse = <K extends string>(words: Readonly<Record<K, string>>): ReadonlyMap<unknown, K> =>
  new Map((Object.keys(words) as K[]).map((word) => [words[word], word]));
// A value that this version does not know arrives as a number, whatever the generated type says.
const eventTypeOf: ReadonlyMap<unknown, EventType> = inverse(EVENT_TYPE);
const outcomeOf: ReadonlyMap<unknown, Extract<RunOutcome, keyof typeof OUTCOME>> = inverse(OUTCOME);
const sightOf: ReadonlyMap<unknown, PeerSight> = inverse(SIGHT);

const verdictOf: ReadonlyMap<unknown, StopAnswer['verdict']> = inverse(VERDICT);

const orNull = (text: string): string | null => (text === '' ? null : text);

function recordToWire({ runId, seq, body }: WireRecord): RecordWire {
  if (body.kind === 'finished') {
    const { outcome, reason, atMs } = body.finish;
    return { runId, seq, finished: { outcome: OUTCOME[outcome], reason: reason ?? '', atUnixMs: atMs } };
  }
  if (body.kind === 'unsupported') return { runId, seq };
  const { event } = body;
  return {
    runId,
    seq,
    event: {
      id: event.id,
      atUnixMs: event.atMs,
      type: EVENT_TYPE[event.type],
      subtype: event.subtype,
      resource: event.resource ?? '',
      message: event.message,
      changes: event.changes,
      beforeJson: event.beforeJson ?? '',
      afterJson: event.afterJson ?? '',
      traceback: event.traceback ?? '',
    },
  };
}

function recordFromWire(wire: RecordWireOut): WireRecord {
  const { runId, seq } = wire;
  if (wire.finished) {
    const outcome = outcomeOf.get(wire.finished.outcome);
    const { reason, atUnixMs: atMs } = wire.finished;
    // A run that has ended has ended, even in a way that only a later version knows.
    const finish: WireFinish =
      outcome === undefined
        ? {
            outcome: 'failed',
            reason: `run outcome ${String(wire.finished.outcome)} is not known here`,
            atMs,
          }
        : { outcome, reason: orNull(reason), atMs };
    return { runId, seq, body: { kind: 'finished', finish } };
  }
  const unsupported = (what: string): WireRecord => ({ runId, seq, body: { kind: 'unsupported', what } });
  if (!wire.event) return unsupported('a record without event or finish');
  const { event } = wire;
  const type = eventTypeOf.get(event.type);
  if (type === undefined) return unsupported(`event type ${String(event.type)}`);
  return {
    runId,
    seq,
    body: {
      kind: 'event',
      event: {
        id: event.id,
        atMs: event.atUnixMs,
        type,
        subtype: event.subtype,
        resource: orNull(event.resource),
        message: event.message,
        changes: event.changes,
        beforeJson: orNull(event.beforeJson),
        afterJson: orNull(event.afterJson),
        traceback: orNull(event.traceback),
      },
    },
  };
}

export function agentMessageToWire(message: AgentMessage): AgentWire {
  switch (message.kind) {
    case 'hello': {
      const { kind: _, ...hello } = message;
      return { hello };
    }
    case 'run-accepted':
      return { runAccepted: { runId: message.runId } };
    case 'run-refused':
      return { runRefused: { runId: message.runId, reason: message.reason } };
    case 'record-batch':
      return { recordBatch: { records: message.records.map(recordToWire) } };
    case 'heartbeat':
      return { heartbeat: { runs: message.runs } };
    case 'let-go':
      return { letGo: { runId: message.runId } };
    case 'peer-question': {
      const { kind: _, ...peerQuestion } = message;
      return { peerQuestion };
    }
    case 'peer-view': {
      const { questionId, detail } = message;
      // Blind is all that a coordinator before `notTold` would understand.
      const notTold = message.sight === 'not-told';
      const sight = SIGHT[message.sight === 'not-told' ? 'blind' : message.sight];
      return { peerView: { questionId, sight, detail, notTold } };
    }
    case 'stop-question':
      return { stopQuestion: message };
    case 'ring-view':
      return { ringView: message };
    case 'unsupported':
      return { unsupported: { what: message.what } };
  }
}

export function agentMessageFromWire(wire: AgentWireOut): AgentMessage {
  switch (wire.kind) {
    case 'hello':
      if (wire.hello) return { kind: 'hello', ...wire.hello };
      break;
    case 'runAccepted':
      if (wire.runAccepted) return { kind: 'run-accepted', ...wire.runAccepted };
      break;
    case 'runRefused':
      if (wire.runRefused) return { kind: 'run-refused', ...wire.runRefused };
      break;
    case 'recordBatch':
      return { kind: 'record-batch', records: (wire.recordBatch?.records ?? []).map(recordFromWire) };
    case 'heartbeat':
      return { kind: 'heartbeat', runs: wire.heartbeat?.runs ?? [] };
    case 'letGo':
      if (wire.letGo) return { kind: 'let-go', ...wire.letGo };
      break;
    case 'peerQuestion':
      if (wire.peerQuestion) return { kind: 'peer-question', ...wire.peerQuestion };
      break;
    case 'peerView': {
      const sight = sightOf.get(wire.peerView?.sight);
      if (!wire.peerView || sight === undefined)
        return { kind: 'unsupported', what: `peer sight ${String(wire.peerView?.sight)}` };
      const { questionId, detail, notTold } = wire.peerView;
      return {
        kind: 'peer-view',
        questionId,
        sight: notTold && sight === 'blind' ? 'not-told' : sight,
        detail,
      };
    }
    case 'stopQuestion':
      if (wire.stopQuestion) return { kind: 'stop-question', ...wire.stopQuestion };
      break;
    case 'ringView':
      if (wire.ringView) return { kind: 'ring-view', ...wire.ringView };
      break;
    case 'unsupported':
      return { kind: 'unsupported', what: wire.unsupported?.what ?? '' };
    case undefined:
      break;
  }
  return { kind: 'unsupported', what: `agent message ${String(wire.kind)}` };
}

export function coordinatorMessageToWire(message: CoordinatorMessage): CoordinatorWire {
  // `kind` rides along and is not a field of any wire message: the encoder leaves it out.
  switch (message.kind) {
    case 'welcome':
      return { welcome: message };
    case 'start-run':
      return { startRun: message };
    case 'stop-run':
      return { stopRun: message };
    case 'fence-run':
      return { fenceRun: message };
    case 'ack':
      return { ack: message };
    case 'superseded':
      return { superseded: message };
    case 'watch-peer':
      return { watchPeer: message };
    case 'peer-answer':
      return { peerAnswer: message };
    case 'look-at-ring':
      return { lookAtRing: message };
    case 'stop-answer':
      return { stopAnswer: { ...message, verdict: VERDICT[message.verdict] } };
    case 'unsupported':
      return { unsupported: message };
  }
}

export function coordinatorMessageFromWire(wire: CoordinatorWireOut): CoordinatorMessage {
  switch (wire.kind) {
    case 'welcome':
      if (wire.welcome) return { kind: 'welcome', ...wire.welcome };
      break;
    case 'startRun':
      if (wire.startRun) return { kind: 'start-run', ...wire.startRun };
      break;
    case 'stopRun':
      if (wire.stopRun) return { kind: 'stop-run', ...wire.stopRun };
      break;
    case 'fenceRun':
      if (wire.fenceRun) return { kind: 'fence-run', ...wire.fenceRun };
      break;
    case 'ack':
      if (wire.ack) return { kind: 'ack', ...wire.ack };
      break;
    case 'superseded':
      if (wire.superseded) return { kind: 'superseded', ...wire.superseded };
      break;
    case 'watchPeer':
      if (wire.watchPeer) return { kind: 'watch-peer', ...wire.watchPeer };
      break;
    case 'peerAnswer':
      if (wire.peerAnswer) return { kind: 'peer-answer', ...wire.peerAnswer };
      break;
    case 'lookAtRing':
      if (wire.lookAtRing) return { kind: 'look-at-ring', ...wire.lookAtRing };
      break;
    case 'stopAnswer': {
      const verdict = verdictOf.get(wire.stopAnswer?.verdict);
      if (!wire.stopAnswer || verdict === undefined)
        return { kind: 'unsupported', what: `stop verdict ${String(wire.stopAnswer?.verdict)}` };
      return { kind: 'stop-answer', ...wire.stopAnswer, verdict };
    }
    case 'unsupported':
      return { kind: 'unsupported', what: wire.unsupported?.what ?? '' };
    case undefined:
      break;
  }
  return { kind: 'unsupported', what: `coordinator message ${String(wire.kind)}` };
}
