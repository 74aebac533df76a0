// Gathers what `status` prints: from the running agent, and for the rest from its files and from the machine.
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { reasonOf } from '../../shared/errors.ts';
import type { Host, OwnNode } from '../host/host.ts';
import { IdentityStore } from '../identity/identity-store.ts';
import { askStatus } from './socket.ts';
import type { Standing } from './status-text.ts';

const JMX_WITHIN_MS = 3_000;

type Asked = Pick<Host, 'findCassandra' | 'jmx' | 'exists'>;

/** @param own null when no run has told where the database node is */
export async function databaseNodeText(host: Asked, own: OwnNode | null): Promise<string> {
  if (own === null) return 'none known';
  const running = await host.findCassandra(own.directory);
  // A first job tells where the node will be, before anything is there.
  if (running === null)
    return (await host.exists(own.directory))
      ? `not running (${own.directory})`
      : `none installed (${own.directory})`;
  const where = `process ${running.pid} (${own.directory})`;
  try {
    const node = await host.jmx(own, JMX_WITHIN_MS);
    try {
      return `${await node.operationMode()}, ${where}`;
    } finally {
      node.close();
    }
  } catch (error) {
    return `running, but its JMX does not answer: ${reasonOf(error)}, ${where}`;
  }
}

/** @throws when what is there cannot be read, by another user say */
export async function standingOf(dataDirectory: string, host: Asked, own: OwnNode | null): Promise<Standing> {
  const identity = await new IdentityStore(join(dataDirectory, 'identity')).load();
  return {
    dataDirectory,
    identity:
      identity === null
        ? null
        : {
            nodeId: identity.nodeId,
            certificateEndMs: Date.parse(new X509Certificate(identity.certificatePem).validTo),
          },
    report: await askStatus(dataDirectory),
    databaseNode: await databaseNodeText(host, own),
  };
}
