// The agents' listener: mutual TLS, one stream an agent, keepalive, a graceful end.
import * as grpc from '@grpc/grpc-js';
import type { Logger } from '../../shared/log.ts';
import { nodeIdFromSubjectAltName } from '../../shared/pki/node-identity.ts';
import type { SentSecrets } from '../../shared/run-input.ts';
import { coordinatorMessageToWire } from '../../shared/wire/codec.ts';
import { heardFromWire } from '../../shared/wire/heard.ts';
import type { CoordinatorMessage } from '../../shared/wire/messages.ts';
import {
  type AttachCall,
  GATEWAY_SERVICE,
  type Keepalive,
  linkOptions,
  MOST_AGENT_MESSAGE_BYTES,
  type RenewCall,
  type RenewCallback,
} from '../../shared/wire/service.ts';
import type { Database } from '../store/database.ts';
import { storeRecords } from '../store/ingest.ts';
import { type Due, dueFor } from '../store/node-looks.ts';
import { detachAgents, servedBy } from '../store/presence.ts';
import { touchRuns } from '../store/runs.ts';
import type { Wakes } from '../store/wakes.ts';
import { type Caller, Desk } from './desk.ts';
import { Ingest } from './ingest.ts';
import { LifeSigns } from './life-signs.ts';
import { addressOf, Refusals, refusalOf } from './refusals.ts';
import { type Ending, Session, type SessionParts } from './session.ts';

const SHUTDOWN_MS = 2_000;
const NO_NODE = 'the certificate names no node';

/** Messages that may wait for an agent which does not read: at most one a node of its cluster comes at once to a sound one. */
const MOST_UNSENT = 1_000;

const STATUS = {
  superseded: grpc.status.ABORTED,
  'unknown-node': grpc.status.PERMISSION_DENIED,
  'former-certificate': grpc.status.PERMISSION_DENIED,
  protocol: grpc.status.INVALID_ARGUMENT,
  closed: grpc.status.UNAVAILABLE,
} as const satisfies Record<Ending, grpc.status>;

export interface GatewayOptions {
  host: string;
  port: number;
  coordinatorId: string;
  keepalive: Keepalive;
  tls: { authorityPem: string; certificatePem: string; privateKeyPem: string };
  secretsOf: (runIds: readonly string[]) => Promise<ReadonlyMap<string, SentSecrets>>;
  agentMoved: (nodeId: string) => void;
  /** @throws InvalidInput for an unsound request, PermissionDenied for a certificate that is not good any more */
  renew: (asking: { nodeId: string; serial: string }, csrPem: string) => Promise<string>;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #db: Database;
  readonly #log: Logger;
  readonly #server: grpc.Server;
  readonly #ingest: Ingest;
  readonly #lifeSigns: LifeSigns;
  readonly #refusals: Refusals;
  readonly #sessionParts: SessionParts;
  readonly #sessions = new Set<{ session: Session; end: (ending: Ending, message: string) => void }>();

  constructor(db: Database, wakes: Wakes, options: GatewayOptions, log: Logger) {
    this.#db = db;
    this.#options = options;
    this.#server = new grpc.Server({
      ...linkOptions(options.keepalive),
      'grpc.max_receive_message_length': MOST_AGENT_MESSAGE_BYTES,
      // Of a dial that was given up, grpc-js may still connect in the background, and keep it for ever.
      'grpc.max_connection_idle_ms': options.keepalive.unusedAfterMs,
    });
    this.#log = log.child({ component: 'gateway' });
    this.#refusals = new Refusals(this.#log);
    this.#ingest = new Ingest((records) => storeRecords(db, records), wakes, log);
    this.#lifeSigns = new LifeSigns((signs) => touchRuns(db, signs), wakes, this.#log);
    const { coordinatorId, secretsOf, agentMoved } = options;
    this.#sessionParts = {
      db,
      wakes,
      ingest: this.#ingest,
      desk: new Desk({ db, wakes, coordinatorId, secretsOf, log: this.#log }),
      lifeSigns: this.#lifeSigns,
      agentMoved,
      log: this.#log,
    };
    this.#server.addService(GATEWAY_SERVICE, {
      Attach: (call: AttachCall) => this.#attach(call),
      Renew: (call: RenewCall, callback: RenewCallback) => this.#renew(call, callback),
    });
  }

  /** @returns the port listened on @throws when the port is in use */
  async start(): Promise<number> {
    const { authorityPem, certificatePem, privateKeyPem } = this.#options.tls;
    const credentials = grpc.ServerCredentials.createSsl(
      Buffer.from(authorityPem),
      [{ cert_chain: Buffer.from(certificatePem), private_key: Buffer.from(privateKeyPem) }],
      true,
    );
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`${this.#options.host}:${this.#options.port}`, credentials, (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    this.#refusals.watch(this.#server);
    return port;
  }

  /**
   * Brings streams and rows together where they fell apart: a stream whose row says otherwise, or which was not told what it
   * should have been, looks for itself, and a row whose stream has ended (while the database was away, say) is cleared.
   * Called every few seconds: wakes are hints, and whoever was to send one may have died.
   */
  async reconcile(): Promise<void> {
    const open = [...this.#sessions];
    const rows = await servedBy(this.#db, this.#options.coordinatorId);
    const due = new Map<string, Due[]>();
    for (const one of await dueFor(this.#db, this.#options.coordinatorId))
      due.set(one.sessionId, [...(due.get(one.sessionId) ?? []), one]);
    const named = new Set(rows.map(({ sessionId }) => sessionId));
    for (const { session } of open) {
      if (session.id === null) continue;
      const lacks = due.get(session.id)?.some((one) => session.lacks(one)) ?? false;
      if (!named.has(session.id) || lacks || session.isAsking) session.look();
    }
    // A stream is in the set before its row is written, so what is not there now has ended.
    const alive = new Set([...this.#sessions].map(({ session }) => session.id));
    const gone = rows.filter(({ sessionId }) => !alive.has(sessionId));
    if (gone.length === 0) return;
    await detachAgents(this.#db, gone);
    for (const { nodeId } of gone) this.#options.agentMoved(nodeId);
  }

  /** Ends every stream (agents dial again), then the listener; `tryShutdown` alone would wait for streams that never end. */
  async stop(): Promise<void> {
    this.#lifeSigns.stop();
    this.#ingest.stop();
    const open = [...this.#sessions];
    for (const { end } of open) end('closed', 'this coordinator is shutting down');
    await Promise.allSettled(open.map(({ session }) => session.close()));
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => {
        this.#server.forceShutdown();
        resolve();
      }, SHUTDOWN_MS);
      this.#server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
  }

  /** Whom the verified certificate of a call speaks for. @returns null for nobody, which is noted */
  #whoCalls(call: Pick<AttachCall, 'getAuthContext' | 'getPeer'>): Caller | null {
    const certificate = call.getAuthContext().sslPeerCertificate;
    const nodeId = nodeIdFromSubjectAltName(certificate?.subjectaltname);
    if (nodeId !== null && certificate !== undefined)
      return { nodeId, serial: certificate.serialNumber, address: addressOf(call.getPeer()) };
    this.#refusals.note(call.getPeer(), NO_NODE);
    return null;
  }

  #renew(call: RenewCall, callback: RenewCallback): void {
    const asking = this.#whoCalls(call);
    if (asking === null) {
      callback({ code: grpc.status.UNAUTHENTICATED, details: NO_NODE });
      return;
    }
    this.#options.renew(asking, call.request.certificateRequestPem).then(
      (certificatePem) => {
        this.#log.info('certificate renewed', { nodeId: asking.nodeId });
        callback(null, { certificatePem });
      },
      (error) => {
        const { code, details, reason } = refusalOf(error, 'the coordinator cannot renew certificates now');
        this.#refusals.note(call.getPeer(), reason, asking.nodeId);
        callback({ code, details });
      },
    );
  }

  #attach(call: AttachCall): void {
    const caller = this.#whoCalls(call);
    const refuse = (code: grpc.status, details: string): void => {
      call.emit('error', Object.assign(new Error(details), { code, details }));
    };
    if (caller === null) {
      refuse(grpc.status.UNAUTHENTICATED, NO_NODE);
      return;
    }
    const { nodeId } = caller;
    let ended = false;
    const end = (ending: Ending, message: string): void => {
      if (ended) return;
      ended = true;
      if (['unknown-node', 'former-certificate', 'protocol'].includes(ending))
        this.#refusals.note(call.getPeer(), message, nodeId);
      refuse(STATUS[ending], message);
    };
    const send = (message: CoordinatorMessage): void => {
      if (ended || call.write(coordinatorMessageToWire(message)) || call.writableLength <= MOST_UNSENT)
        return;
      end('closed', `more than ${MOST_UNSENT} messages not taken by the agent; attach again`);
    };
    const session = new Session(caller, this.#sessionParts, send, end);
    const entry = { session, end };
    this.#sessions.add(entry);
    const closed = (): void => {
      ended = true;
      this.#sessions.delete(entry);
      void session.close();
    };
    call.on('data', (raw) => {
      const message = heardFromWire(raw);
      if (message.kind === 'unsupported') {
        this.#log.warn('agent sent what cannot be taken', { nodeId, reason: message.what });
        send(message);
      } else session.receive(message);
    });
    call.on('end', () => {
      call.end();
      closed();
    });
    call.on('cancelled', closed);
    call.on('error', closed);
  }
}
