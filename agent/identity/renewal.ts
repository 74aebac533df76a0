// Gets this agent another certificate, with a new key, before the one it has runs out: after that no coordinator lets it in.
import { X509Certificate } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { reasonOf } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { CurrentIdentity } from './current-identity.ts';
import type { Identity } from './identity.ts';
import type { IdentityStore } from './identity-store.ts';
import { createKeyAndRequest } from './key-and-request.ts';

const DAY_MS = 86_400_000;
const BEFORE_END_MS = 30 * DAY_MS;
const AGAIN_AFTER_MS = 3_600_000;

export interface RenewalParts {
  current: CurrentIdentity;
  store: Pick<IdentityStore, 'prepare' | 'save'>;
  /** asks a coordinator as the present identity @returns the certificate in PEM @throws Error when none gives one */
  askFor: (identity: Identity, csrPem: string) => Promise<string>;
  clock: Clock;
  log: Logger;
}

/** When it is to be renewed, and when it ends: 30 days before, and a shorter one in the last third of its life. */
export function renewalOf(certificatePem: string): { dueMs: number; endMs: number } {
  const certificate = new X509Certificate(certificatePem);
  const [fromMs, endMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  return { dueMs: endMs - Math.min(BEFORE_END_MS, (endMs - fromMs) / 3), endMs };
}

/** The former identity stands, on disk too, until the new one is there whole. */
async function renew({ current, store, askFor, log }: RenewalParts): Promise<void> {
  const { privateKeyPem, csrPem } = createKeyAndRequest();
  await store.prepare(); // none is issued that could not be kept
  const certificatePem = await askFor(current.identity, csrPem);
  const renewed = { ...current.identity, privateKeyPem, certificatePem };
  await store.save(renewed);
  current.replace(renewed);
  log.info("this agent's certificate was renewed", {
    component: 'identity',
    reason: `good until ${new X509Certificate(certificatePem).validTo}`,
  });
}

/** Renews whenever it is due, tries again every hour, and says each time why it could not, until the signal fires. */
export async function keepRenewed(parts: RenewalParts, signal: AbortSignal): Promise<void> {
  const { current, clock, log } = parts;
  while (!signal.aborted) {
    const { dueMs, endMs } = renewalOf(current.identity.certificatePem);
    const leftMs = endMs - clock.nowMs();
    let waitMs = DAY_MS;
    if (leftMs <= 0) {
      log.error("this agent's certificate has run out: enrol it anew", {
        component: 'identity',
        reason: 'remove the folder identity of the data directory and start with a new bundle',
      });
    } else if (clock.nowMs() < dueMs) waitMs = Math.min(DAY_MS, dueMs - clock.nowMs());
    else
      try {
        await renew(parts);
      } catch (err) {
        // One that ends within hours has not the time for many such waits.
        waitMs = Math.max(1_000, Math.min(AGAIN_AFTER_MS, leftMs / 10));
        const days = Math.floor(leftMs / DAY_MS);
        log.warn("this agent's certificate could not be renewed yet", {
          component: 'identity',
          count: days,
          reason: reasonOf(err),
        });
      }
    await clock.wait(waitMs, signal).catch(() => {});
  }
}
