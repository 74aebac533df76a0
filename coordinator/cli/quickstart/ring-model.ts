// The model of a ring on this machine's loopback: one repository, a profile a node, a cluster, a datacenter, nodes.
import { join } from 'node:path';
import { ApiRefusal, type Json, type RestClient } from '../rest-client.ts';

/** What the names of a quickstart's cluster, profiles and repository begin with. */
export const RING_NAME = 'quickstart-';

export interface RingOptions {
  name: string;
  tarballUrl: string;
  version: string;
  /** every node gets a directory of its own below it */
  directory: string;
  /** 127.0.0.1, 127.0.0.2, … : one a node; JMX always binds 127.0.0.1, so its ports differ */
  addresses: readonly string[];
  /** so many take turns; default: each node has its own */
  racks?: number;
  /** of the first nodes; default: one */
  seeds?: number;
  jmxPorts: readonly number[];
  nativePort?: number;
  storagePort?: number;
  /** further settings of cassandra.yaml */
  yaml?: Json;
}

export interface Ring {
  clusterId: string;
  datacenterId: string;
  nodes: { id: string; name: string; address: string; profileId: string; directory: string }[];
}

/** Small and quick rather than fast under load: a laptop carries three. */
export const SMALL_JVM = {
  initial_heap_size: '64m',
  max_heap_size: '256m',
  garbage_collector: 'SerialGC',
  'additional-jvm-opts': [
    '-XX:TieredStopAtLevel=1',
    '-Dcassandra.ring_delay_ms=2000',
    '-Dcassandra.skip_wait_for_gossip_to_settle=0',
    '-Dcassandra.superuser_setup_delay_ms=500',
    '-Dcassandra.shutdown_announce_in_ms=0',
    '-Djava.net.preferIPv4Stack=true',
  ],
};

/** A job that is over by now, or whose end was asked for only just, is left as it is. */
async function terminate(rest: RestClient, jobId: unknown): Promise<void> {
  try {
    await rest.post('actions/terminate', { 'job-id': jobId });
  } catch (error) {
    if (!(error instanceof ApiRefusal && error.status === 409)) throw error;
  }
}

/**
 * Takes the rings of earlier runs out of the model, since their nodes are gone; what is told of their jobs stays. One whose
 * job is still open stays too, until that has been given up.
 */
export async function removeEarlierRings(rest: RestClient, say: (line: string) => void): Promise<void> {
  for (const path of ['clusters', 'config_profiles', 'repositories']) {
    for (const { id, name } of await rest.list(`${path}/`)) {
      if (!String(name).startsWith(RING_NAME)) continue;
      try {
        await rest.delete(`${path}/${String(id)}`);
      } catch (error) {
        if (!(error instanceof ApiRefusal && error.status === 409)) throw error;
        if (path !== 'clusters') continue;
        say(`${String(name)} of an earlier run is still in the model: ${error.message}`);
        for (const job of await rest.list(`clusters/${String(id)}/jobs/`))
          if (job['ended-on'] === null) await terminate(rest, job['id']);
      }
    }
  }
}

/** Makes the model through the REST API. */
export async function modelRing(rest: RestClient, options: RingOptions): Promise<Ring> {
  const created = async (path: string, body: Json): Promise<string> =>
    String((await rest.post(path, body))['id']);
  const { name } = options;
  const repositoryId = await created('repositories/', {
    name: `${name}-tarball`,
    'repo-url': options.tarballUrl,
  });
  const clusterId = await created('clusters/', { name, 'repository-id': repositoryId });
  const datacenterId = await created('datacenters/', { name: 'dc1', 'cluster-id': clusterId });
  const nodes: Ring['nodes'] = [];
  for (const [at, address] of options.addresses.entries()) {
    const nodeName = `node${at + 1}`;
    const directory = join(options.directory, nodeName);
    const profileId = await created('config_profiles/', {
      name: `${name}-${nodeName}`,
      product: 'cassandra',
      'datastax-version': options.version,
      json: {
        'install-options': { 'install-type': 'tarball', 'install-directory': directory },
        'cassandra-env-sh': { 'jmx-port': options.jmxPorts[at] ?? 7199 },
        'jvm-server-options': SMALL_JVM,
        'cassandra-yaml': {
          num_tokens: 4,
          native_transport_port: options.nativePort ?? 9042,
          storage_port: options.storagePort ?? 7000,
          commitlog_segment_size: '16MiB',
          ...options.yaml,
        },
      },
    });
    const id = await created('nodes/', {
      name: nodeName,
      'datacenter-id': datacenterId,
      'ssh-management-address': address,
      'config-profile-id': profileId,
      rack: `rack${(at % (options.racks ?? options.addresses.length)) + 1}`,
      seed: at < (options.seeds ?? 1),
    });
    nodes.push({ id, name: nodeName, address, profileId, directory });
  }
  return { clusterId, datacenterId, nodes };
}
