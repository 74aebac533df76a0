// What a configuration file is rendered from, besides its pristine text: the profile and the model's own values.
import type { Product } from '../../shared/config-files.ts';

/** File id -> settings, as the operator gave them. */
export type Profile = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What the coordinator's model knows about this node; wins over the profile unless said otherwise. */
export interface ModelValues {
  clusterName: string;
  seeds: readonly string[];
  listenAddress: string;
  /** null: the profile's or the pristine file's own */
  broadcastAddress: string | null;
  nativeTransportAddress: string;
  nativeTransportBroadcastAddress: string | null;
  datacenter: string;
  rack: string;
  /** comma-separated when there are several; null: the node picks its own */
  initialToken: string | null;
  autoBootstrap: boolean | null;
  /** DSE only */
  workloads: { graph: boolean; solr: boolean; spark: boolean };
  /** absolute paths; defaults, used where the profile sets none and the pristine file has none */
  directories: {
    data: string;
    commitlog: string;
    savedCaches: string;
    hints: string;
    cdcRaw: string;
    logs: string;
  };
}

export interface RenderInput {
  product: Product;
  version: string;
  profile: Profile;
  model: ModelValues;
}

/** True when `version` (`6.8.36`, `4.1-beta1`) is `major.minor` or later. */
export function isAtLeast(version: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split(/[.+~-]/).map((part) => Number.parseInt(part, 10) || 0);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
