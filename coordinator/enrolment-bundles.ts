// What an agent is enrolled with: a new secret for one node, and whom to trust and where to go with it.
import { encodeBundle } from '../shared/pki/enrolment-bundle.ts';
import { makeEnrolmentSecret } from './security/enrolment-token.ts';
import type { Executor } from './store/database.ts';
import { storeEnrolment } from './store/identities.ts';

/** Agents try one address after the other. */
const MOST_ADDRESSES = 32;

/** @param addresses of the enrolment listener, `host:port` */
export const enrolmentBundles =
  (authorityPem: string, addresses: () => readonly string[]) =>
  /** @throws NotFound */
  async (executor: Executor, nodeId: string): Promise<{ bundle: string; expiresOn: Date }> => {
    const { secret, hash } = makeEnrolmentSecret();
    const expiresOn = await storeEnrolment(executor, nodeId, hash);
    const enrolAddresses = addresses().slice(0, MOST_ADDRESSES);
    return { bundle: encodeBundle({ v: 1, nodeId, secret, ca: authorityPem, enrolAddresses }), expiresOn };
  };
