// For which other nodes the Cassandra on this machine keeps hints that it has not delivered.
import { shortAddress } from '../../../shared/short-address.ts';
import type { JavaValue } from './java-value.ts';
import type { JmxClient } from './jmx-client.ts';
import { nullWhereUnknown } from './jmx-error.ts';

const STORAGE = 'org.apache.cassandra.db:type=StorageService';
const HINTS = 'org.apache.cassandra.hints:type=HintsService';
const METRICS = 'org.apache.cassandra.metrics';
const ALL_CREATED = `${METRICS}:type=Storage,name=TotalHints`;
const metricOf = (kind: string, node: string): string =>
  `${METRICS}:type=HintsService,name=${kind}-/${node.replaceAll(':', '.')}`;

/**
 * Of these nodes, by their short addresses, those that hints wait for here; live ones get theirs within half a minute or so.
 *
 * `PendingHints` has the files that are closed (HintsStore.hasFiles). A hint is in a buffer first and in an open file then:
 * that flush, the closing once its node is seen up, and the dispatch come every ten seconds each (HintsService.startDispatch,
 * HintsDispatchTrigger), so that just after a node is back its hints are not among them. Hence also two counts by node since
 * this JVM started: hints created (HintedHandoffMetrics), and delivered, each of which is one in the histogram of delays
 * (HintsServiceMetrics). Their difference is an estimate: hints that expired or were truncated stay in it, those of the JVM
 * before that were delivered since hide others, and a node that this one knows by a name besides its address has other metrics.
 *
 * Read in 4.1.7 and 5.0.8. Versions that lack some of it (before 4.1, DSE 6.8; not tried) show less, or nothing.
 * @throws JmxError
 */
export async function keptHints(client: JmxClient, nodes: readonly string[]): Promise<string[]> {
  if (nodes.length === 0) return [];
  const count = async (name: string): Promise<number> => {
    const value = await client.getAttribute(name, 'Count').catch(nullWhereUnknown);
    return typeof value === 'number' ? value : 0;
  };
  const [files, addresses, live, created] = await Promise.all([
    client.getAttribute(HINTS, 'PendingHints').catch(nullWhereUnknown),
    client.getAttribute(STORAGE, 'HostIdToEndpoint'),
    client.getAttribute(STORAGE, 'LiveNodesWithPort').catch(nullWhereUnknown),
    count(ALL_CREATED),
  ]);
  const kept = new Set(addressesOf(files, addresses));
  if (created > 0)
    for (const node of Array.isArray(live) ? live : []) {
      if (typeof node !== 'string') continue;
      const address = shortAddress(node.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'));
      if (!nodes.includes(address) || kept.has(address)) continue;
      const [ofNode, delivered] = await Promise.all([
        count(metricOf('Hints_created', node)),
        count(metricOf('Hint_delays', node)),
      ]);
      if (ofNode > delivered) kept.add(address);
    }
  return nodes.filter((node) => kept.has(node));
}

/** Those of the files' host ids. */
function addressesOf(files: JavaValue, addresses: JavaValue): string[] {
  if (!Array.isArray(files) || !(addresses instanceof Map)) return [];
  return files.flatMap((file) => {
    const address = file instanceof Map ? addresses.get(file.get('host_id') ?? null) : null;
    return typeof address === 'string' ? [shortAddress(address)] : [];
  });
}
