// Pristine files of a test (named .txt so that no formatter tidies their awkward content), and the model of its node.
import { readFileSync } from 'node:fs';
import type { ModelValues, Profile, RenderInput } from '../../../agent/config-files/render-input.ts';

export const pristine = (name: string): string =>
  readFileSync(new URL(`pristine/${name}.txt`, import.meta.url), 'utf8');

/** The same file as an editor on Windows would have left it. */
export const withWindowsLineEnds = (text: string): string => text.replaceAll('\n', '\r\n');

export const MODEL: ModelValues = {
  clusterName: 'Test Cluster',
  seeds: ['10.0.0.1', '10.0.0.2'],
  listenAddress: '10.0.0.1',
  broadcastAddress: null,
  nativeTransportAddress: '10.0.0.1',
  nativeTransportBroadcastAddress: null,
  datacenter: 'dc-east',
  rack: 'rack 1',
  initialToken: null,
  autoBootstrap: null,
  workloads: { graph: false, solr: true, spark: false },
  directories: {
    data: '/srv/ring/data',
    commitlog: '/srv/ring/commitlog',
    savedCaches: '/srv/ring/saved_caches',
    hints: '/srv/ring/hints',
    cdcRaw: '/srv/ring/cdc_raw',
    logs: '/srv/ring/logs',
  },
};

export const cassandra = (profile: Profile = {}, model: Partial<ModelValues> = {}): RenderInput => ({
  product: 'cassandra',
  version: '4.1.5',
  profile,
  model: { ...MODEL, ...model },
});

export const dse = (
  version: string,
  profile: Profile = {},
  model: Partial<ModelValues> = {},
): RenderInput => ({ product: 'dse', version, profile, model: { ...MODEL, ...model } });
