// Dials coordinators until told to stop: addresses in shuffled order, full jitter between tries.
import * as grpc from '@grpc/grpc-js';
import { type Backoff, backoffMs, REDIAL } from '../../shared/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { uuidv7 } from '../../shared/uuid.ts';
import {
  AgentLinkClient,
  COORDINATOR_NAME,
  KEEPALIVE,
  type Keepalive,
  linkOptions,
} from '../../shared/wire/service.ts';
import type { LinkState } from '../status/link-state.ts';
import { foreignAuthority, type Papers } from './foreign-authority.ts';
import { whyNotListening } from './not-listening.ts';
import { runSession, type SessionEnd, type SessionParts, type SessionSignals } from './session.ts';

/** A stream that lasted this long was sound: the next retry is the first again. */
const SOUND_AFTER_MS = 5_000;

/** Of an agent that is not known any more: only somebody's hand changes that. */
const REDIAL_REFUSED: Backoff = { ...REDIAL, mostMs: 300_000 };

export interface Dialling {
  addresses: readonly string[];
  /** those of the moment: they are read at each dial */
  readonly credentials: grpc.ChannelCredentials;
  /** the same, to tell a coordinator of another authority from one that is away; never told unless given */
  readonly papers?: Papers;
  /** fires when these credentials have given way to others: the stream is given up, and dialled anew; never unless given */
  readonly replaced?: AbortSignal;
  /** 30 s and 15 s unless given */
  keepalive?: Keepalive;
  /** is told of every stream that comes and goes */
  state?: LinkState;
}

/** Fisher-Yates, so that agents spread over coordinators. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const out = [...items];
  for (let at = out.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [out[at], out[other]] = [out[other] as T, out[at] as T];
  }
  return out;
}

export const tlsCredentials = (identity: {
  caPem: string;
  privateKeyPem: string;
  certificatePem: string;
}): grpc.ChannelCredentials =>
  grpc.credentials.createSsl(
    Buffer.from(identity.caPem),
    Buffer.from(identity.privateKeyPem),
    Buffer.from(identity.certificatePem),
  );

/** All addresses in a new order; the one that was just left comes last, since a coordinator that stands still takes long to fail. */
function nextRound(addresses: readonly string[], left: string): string[] {
  const others = addresses.filter((address) => address !== left);
  return [...shuffled(others, Math.random), ...addresses.filter((address) => address === left)];
}

/** TLS and certificates are the same in all reasons of Node's that are about them. */
const ABOUT_CERTIFICATES = /certificate|issuer|ssl|tls/i;

/** Such an agent dials for ever: only somebody's hand helps, and this says which. */
async function orForeign(end: SessionEnd, address: string, papers: Papers | undefined): Promise<SessionEnd> {
  if (papers === undefined || end.attached || !ABOUT_CERTIFICATES.test(end.reason)) return end;
  const foreign = await foreignAuthority(address, papers);
  if (foreign === null) return end;
  const reason = `${foreign}, under which this agent was enrolled: one of the two was set up anew. To have this agent serve there, stop it, remove the folder identity of its data directory, and start it with a new enrolment bundle (POST nodes/{id}/enrolment)`;
  return { ...end, reason };
}

async function dial(
  address: string,
  dialledMs: number,
  { credentials, papers, keepalive = KEEPALIVE }: Dialling,
  parts: SessionParts,
  signals: SessionSignals,
): Promise<SessionEnd> {
  // A dial that failed grpc-js repeats by itself even when it was given up, and keeps the connection that it gets for ever.
  const why = await whyNotListening(address, signals.ending);
  if (why !== null) return { superseded: false, attached: false, refused: false, reason: why.reason };
  const client = new AgentLinkClient(address, credentials, {
    ...linkOptions(keepalive),
    'grpc.ssl_target_name_override': COORDINATOR_NAME,
    'grpc.default_authority': COORDINATOR_NAME,
    // We redial ourselves, elsewhere and with jitter, and go no other way than we looked.
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
  });
  try {
    const end = await runSession(client.Attach(), uuidv7(dialledMs), parts, signals);
    return await orForeign(end, address, papers);
  } finally {
    client.close();
  }
}

/** @returns why it ended: superseded by a newer stream of this node, or the signal fired */
export async function stayConnected(
  dialling: Dialling,
  parts: SessionParts,
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<'superseded' | 'stopped'> {
  const linkLog = log.child({ component: 'link' });
  let attempt = 0;
  const told = new Set<string>();
  let dialledMs = 0;
  let order: string[] = [];
  let address = '';
  while (!signal.aborted) {
    if (order.length === 0) order = nextRound(dialling.addresses, address);
    address = order.shift() ?? '';
    const { replaced } = dialling;
    // Larger each time, also within a millisecond and when the clock is set back.
    dialledMs = Math.max(clock.nowMs(), dialledMs + 1);
    const signals = { ending: signal, ...(replaced === undefined ? {} : { replaced }) };
    const onAttached = (): void => dialling.state?.attached(address, clock.nowMs());
    const end = await dial(address, dialledMs, dialling, { ...parts, onAttached }, signals);
    const { reason } = end;
    dialling.state?.left(reason, clock.nowMs());
    if (end.superseded) {
      linkLog.error('another agent serves this node; this one stops', { reason });
      return 'superseded';
    }
    if (signal.aborted) break;
    if (replaced?.aborted) {
      order = [address, ...order]; // which was good
      continue;
    }
    if (end.attached && clock.nowMs() - dialledMs >= SOUND_AFTER_MS) attempt = 0;
    const ms = backoffMs(end.refused ? REDIAL_REFUSED : REDIAL, attempt, Math.random());
    attempt += 1;
    if (end.attached) told.clear(); // another outage
    const fields = { address, reason, durationMs: ms };
    if (told.has(reason)) linkLog.debug('not connected', fields);
    else linkLog.warn('not connected', fields);
    told.add(reason);
    await clock.wait(ms, signal).catch(() => {});
  }
  return 'stopped';
}
