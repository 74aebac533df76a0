// The known settings of the JVM option files, as data: which flag each becomes. Keys are those of DSE's definitions.
import { count, size, type ValueCheck, word } from './setting-values.ts';
import { type Json, refuse } from './settings.ts';

export interface JvmFlag {
  /** whether a line sets the same flag */
  isSetBy: (line: string) => boolean;
  /** the line; null: the flag is not to be set */
  line: (value: Json, pointer: string) => string | null;
}

const valued = (stem: string, check: ValueCheck): JvmFlag => ({
  isSetBy: (line) => line.startsWith(stem),
  line: (value, pointer) => stem + check(value, pointer),
});
const isOn: ValueCheck = (value, pointer) =>
  typeof value === 'boolean' ? String(value) : refuse(pointer, 'must be true or false');
/** A line that is there or not. */
export const fixed = (line: string): JvmFlag => ({
  isSetBy: (own) => own === line || own === line.replace('-XX:+', '-XX:-'),
  line: (value, pointer) => (isOn(value, pointer) === 'true' ? line : null),
});

export const HEAP = { initial: valued('-Xms', size), max: valued('-Xmx', size) } as const;

export const JVM_FLAGS: Readonly<Record<string, JvmFlag>> = {
  initial_heap_size: HEAP.initial,
  max_heap_size: HEAP.max,
  new_heap_size: valued('-Xmn', size),
  per_thread_stack_size: valued('-Xss', size),
  max_direct_memory: valued('-XX:MaxDirectMemorySize=', size),
  string_table_size: valued('-XX:StringTableSize=', word),
  heap_dump_on_out_of_memory_error: fixed('-XX:+HeapDumpOnOutOfMemoryError'),
  exit_on_out_of_memory_error: fixed('-XX:+ExitOnOutOfMemoryError'),
  crash_on_out_of_memory_error: fixed('-XX:+CrashOnOutOfMemoryError'),
  enable_assertions: fixed('-ea'),
  always_pre_touch: fixed('-XX:+AlwaysPreTouch'),
  use_tlb: fixed('-XX:+UseTLAB'),
  resize_tlb: fixed('-XX:+ResizeTLAB'),
  use_numa: fixed('-XX:+UseNUMA'),
  perf_disable_shared_mem: fixed('-XX:+PerfDisableSharedMem'),
  java_net_prefer_ipv4_stack: fixed('-Djava.net.preferIPv4Stack=true'),
  g1r_set_updating_pause_time_percent: valued('-XX:G1RSetUpdatingPauseTimePercent=', count),
  max_gc_pause_millis: valued('-XX:MaxGCPauseMillis=', count),
  initiating_heap_occupancy_percent: valued('-XX:InitiatingHeapOccupancyPercent=', count),
  parallel_gc_threads: valued('-XX:ParallelGCThreads=', count),
  conc_gc_threads: valued('-XX:ConcGCThreads=', count),
  survivor_ratio: valued('-XX:SurvivorRatio=', count),
  max_tenuring_threshold: valued('-XX:MaxTenuringThreshold=', count),
  cms_initiating_occupancy_fraction: valued('-XX:CMSInitiatingOccupancyFraction=', count),
  cms_wait_duration: valued('-XX:CMSWaitDuration=', count),
  cassandra_available_processors: valued('-Dcassandra.available_processors=', count),
  cassandra_join_ring: valued('-Dcassandra.join_ring=', isOn),
  cassandra_load_ring_state: valued('-Dcassandra.load_ring_state=', isOn),
  cassandra_replace_address: valued('-Dcassandra.replace_address=', word),
  cassandra_ring_delay_ms: valued('-Dcassandra.ring_delay_ms=', count),
  cassandra_max_hint_ttl: valued('-Dcassandra.maxHintTTL=', word),
  cassandra_expiration_date_overflow_policy: valued('-Dcassandra.expiration_date_overflow_policy=', word),
};

/** The collectors by the word a profile uses. `until`: the last Java that has it. */
export const COLLECTORS: Readonly<
  Record<string, { line: string; until?: number; isExperimentalIn11?: true }>
> = {
  G1GC: { line: '-XX:+UseG1GC' },
  CMS: { line: '-XX:+UseConcMarkSweepGC', until: 13 },
  Serial: { line: '-XX:+UseSerialGC' },
  SerialGC: { line: '-XX:+UseSerialGC' },
  Parallel: { line: '-XX:+UseParallelGC' },
  ParallelGC: { line: '-XX:+UseParallelGC' },
  ZGC: { line: '-XX:+UseZGC', isExperimentalIn11: true },
  Shenandoah: { line: '-XX:+UseShenandoahGC', isExperimentalIn11: true },
};
