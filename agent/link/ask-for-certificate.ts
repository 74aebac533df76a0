// Asks the coordinators for another certificate, as the identity that this agent has: the first that gives one will do.
import { Unavailable } from '../../shared/errors.ts';
import { AgentLinkClient, COORDINATOR_NAME } from '../../shared/wire/service.ts';
import type { Identity } from '../identity/identity.ts';
import { shuffled, tlsCredentials } from './connection.ts';

const WITHIN_MS = 20_000;

/** @returns it in PEM @throws Unavailable with each address and its reason */
export async function askForCertificate(
  addresses: readonly string[],
  identity: Identity,
  csrPem: string,
): Promise<string> {
  const reasons: string[] = [];
  for (const address of shuffled(addresses, Math.random)) {
    const client = new AgentLinkClient(address, tlsCredentials(identity), {
      'grpc.ssl_target_name_override': COORDINATOR_NAME,
      'grpc.default_authority': COORDINATOR_NAME,
    });
    try {
      return await new Promise((resolve, reject) => {
        const request = { certificateRequestPem: csrPem };
        client.Renew(request, { deadline: Date.now() + WITHIN_MS }, (error, reply) =>
          reply === undefined ? reject(error ?? new Error('no answer')) : resolve(reply.certificatePem),
        );
      });
    } catch (error) {
      reasons.push(`${address}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      client.close();
    }
  }
  throw new Unavailable(`No coordinator renews it: ${reasons.join('; ')}`);
}
