// Whether a host is the one that is meant: by the key that it shows, against the one that is known of it.
import type { EventType } from '../../shared/events.ts';
import { BootstrapFault } from './fault.ts';

export interface Told {
  type: EventType;
  subtype: string;
  message: string;
  changes?: boolean;
}

/** What is known of a node's host. */
export interface KnownKeys {
  /** The fingerprint that the node's host has to show at an `address:port`; null where it is not known yet. */
  knownHostKey(at: string): Promise<string | null>;
  /**
   * @param told stored together with the pin, when it was pinned now
   * @returns the fingerprint that the node's host has to show: the one given where there was none yet
   * @throws when this try is not ours any more
   */
  pinHostKey(shown: { fingerprint: string; at: string }, told: Told): Promise<string>;
}

interface Place {
  nodeName: string;
  login: { host: string; port: number };
}

interface HostKey {
  fingerprint: string;
  keyType: string;
}

const placeOf = ({ login }: Place): string => `${login.host}:${login.port}`;

/** The host's key is the known one, where there is one. @throws BootstrapFault */
export async function checkHost(target: Place, shown: HostKey, { knownHostKey }: KnownKeys): Promise<void> {
  const known = await knownHostKey(placeOf(target));
  if (known !== null && known !== shown.fingerprint) throw otherHost(target, shown, known);
}

/** It becomes the known one where there is none. @throws BootstrapFault */
export async function pinHost(target: Place, shown: HostKey, { pinHostKey }: KnownKeys): Promise<void> {
  const at = placeOf(target);
  const pinned = await pinHostKey(
    { fingerprint: shown.fingerprint, at },
    {
      type: 'check',
      subtype: 'host-key-accepted',
      message: `The host at ${at} was not known yet: its key ${shown.fingerprint} (${shown.keyType}) was accepted, and no other will be`,
      changes: true,
    },
  );
  if (pinned !== shown.fingerprint) throw otherHost(target, shown, pinned);
}

const otherHost = (target: Place, { fingerprint, keyType }: HostKey, known: string): BootstrapFault =>
  new BootstrapFault(
    'host-key-changed',
    `The host at ${placeOf(target)} shows the key ${fingerprint} (${keyType}), but node ${target.nodeName} is known by ${known}: nothing was sent to it. If the host was installed anew, or has another key besides, set ssh-host-key of the node to the new one; else somebody is in between`,
  );
