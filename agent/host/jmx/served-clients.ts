// How many clients the Cassandra on this machine serves now, and how many of their requests it works on.
import type { JmxClient } from './jmx-client.ts';
import { nullWhereUnknown } from './jmx-error.ts';

/** Null: this version does not tell. */
export interface ServedClients {
  connections: number | null;
  /** under way or queued */
  requests: number | null;
}

const METRICS = 'org.apache.cassandra.metrics';
/** By the name that all versions have: 4.0 brought one that begins with a capital, and keeps this one. */
const CONNECTIONS = `${METRICS}:type=Client,name=connectedNativeClients`;
const request = (name: string): string =>
  `${METRICS}:type=ThreadPools,path=transport,scope=Native-Transport-Requests,name=${name}`;

/**
 * Connections are counted until they are closed, requests until they are done, also those whose connection is gone.
 *
 * What `stopNativeTransport` does between: 4.1 closes all connections at once (Server.close), so that what is under way is
 * finished but answered to nobody, and drivers send it to another node when it is idempotent. 5.0 first waits until no
 * request is under way, up to its native_transport_timeout (Server.close, Dispatcher.isDone). Read in 4.1.7 and 5.0.8. 4.0,
 * and DSE 6.8, whose source nobody can read, are taken to do as 4.1. Where there is no such pool (DSE has others) requests are unknown.
 *
 * Nothing kinder is to be had before. RPC_READY is withdrawn by the drain (StorageService.shutdownClientServers), by no
 * operation alone, and not by stopNativeTransport. Without gossip peers would tell drivers that the node is down, but they
 * would also stop sending it what it has a part in; and the Node.js driver pays no heed to that word (its ControlConnection).
 * @throws JmxError
 */
export async function servedClients(client: JmxClient): Promise<ServedClients> {
  const count = async (name: string): Promise<number | null> => {
    const value = await client.getAttribute(name, 'Value').catch(nullWhereUnknown);
    return typeof value === 'number' ? value : null;
  };
  const [connections, active, queued] = await Promise.all([
    count(CONNECTIONS),
    count(request('ActiveTasks')),
    count(request('PendingTasks')),
  ]);
  return { connections, requests: active === null || queued === null ? null : active + queued };
}
