// The enrolment listener: trades a single-use secret and a certificate request for an agent certificate, and nothing else.
import * as grpc from '@grpc/grpc-js';
import { InvalidInput } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { isUuid } from '../../shared/uuid.ts';
import { type EnrolCall, type EnrolCallback, EnrolmentClient, KEEPALIVE } from '../../shared/wire/service.ts';
import type { Authority } from '../security/authority.ts';
import type { Database } from '../store/database.ts';
import { burnEnrolment } from '../store/identities.ts';
import { Refusals, refusalOf } from './refusals.ts';

/** A certificate request is about 400 bytes; nobody here has proved anything yet. */
const MOST_REQUEST_BYTES = 32_768;

export interface EnrolmentOptions {
  host: string;
  port: number;
  tls: { certificatePem: string; privateKeyPem: string };
  /** host:port of the agents' listeners, told to new agents */
  coordinatorAddresses: () => readonly string[];
}

export class EnrolmentServer {
  readonly #server = new grpc.Server({
    'grpc.max_receive_message_length': MOST_REQUEST_BYTES,
    // Anybody may connect, and whoever does has one thing to ask.
    'grpc.max_connection_idle_ms': KEEPALIVE.unusedAfterMs,
  });
  readonly #options: EnrolmentOptions;

  constructor(db: Database, authority: Authority, options: EnrolmentOptions, log: Logger) {
    this.#options = options;
    const enrolmentLog = log.child({ component: 'enrolment' });
    const refusals = new Refusals(enrolmentLog);
    const enrol = async (call: EnrolCall) => {
      const { nodeId, secret, certificateRequestPem } = call.request;
      if (!isUuid(nodeId)) throw new InvalidInput('node_id is not a UUID');
      const issued = await burnEnrolment(db, secret, nodeId, () =>
        authority.signAgentRequest({ csrPem: certificateRequestPem, nodeId }),
      );
      enrolmentLog.info('agent enrolled', { nodeId });
      return {
        certificatePem: issued.certificatePem,
        authorityPem: authority.certificatePem,
        coordinatorAddresses: [...options.coordinatorAddresses()],
      };
    };
    this.#server.addService(EnrolmentClient.service, {
      Enrol: (call: EnrolCall, callback: EnrolCallback) => {
        enrol(call).then(
          (reply) => callback(null, reply),
          (error) => {
            const { code, details, reason } = refusalOf(error, 'the coordinator cannot enrol agents now');
            // Whatever is in the request has proved nothing: it is no part of what is told apart.
            refusals.note(call.getPeer(), reason);
            callback({ code, details });
          },
        );
      },
    });
  }

  async start(): Promise<number> {
    const { certificatePem, privateKeyPem } = this.#options.tls;
    const credentials = grpc.ServerCredentials.createSsl(null, [
      { cert_chain: Buffer.from(certificatePem), private_key: Buffer.from(privateKeyPem) },
    ]);
    return await new Promise((resolve, reject) => {
      this.#server.bindAsync(`${this.#options.host}:${this.#options.port}`, credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}
