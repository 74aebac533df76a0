// How a node's id stands in its certificate: one URI name, written by the coordinator and read back from TLS.
import { isUuid } from '../uuid.ts';

const PREFIX = 'spiffe://ringmaster/node/';

/** @param nodeId a UUID; lower-cased, so that one node has one name */
export const nodeUri = (nodeId: string): string => `${PREFIX}${nodeId.toLowerCase()}`;

const SOLE_URI = /^URI:spiffe:\/\/ringmaster\/node\/([0-9a-f-]{36})$/;

/**
 * The node a verified peer certificate speaks for. Agents' certificates carry that one name and nothing else, so any
 * other text, a second name or a quoted one (Node quotes names with special characters) is no identity at all.
 * @param san `subjectaltname` as Node's tls prints it; undefined when the certificate has none
 * @returns the node's UUID in lower case, or null
 */
export function nodeIdFromSubjectAltName(san: string | undefined): string | null {
  const nodeId = SOLE_URI.exec(san ?? '')?.[1];
  return nodeId !== undefined && isUuid(nodeId) ? nodeId : null;
}
