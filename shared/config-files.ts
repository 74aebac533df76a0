// The names a config profile's `json` may use: one for each configuration file, and three groups of settings that are no file.

/** Groups of settings that steer the install itself; nothing is written for them. */
export const NOT_FILES: readonly string[] = ['java-setup', 'install-options', 'package-proxy'];

/** The files that are rendered, by product. A file that a version does not have is skipped unless a profile sets it. */
export const CONFIG_FILE_IDS = {
  cassandra: [
    'cassandra-yaml',
    'cassandra-env-sh',
    'cassandra-rackdc-properties',
    'jvm-options',
    'jvm-server-options',
    'jvm8-server-options',
    'jvm11-server-options',
    'jvm17-server-options',
    'logback-xml',
  ],
  dse: [
    'cassandra-yaml',
    'cassandra-env-sh',
    'cassandra-rackdc-properties',
    'jvm-options',
    'jvm-server-options',
    'jvm8-server-options',
    'jvm11-server-options',
    'logback-xml',
    'dse-yaml',
    'dse-default',
    'dse-env-sh',
  ],
} as const;

export type Product = keyof typeof CONFIG_FILE_IDS;
export type ConfigFileId = (typeof CONFIG_FILE_IDS)[Product][number];

/** Files that the original wrote too: what a profile says of them is kept and shown, and jobs say that it has no effect. */
export const UNWRITTEN_FILE_IDS: Readonly<Record<Product, readonly string[]>> = {
  cassandra: [],
  dse: [
    '10-statsd-conf',
    '10-write-graphite-conf',
    '10-write-prom-conf',
    'address-yaml',
    'datastax-env-sh',
    'dse-spark-env-sh',
    'hive-site-xml',
    'logback-spark-executor-xml',
    'logback-spark-server-xml',
    'logback-spark-xml',
    'logback-sparkr-xml',
    'spark-alwayson-sql-conf',
    'spark-daemon-defaults-conf',
    'spark-defaults-conf',
    'spark-env-sh',
  ],
};

/** Every key that a profile of that product may have. */
export const PROFILE_FILE_IDS: Readonly<Record<Product, readonly string[]>> = {
  cassandra: [...CONFIG_FILE_IDS.cassandra, ...NOT_FILES],
  dse: [...CONFIG_FILE_IDS.dse, ...UNWRITTEN_FILE_IDS.dse, ...NOT_FILES],
};

/** Keys of cassandra.yaml beside which the database node refuses to start, since its addresses are always set. */
export const INTERFACE_KEYS = ['listen_interface', 'rpc_interface', 'native_transport_interface'] as const;

/** The key which, set to false in a file's own settings, says that LCM does not write that file. */
export const manageKey = (fileId: string): string => `lcm-manage--${fileId}`;

/** The key whose list, in a file's own settings, names those that are taken although no definition has them. */
export const customKey = (fileId: string): string => `lcm-custom--${fileId}`;

/** The files that can hold settings nobody has heard of: what the others take is known to the last word. */
export const CUSTOM_FILE_IDS: readonly string[] = [
  'cassandra-yaml',
  'dse-yaml',
  'cassandra-rackdc-properties',
];

/** A profile as agents take it: what is named in such a list is a setting like all others to them. */
export const withoutCustomMarks = (
  profile: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Record<string, Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(profile).map(([fileId, settings]) => [
      fileId,
      Object.fromEntries(Object.entries(settings).filter(([key]) => key !== customKey(fileId))),
    ]),
  );
