// Trades an enrolment bundle for an identity: a new key, a certificate request, one call verified by the authority in the bundle.
import * as grpc from '@grpc/grpc-js';
import { reasonOf, Unavailable } from '../shared/errors.ts';
import { decodeBundle } from '../shared/pki/enrolment-bundle.ts';
import { unreached } from '../shared/unreached.ts';
import { COORDINATOR_NAME, EnrolmentClient } from '../shared/wire/service.ts';
import { checkIdentity, type Identity } from './identity/identity.ts';
import { createKeyAndRequest } from './identity/key-and-request.ts';
import { foreignAuthority } from './link/foreign-authority.ts';
import { whyNotListening } from './link/not-listening.ts';

const WITHIN_MS = 20_000;

/** @throws InvalidInput for a bad bundle; Unavailable with each address and its reason when none would enrol us */
export async function enrol(bundleText: string): Promise<Identity> {
  const bundle = decodeBundle(bundleText);
  const { privateKeyPem, csrPem } = createKeyAndRequest();
  const reasons: string[] = [];
  let isReached = false;
  for (const address of bundle.enrolAddresses) {
    const why = await whyNotListening(address, new AbortController().signal);
    if (why !== null) {
      reasons.push(`${address} cannot be reached: ${unreached(why.code || why.reason)}`);
      continue;
    }
    isReached = true;
    const client = new EnrolmentClient(address, grpc.credentials.createSsl(Buffer.from(bundle.ca)), {
      'grpc.ssl_target_name_override': COORDINATOR_NAME,
      'grpc.default_authority': COORDINATOR_NAME,
      'grpc.enable_http_proxy': 0, // as it was looked, and as the agent will dial
    });
    try {
      const reply = await new Promise<{ certificatePem: string; coordinatorAddresses: string[] }>(
        (resolve, reject) => {
          const request = { nodeId: bundle.nodeId, secret: bundle.secret, certificateRequestPem: csrPem };
          client.Enrol(request, { deadline: Date.now() + WITHIN_MS }, (error, answer) => {
            if (error) reject(error);
            else if (answer === undefined) reject(new Error('no answer'));
            else resolve(answer);
          });
        },
      );
      return checkIdentity({
        nodeId: bundle.nodeId,
        privateKeyPem,
        certificatePem: reply.certificatePem,
        caPem: bundle.ca,
        coordinatorAddresses: reply.coordinatorAddresses,
      });
    } catch (error) {
      const foreign = await foreignAuthority(address, { caPem: bundle.ca });
      const reason = (error as Partial<grpc.ServiceError>).details ?? reasonOf(error);
      reasons.push(
        foreign === null
          ? `${address}: ${reason}`
          : `${foreign}, which made this bundle: have that coordinator make another one (POST nodes/{id}/enrolment)`,
      );
      // The secret is burnt by the first coordinator that answers: what it refuses, no other will grant.
      if ((error as { code?: number }).code === grpc.status.PERMISSION_DENIED) break;
    } finally {
      client.close();
    }
  }
  const next = isReached
    ? ''
    : '. Let this host reach the coordinator there (its enrol-port), or give the coordinator agent-addresses that it reaches and make another bundle';
  throw new Unavailable(`This agent could not be enrolled: ${reasons.join('; ')}${next}`);
}
