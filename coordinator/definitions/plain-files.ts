// The settings of files that are no YAML, and of the groups that are no file: what the agent's renderers take of every version.
import type { Setting, Settings } from './definition.ts';

const about = (type: Setting['type'], description: string, rest: Partial<Setting> = {}): Setting => ({
  type,
  description,
  ...rest,
});
// The renderers of shell and JVM files take no quoted numbers, and no number for text: what they write is read by a shell.
const text = (description: string, rest: Partial<Setting> = {}) =>
  about('string', description, { exact: true, ...rest });
const whole = (description: string, rest: Partial<Setting> = {}) =>
  about('int', description, { exact: true, ...rest });
const flag = (description: string) => about('boolean', description, { exact: true });
const jvmOptions = (description: string) => about('list', description, { value_type: 'string' });
const unused = (setting: Setting): Setting => ({
  ...setting,
  description: `${setting.description} Taken for the sake of older profiles, and not used.`,
  unwritten: true,
});

const HEAP = 'Largest heap, such as 8G. Both this and the size of the young generation are set, or neither.';
const YOUNG = 'Size of the young generation, such as 800M.';

export const CASSANDRA_ENV_SH: Settings = {
  'jmx-port': whole('Port of JMX; read by the agent too.', { default_value: 7199 }),
  'max-heap-size': text(HEAP),
  MAX_HEAP_SIZE: text(HEAP, { replaced_by: 'max-heap-size' }),
  'heap-newsize': text(YOUNG),
  HEAP_NEWSIZE: text(YOUNG, { replaced_by: 'heap-newsize' }),
  'malloc-arena-max': whole('Arenas of the C library (MALLOC_ARENA_MAX).'),
  'heap-dump-dir': text('Absolute path of the directory for heap dumps.'),
  'jvm-opts': jvmOptions('Further JVM options, each starting with a dash.'),
  'jvm-extra-opts': jvmOptions('Further JVM options, each starting with a dash.'),
  'additional-jvm-opts': jvmOptions('Further JVM options, each starting with a dash.'),
};

export const JVM_OPTIONS: Settings = {
  initial_heap_size: text('Heap at the start (-Xms); as large as the largest unless given.'),
  max_heap_size: text('Largest heap (-Xmx), such as 8G; as large as at the start unless given.'),
  new_heap_size: text('Size of the young generation (-Xmn).'),
  per_thread_stack_size: text('Stack of a thread (-Xss).'),
  max_direct_memory: text('Largest memory of direct buffers (-XX:MaxDirectMemorySize).'),
  string_table_size: text('Buckets for interned strings (-XX:StringTableSize).'),
  heap_dump_on_out_of_memory_error: flag('Write the heap to disk when it is used up.'),
  exit_on_out_of_memory_error: flag('End the process when the heap is used up.'),
  crash_on_out_of_memory_error: flag('Crash, with a core dump, when the heap is used up.'),
  enable_assertions: flag('Assertions (-ea).'),
  always_pre_touch: flag('Touch all pages of the heap at the start.'),
  use_tlb: flag('Allocation buffers for each thread (-XX:+UseTLAB).'),
  resize_tlb: flag('Let those buffers grow and shrink (-XX:+ResizeTLAB).'),
  use_numa: flag('Heed that memory is nearer to some processors (-XX:+UseNUMA).'),
  perf_disable_shared_mem: flag('Keep performance counters out of a file mapped into memory.'),
  java_net_prefer_ipv4_stack: flag('Use IPv4 alone.'),
  garbage_collector: text('Which garbage collector runs.', {
    options: ['G1GC', 'CMS', 'Serial', 'SerialGC', 'Parallel', 'ParallelGC', 'ZGC', 'Shenandoah'],
  }),
  g1r_set_updating_pause_time_percent: whole('Part of a G1 pause for updating remembered sets.'),
  max_gc_pause_millis: whole('Longest pause that the collector aims at, in milliseconds.'),
  initiating_heap_occupancy_percent: whole('Heap in use at which a concurrent cycle begins.'),
  parallel_gc_threads: whole('Threads of the collector in pauses.'),
  conc_gc_threads: whole('Threads of the collector beside the program.'),
  survivor_ratio: whole('Size of eden to one survivor space.'),
  max_tenuring_threshold: whole('Collections after which an object is old.'),
  cms_initiating_occupancy_fraction: whole('Old generation in use at which CMS begins.'),
  cms_wait_duration: whole('Longest that CMS waits for a young collection, in milliseconds.'),
  cassandra_available_processors: whole('Processors to count with.'),
  cassandra_join_ring: flag('Whether the node joins the ring at its start.'),
  cassandra_load_ring_state: flag('Whether the node takes up what it knew of the ring.'),
  cassandra_replace_address: text('Address of a dead node that this one replaces.'),
  cassandra_ring_delay_ms: whole('How long a joining node listens to gossip first, in milliseconds.'),
  cassandra_max_hint_ttl: text('Longest time to live of hints, in seconds.'),
  cassandra_expiration_date_overflow_policy: text('What to do with times to live beyond 2038.'),
  'additional-jvm-opts': jvmOptions('Further JVM options, each starting with a dash.'),
};

export const LOGBACK_XML: Settings = {
  'root-log-level': text('Level of whatever no logger is named for.'),
  loggers: about('list', 'Levels by the name of a class or package.', {
    value_type: 'dict',
    fields: {
      name: text('Of the class or package.'),
      level: text('ALL, TRACE, DEBUG, INFO, WARN, ERROR or OFF.'),
    },
  }),
};

export const CASSANDRA_RACKDC_PROPERTIES: Settings = {
  dc: text('Datacenter. Set from the model.', { readonly: true }),
  rack: text('Rack. Set from the model.', { readonly: true }),
  prefer_local: about('boolean', 'Reach nodes of the same datacenter by their local addresses.', {
    default_value: false,
  }),
  dc_suffix: text("What cloud snitches put behind the datacenter's name."),
  ec2_naming_scheme: text('How Ec2Snitch names datacenters and racks: legacy or standard.'),
  ec2_metadata_type: text('Which metadata service Ec2Snitch asks: v1 or v2.'),
};

export const DSE_DEFAULT: Settings = {
  'output-file': text('Absolute path of the file that takes what DSE prints.'),
  'wait-for-start': whole('Seconds that the start script waits for DSE.'),
  'wait-for-start-sleep': whole('Seconds between two looks.'),
  'cassandra-user': text('User that DSE runs as.'),
  'cassandra-group': text('Group that DSE runs as.'),
};

export const DSE_ENV_SH: Settings = {
  'dse-log-root': text('Absolute path of the directory for all logs.'),
  'cassandra-log-dir': text("Absolute path of the directory for the database's logs."),
  'custom-env-vars': about('user_defined', 'Environment variables by names of your own.', {
    value_type: 'string',
  }),
};

/** Groups of settings that no file is written for. */
export const GROUPS: Readonly<Record<string, Settings>> = {
  'install-options': {
    'install-type': text(
      'Whether the product comes as packages of the host, or as a tarball. Unless given, an installed node stays what it is, and a repo-url that ends in .tar.gz or .tgz is a tarball.',
      { options: ['package', 'tarball'] },
    ),
    'install-directory': text(
      'Absolute path below which a tarball is unpacked, with data and logs beside it.',
    ),
    'tarball-hash': unused(about('string', "The tarball's SHA-256.")),
    'install-privileges': unused(about('string', 'Whether root installs.')),
    'run-dse-as-user': unused(about('string', 'User that DSE runs as.')),
    'run-dse-as-group': unused(about('string', 'Group that DSE runs as.')),
  },
  'java-setup': {
    'manage-java': unused(about('boolean', 'Install Java.')),
    'java-vendor': unused(about('string', 'Whose Java.')),
    'os-openjdk-version': unused(about('string', 'Version of OpenJDK.')),
    'major-version': unused(about('string', 'Major version of Java.')),
    'update-version': unused(about('string', 'Update of Java.')),
    'download-url': unused(about('string', 'Where Java is fetched from.')),
    'manage-jce-policy': unused(about('boolean', 'Install policy files for strong cryptography.')),
    'jce-download-url': unused(about('string', 'Where those are fetched from.')),
  },
  'package-proxy': {
    enabled: unused(about('boolean', 'Fetch packages through a proxy.')),
    protocol: unused(about('string', 'http or https.')),
    host: unused(about('string', 'Name or address of the proxy.')),
    port: unused(about('int', 'Port of the proxy.')),
    'authentication-required': unused(about('boolean', 'Whether the proxy asks who it is.')),
    username: unused(about('string', 'Name for the proxy.')),
    password: unused(about('string', 'Password for the proxy.', { password: true })),
  },
};
