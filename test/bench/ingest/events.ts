// The events of the ingest benchmark: what real steps tell, in the proportions of an install, about 400 bytes each on the wire.
import { createHash } from 'node:crypto';
import { eventRecord } from '../../../agent/run-events.ts';
import type { StepEvent } from '../../../shared/events.ts';
import type { WireEvent } from '../../../shared/wire/messages.ts';

const HOME = '/opt/ringmaster/apache-cassandra-5.0.8';
const FILES = [
  'conf/cassandra.yaml',
  'conf/cassandra-env.sh',
  'conf/jvm17-server.options',
  'conf/cassandra-rackdc.properties',
  'conf/logback.xml',
];
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const diffOf = (path: string, n: number): string => `--- ${path}
+++ ${path}
@@ -${n},7 +${n},7 @@
 # For workloads with more data than can fit in memory, reads must come from the disk.
-concurrent_reads: 32
+concurrent_reads: ${n}
 concurrent_writes: 32
@@ -${n + 90},9 +${n + 90},10 @@
 # endpoint_snitch -- Set this to a class that implements "IEndpointSnitch".
-endpoint_snitch: SimpleSnitch
+endpoint_snitch: GossipingPropertyFileSnitch
@@ -${n + 300},5 +${n + 301},5 @@
-data_file_directories: []
+data_file_directories: [${HOME}/data/${n}]
 commitlog_sync: periodic
 commitlog_sync_period: 10000ms
`;

const looked = (subtype: string, message: string, resource: string | null): StepEvent => ({
  type: 'check',
  subtype,
  resource,
  message,
  changes: false,
});

const milestone = (subtype: string, message: string, after: Record<string, unknown>): StepEvent => ({
  type: 'milestone',
  subtype,
  resource: HOME,
  message,
  changes: true,
  after,
});

const wrote = (n: number, path: string): StepEvent => ({
  type: 'check',
  subtype: 'file-contents',
  resource: path,
  message: `Wrote ${path}`,
  changes: true,
  before: { sha256: sha256(`${path} ${n - 1}`) },
  after: { sha256: sha256(`${path} ${n}`), diff: diffOf(path, n), 'diff-truncated': false },
});

const compared = (_: number, path: string): StepEvent =>
  looked('file-contents', `Checking if the contents of ${path} need to be updated`, path);

/** One after the other, for ever; each knows its place, so that no two are alike. */
const MIX: readonly ((n: number, path: string) => StepEvent)[] = [
  compared,
  wrote,
  () => looked('directory', 'Checking the directories of the database node', HOME),
  (n) => ({ ...looked('directory', `Made ${HOME}/data/${n}`, `${HOME}/data/${n}`), changes: true }),
  () => looked('java', 'Checking for Java 11 or 17', 'java'),
  (n) => milestone('node-drained', 'Drained the database node', { 'drain-ms': 1_200 + n, how: 'drained' }),
  compared,
  wrote,
  () => looked('process', 'Checking if the database node runs', HOME),
  (n) => milestone('node-stopped', 'Stopped the database node', { pid: 10_000 + n, 'stop-ms': 800 + n }),
  (n) =>
    milestone('facts', 'Looked at the machine', {
      cpus: 16,
      'memory-bytes': 67_383_021_568,
      'free-bytes': 812_345_678_901 - n,
      kernel: '5.15.0-119-generic',
      distribution: 'Ubuntu 22.04.4 LTS',
      addresses: [`10.20.${n % 250}.17`, `192.168.${n % 250}.17`],
      mounts: ['/', '/var/lib/cassandra/data', '/var/lib/cassandra/commitlog'],
      limits: {
        'open-files': 1_048_576,
        processes: 32_768,
        'locked-memory': 'unlimited',
        'max-map-count': 1_048_575,
      },
      clock: { source: 'chrony', synchronised: true, 'offset-ms': 0.21 },
    }),
  () => looked('peers', 'Asking the peers how they see this node', '10.20.30.17'),
  (n) =>
    n % 50 === 10
      ? {
          type: 'error',
          subtype: 'drain-failed',
          resource: '10.20.30.17',
          message: 'Could not drain the database node; going on to stop: Größe überschritten',
          changes: false,
          after: { step: 'drain-node' },
          traceback: `StepFailed: the drain did not end within 60000 ms\n    at drain (file://${HOME}/agent/steps/drain-node.js:${n}:11)\n`,
        }
      : milestone('peers-see-normal', 'This node is seen as up and normal by 2 of 2 peers', {
          'peers-ms': 40 + n,
          normal: ['node-1', 'node-2', 'node-4'],
          waiting: [],
        }),
];

const BEGAN_MS = Date.now();

/** The n-th event of a run, with a new id. A later one has a later time, by which their order in the database can be told. */
export function eventOf(n: number): WireEvent {
  const path = `${HOME}/${FILES[n % FILES.length]}`;
  const make = MIX[n % MIX.length] ?? compared;
  const record = eventRecord(make(n, path), BEGAN_MS + n);
  if (record.kind !== 'event') throw new Error('an event is an event');
  return record.event;
}
