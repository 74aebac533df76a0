// What a running node has saved with its data, and does not start with other values of.
import type { JavaValue } from './java-value.ts';
import type { JmxClient } from './jmx-client.ts';
import { nullWhereUnknown } from './jmx-error.ts';

const STORAGE = 'org.apache.cassandra.db:type=StorageService';
const SNITCH = 'org.apache.cassandra.db:type=EndpointSnitchInfo';

export interface SavedSettings {
  /** the name of the cluster; null: it does not say */
  cluster: string | null;
  tokens: number;
  /** a class, as the node was given it; null: it does not say */
  partitioner: string | null;
  datacenter: string | null;
  rack: string | null;
}

/** @returns null for a node that has no tokens yet @throws JmxError */
export async function savedSettings(client: JmxClient): Promise<SavedSettings | null> {
  const tokens = await client.getAttribute(STORAGE, 'Tokens');
  if (!Array.isArray(tokens) || tokens.length === 0) return null;
  const textOf = async (bean: string, attribute: string): Promise<string | null> => {
    const value: JavaValue = await client.getAttribute(bean, attribute).catch(nullWhereUnknown);
    return typeof value === 'string' ? value : null;
  };
  return {
    cluster: await textOf(STORAGE, 'ClusterName'),
    tokens: tokens.length,
    partitioner: await textOf(STORAGE, 'PartitionerName'),
    datacenter: await textOf(SNITCH, 'Datacenter'),
    rack: await textOf(SNITCH, 'Rack'),
  };
}
