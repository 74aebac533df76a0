// The known settings of the JVM option files, as data: which flag each becomes. Keys are those of DSE's definitions.
import type { Product } from '../../shared/config-files.ts';
import { count, numberOrWord, size, type ValueCheck, word } from './setting-values.ts';
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
/** `-XX:+UseNUMA` and `-XX:-UseNUMA` set one flag. */
const unsigned = (line: string): string => line.replace(/^-XX:[+-]/, '-XX:');
/** A line that is there or not. */
export const fixed = (line: string): JvmFlag => ({
  isSetBy: (own) => unsigned(own) === unsigned(line),
  line: (value, pointer) => (isOn(value, pointer) === 'true' ? line : null),
});
/** A line that is there or not, of a flag that could have another value. */
const fixedValue = (stem: string, value: string): JvmFlag => ({
  ...fixed(stem + value),
  isSetBy: (own) => own.startsWith(stem),
});

export const HEAP = { initial: valued('-Xms', size), max: valued('-Xmx', size) } as const;

const COMMON_FLAGS: Readonly<Record<string, JvmFlag>> = {
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

const property = (name: string, check: ValueCheck): JvmFlag => valued(`-D${name}=`, check);

/** What DSE's definitions have besides, each in some versions and files. Their spelling is theirs. */
const DSE_FLAGS: Readonly<Record<string, JvmFlag>> = {
  heap_size_young_generation: valued('-Xmn', size),
  cassandra_metrics_reporter_config_file: property('cassandra.metricsReporterConfigFile', word),
  cassandra_replay_list: property('cassandra.replayList', word),
  cassandra_triggers_dir: property('cassandra.triggers_dir', word),
  cassandra_write_survey: property('cassandra.write_survey', isOn),
  cassandra_disable_auth_caches_remote_configuration: property(
    'cassandra.disable_auth_caches_remote_configuration',
    isOn,
  ),
  cassandra_force_default_indexing_page_size: property('cassandra.force_default_indexing_page_size', isOn),
  cassandra_force_3_0_protocol_version: fixedValue('-Dcassandra.force_3_0_protocol_version=', 'true'),
  cassandra_non_periodic_tasks_shutdown_timeout_in_minutes: property(
    'cassandra.non_periodic_tasks_shutdown_timeout_in_minutes',
    count,
  ),
  expiration_date_overflow_policy: property('cassandra.expiration_date_overflow_policy', word),
  print_heap_histogram_on_out_of_memory_error: property(
    'cassandra.printHeapHistogramOnOutOfMemoryError',
    isOn,
  ),
  dse_consistent_replace: property('dse.consistent_replace', word),
  dse_consistent_replace_parallelism: property('dse.consistent_replace.parallelism', numberOrWord),
  dse_consistent_replace_retries: property('dse.consistent_replace.retries', numberOrWord),
  dse_consistent_replace_whitelist: property('dse.consistent_replace.whitelist', word),
  dse_consitent_replace_whitelist: property('dse.consistent_replace.whitelist', word),
  jdk_nio_maxcachedbuffersize: property('jdk.nio.maxCachedBufferSize', count),
  io_netty_eventloop_maxpendingtasks: property('io.netty.eventLoop.maxPendingTasks', count),
  io_netty_maxdirectmemory: property('io.netty.maxDirectMemory', count),
  io_netty_try_reflection_set_accessible: fixedValue('-Dio.netty.tryReflectionSetAccessible=', 'true'),
  jdk_attach_allow_attach_self: fixedValue('-Djdk.attach.allowAttachSelf=', 'true'),
  'page-align-direct-memory': fixedValue('-Dsun.nio.PageAlignDirectMemory=', 'true'),
  use_thread_priorities: fixed('-XX:+UseThreadPriorities'),
  thread_priority_policy_42: fixedValue('-XX:ThreadPriorityPolicy=', '42'),
  use_biased_locking: fixed('-XX:-UseBiasedLocking'),
  'use-biased-locking': fixed('-XX:-UseBiasedLocking'),
  'restrict-contended': fixed('-XX:-RestrictContended'),
  'unlock-diagnostic-vm-options': fixed('-XX:+UnlockDiagnosticVMOptions'),
  'debug-non-safepoints': fixed('-XX:+DebugNonSafepoints'),
  'preserve-frame-pointer': fixed('-XX:+PreserveFramePointer'),
  'guaranteed-safepoint-interval': valued('-XX:GuaranteedSafepointInterval=', numberOrWord),
  log_compilation: fixed('-XX:+LogCompilation'),
  unlock_commercial_features: fixed('-XX:+UnlockCommercialFeatures'),
  flight_recorder: fixed('-XX:+FlightRecorder'),
  agent_lib_jdwp: fixed('-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=1414'),
  print_gc_details: fixed('-XX:+PrintGCDetails'),
  print_gc_date_stamps: fixed('-XX:+PrintGCDateStamps'),
  print_heap_at_gc: fixed('-XX:+PrintHeapAtGC'),
  print_tenuring_distribution: fixed('-XX:+PrintTenuringDistribution'),
  print_gc_application_stopped_time: fixed('-XX:+PrintGCApplicationStoppedTime'),
  print_promotion_failure: fixed('-XX:+PrintPromotionFailure'),
  print_flss_statistics: fixedValue('-XX:PrintFLSStatistics=', '1'),
  use_gc_log_file_rotation: fixed('-XX:+UseGCLogFileRotation'),
  number_of_gc_log_files: valued('-XX:NumberOfGCLogFiles=', count),
  gc_log_file_size: valued('-XX:GCLogFileSize=', size),
};

export const JVM_FLAGS: Readonly<Record<Product, Readonly<Record<string, JvmFlag>>>> = {
  cassandra: COMMON_FLAGS,
  dse: { ...COMMON_FLAGS, ...DSE_FLAGS },
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
