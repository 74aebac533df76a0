// cassandra.yaml and dse.yaml: the profile's keys, and in cassandra.yaml what the model knows about the node.

import { INTERFACE_KEYS } from '../../shared/config-files.ts';
import { pointerTo } from '../../shared/errors.ts';
import { isAtLeast, type RenderInput } from './render-input.ts';
import { isOneLine, type Json, refuse, settingsOf } from './settings.ts';
import { editYaml } from './yaml-edit.ts';
import { readYaml } from './yaml-source.ts';

const FILE = 'cassandra-yaml';

function tokensOf(initialToken: string): string[] {
  const tokens = initialToken.split(',').map((token) => token.trim());
  if (!tokens.every((token) => /^-?[0-9A-Za-z]{1,128}$/.test(token))) {
    return refuse('/model/initialToken', 'must be one token, or several with commas between them');
  }
  if (new Set(tokens).size < tokens.length) return refuse('/model/initialToken', 'names a token twice');
  return tokens;
}

function seedProvider(seeds: readonly string[]): Json {
  if (seeds.length === 0) return refuse('/model/seeds', 'must name at least one seed');
  if (!seeds.every((seed) => isOneLine(seed) && /^[^\s,]+$/.test(seed))) {
    return refuse('/model/seeds', 'must be addresses without spaces or commas');
  }
  return [
    {
      class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
      parameters: [{ seeds: seeds.join(',') }],
    },
  ];
}

/** What the model says whatever the profile says. */
function modelSettings({ model, product, version }: RenderInput): [string, Json][] {
  const address = product === 'dse' && isAtLeast(version, 6, 0) ? 'native_transport' : 'rpc';
  const broadcast =
    address === 'rpc' ? 'broadcast_rpc_address' : ('native_transport_broadcast_address' as const);
  const tokens = model.initialToken === null ? null : tokensOf(model.initialToken);
  const known: [string, Json][] = [
    ['cluster_name', model.clusterName],
    ['seed_provider', seedProvider(model.seeds)],
    ['listen_address', model.listenAddress],
    ['broadcast_address', model.broadcastAddress],
    [`${address}_address`, model.nativeTransportAddress],
    [broadcast, model.nativeTransportBroadcastAddress],
    ['initial_token', tokens === null ? null : tokens.join(',')],
    ['num_tokens', tokens === null ? null : tokens.length],
    ['auto_bootstrap', model.autoBootstrap],
  ];
  return known.filter(([, value]) => value !== null);
}

/** Used where neither the profile nor the pristine file says anything. */
function directories({ model, product, version }: RenderInput): [string, Json][] {
  const isSince = (cassandra: [number, number], dse: [number, number]) =>
    isAtLeast(version, ...(product === 'dse' ? dse : cassandra));
  return [
    ['data_file_directories', [model.directories.data]],
    ['commitlog_directory', model.directories.commitlog],
    ['saved_caches_directory', model.directories.savedCaches],
    ...(isSince([3, 0], [5, 0]) ? ([['hints_directory', model.directories.hints]] as [string, Json][]) : []),
    ...(isSince([3, 8], [5, 1])
      ? ([['cdc_raw_directory', model.directories.cdcRaw]] as [string, Json][])
      : []),
  ];
}

export function renderCassandraYaml(pristine: string, input: RenderInput): string {
  const changes = new Map(settingsOf(input.profile, FILE));
  const { values } = readYaml(pristine);
  for (const key of INTERFACE_KEYS) {
    if ((changes.get(key) ?? null) !== null) {
      return refuse(pointerTo(FILE, key), "cannot be set, since the node's addresses are");
    }
    if (Object.hasOwn(values, key)) changes.set(key, null);
  }
  for (const [key, value] of directories(input)) {
    if (!changes.has(key) && (values[key] ?? null) === null) changes.set(key, value);
  }
  if ((changes.get('endpoint_snitch') ?? null) === null) {
    changes.set('endpoint_snitch', 'GossipingPropertyFileSnitch');
  }
  for (const [key, value] of modelSettings(input)) changes.set(key, value);
  return editYaml(pristine, changes, FILE);
}

export const renderDseYaml = (pristine: string, input: RenderInput): string =>
  editYaml(pristine, settingsOf(input.profile, 'dse-yaml'), 'dse-yaml');
