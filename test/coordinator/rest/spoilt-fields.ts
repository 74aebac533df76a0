// Fields that each spoil a sound record, whether it is made with them or changed to them.
import { randomUUID } from 'node:crypto';
import { SCHEDULES, WINDOWS } from './spoilt-times.ts';

export type Path =
  | 'repositories'
  | 'machine_credentials'
  | 'config_profiles'
  | 'clusters'
  | 'datacenters'
  | 'nodes'
  | 'maintenance_windows'
  | 'job_schedules';
export type Fields = Record<string, unknown>;
const spoiltOf =
  (path: Path) =>
  ([title, fields, field, says]: (typeof WINDOWS)[number]): (typeof SPOILT)[number] => [
    path,
    title,
    fields,
    `/${field}`,
    says,
  ];

const profile = (json: Fields, rest: Fields = {}): Fields => ({ product: 'cassandra', json, ...rest });
const directory = (path: unknown): Fields => profile({ 'install-options': { 'install-directory': path } });

const LONG = 'x'.repeat(10_000);
const DIRECTORY = '/json/install-options/install-directory';

/** CLUSTER stands for the id of a cluster that is there. */
export const SPOILT: [path: Path, title: string, fields: Fields, field: string, says: RegExp][] = [
  ['clusters', 'a name with a line end', { name: 'a\nb' }, '/name', /one line/],
  ['clusters', 'a name with a control character', { name: 'a\u0007' }, '/name', /control characters/],
  ['clusters', 'a name with blanks at its ends', { name: ' a' }, '/name', /blanks at its ends/],
  ['clusters', 'an empty name', { name: '' }, '/name', /not be empty/],
  ['clusters', 'a very long name', { name: LONG }, '/name', /at most 255/],
  ['clusters', 'a name that is no text', { name: 7 }, '/name', /must be a string/],
  ['clusters', 'a port of 0', { 'ssh-management-port': 0 }, '/ssh-management-port', /from 1 to 65535/],
  [
    'clusters',
    'a port above all',
    { 'ssh-management-port': 65_536 },
    '/ssh-management-port',
    /from 1 to 65535/,
  ],
  [
    'clusters',
    'a port that is a word',
    { 'ssh-management-port': 'ssh' },
    '/ssh-management-port',
    /whole number/,
  ],
  [
    'clusters',
    'a port with a zero in front',
    { 'ssh-management-port': '022' },
    '/ssh-management-port',
    /whole number/,
  ],
  [
    'nodes',
    'a host key as it stands in known_hosts',
    { 'ssh-host-key': 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI' },
    '/ssh-host-key',
    /fingerprint of a host key/,
  ],
  ['clusters', 'a flag that is a word', { managed: 'perhaps' }, '/managed', /true or false/],
  [
    'clusters',
    'a repository that is not there',
    { 'repository-id': randomUUID() },
    '/repository-id',
    /names no repository/,
  ],
  ['clusters', 'an id that is no UUID', { 'repository-id': 'mine' }, '/repository-id', /must be a UUID/],
  ['datacenters', 'a name with a quote', { name: "dc'1" }, '/name', /made of letters/],
  ['datacenters', 'a name with a comma', { name: 'dc1,dc2' }, '/name', /made of letters/],
  ['datacenters', 'a name with a backslash', { name: 'dc\\1' }, '/name', /made of letters/],
  ['datacenters', 'a very long name', { name: LONG }, '/name', /at most 100/],
  ['nodes', 'a rack with a line end', { rack: 'r\n1' }, '/rack', /made of letters/],
  ['nodes', 'a rack with an equals sign', { rack: 'r=1' }, '/rack', /made of letters/],
  [
    'nodes',
    'an address that is none',
    { 'ssh-management-address': '10.0.0.300' },
    '/ssh-management-address',
    /IP address/,
  ],
  ['nodes', 'an address with a port', { 'listen-address': '10.0.0.1:7000' }, '/listen-address', /IP address/],
  ['nodes', 'an address in brackets', { 'broadcast-address': '[::1]' }, '/broadcast-address', /no brackets/],
  ['nodes', 'an address with a zone', { 'listen-address': 'fe80::1%eth0' }, '/listen-address', /no zone/],
  ['nodes', 'an address with a command', { 'listen-address': '$(reboot)' }, '/listen-address', /DNS name/],
  [
    'nodes',
    'the address of everywhere',
    { 'ssh-management-address': '0.0.0.0' },
    '/ssh-management-address',
    /not 0\.0\.0\.0/,
  ],
  [
    'nodes',
    'an address of everywhere that clients cannot be told',
    { 'rpc-address': '0.0.0.0' },
    '/native-transport-broadcast-address',
    /is required while the node listens on 0\.0\.0\.0/,
  ],
  ['nodes', 'a token that is none', { 'initial-token': 'first' }, '/initial-token', /Murmur3/],
  ['nodes', 'a token beyond 64 bits', { 'initial-token': '9223372036854775808' }, '/initial-token', /2\^63/],
  ['nodes', 'a token twice', { 'initial-token': '1, 1' }, '/initial-token', /none twice/],
  ['nodes', 'a token that is a number', { 'initial-token': 12 }, '/initial-token', /must be a string/],
  [
    'nodes',
    'a profile of another kind',
    { 'config-profile-id': 'CLUSTER' },
    '/config-profile-id',
    /names no config-profile/,
  ],
  ['repositories', 'a URL that is none', { 'repo-url': 'downloads' }, '/repo-url', /http, https or file URL/],
  [
    'repositories',
    'a URL of another scheme',
    { 'repo-url': 'ftp://host/x' },
    '/repo-url',
    /http, https or file/,
  ],
  [
    'repositories',
    'a URL with credentials',
    { 'repo-url': 'https://u:p@host/x' },
    '/repo-url',
    /credentials belong/,
  ],
  ['repositories', 'a file on another host', { 'repo-url': 'file://host/x' }, '/repo-url', /file URL/],
  [
    'repositories',
    'a source line that goes on',
    { 'deb-components': 'main\ndeb http://evil x' },
    '/deb-components',
    /words/,
  ],
  [
    'machine_credentials',
    'an unknown become-mode',
    { 'become-mode': 'doas' },
    '/become-mode',
    /one of sudo, su, direct/,
  ],
  [
    'config_profiles',
    'a version that is none',
    { 'datastax-version': 'latest' },
    '/datastax-version',
    /6\.8\.36/,
  ],
  [
    'config_profiles',
    'a version that is a path',
    { 'datastax-version': '5.0/../../etc' },
    '/datastax-version',
    /version/,
  ],
  ['config_profiles', 'an unknown product', { product: 'scylla' }, '/product', /one of dse, cassandra/],
  ['config_profiles', 'settings that are a list', { json: [] }, '/json', /must be an object/],
  [
    'config_profiles',
    'an unknown file',
    profile({ 'cassandra-yaml': {}, 'cassandra-yml': {} }),
    '/json/cassandra-yml',
    /Invalid config keys for Cassandra version 5\.0\.8: cassandra-yml/,
  ],
  [
    'config_profiles',
    "another product's file",
    { json: { 'jvm17-server-options': {} }, product: 'dse', 'datastax-version': '6.8.36' },
    '/json/jvm17-server-options',
    /Invalid config keys for DSE version 6\.8\.36: jvm17-server-options/,
  ],
  [
    'config_profiles',
    'a file that is a list',
    profile({ 'cassandra-yaml': [] }),
    '/json/cassandra-yaml',
    /object of settings/,
  ],
  [
    'config_profiles',
    'a switch that is text',
    profile({ 'cassandra-yaml': { 'lcm-manage--cassandra-yaml': 'false' } }),
    '/json/cassandra-yaml/lcm-manage--cassandra-yaml',
    /true or false/,
  ],
  [
    'config_profiles',
    "another file's switch",
    profile({ 'cassandra-yaml': { 'lcm-manage--logback-xml': false } }),
    '/json/cassandra-yaml/lcm-manage--logback-xml',
    /its own file; cassandra-yaml has lcm-manage--cassandra-yaml and lcm-custom--cassandra-yaml$/,
  ],
  [
    'config_profiles',
    'a switch of no file',
    profile({ 'logback-xml': { 'lcm-manage--logback': false } }),
    '/json/logback-xml/lcm-manage--logback',
    /names no configuration file; logback-xml has lcm-manage--logback-xml$/,
  ],
  [
    'config_profiles',
    'a switch of settings that are no file',
    profile({ 'install-options': { 'lcm-manage--install-options': false } }),
    '/json/install-options/lcm-manage--install-options',
    /names no configuration file; install-options is no file and has none$/,
  ],
  [
    'config_profiles',
    'a native port that is none',
    profile({ 'cassandra-yaml': { native_transport_port: 'cql' } }),
    '/json/cassandra-yaml/native_transport_port',
    /from 1 to 65535/,
  ],
  [
    'config_profiles',
    'an interface beside the addresses',
    profile({ 'cassandra-yaml': { listen_interface: 'eth0' } }),
    '/json/cassandra-yaml/listen_interface',
    /addresses are/,
  ],
  [
    'config_profiles',
    'an install type that is none of ours',
    profile({ 'install-options': { 'install-type': 'image' } }),
    '/json/install-options/install-type',
    /must be tarball or package/,
  ],
  ['config_profiles', 'a relative directory', directory('opt/cassandra'), DIRECTORY, /absolute path/],
  [
    'config_profiles',
    'a directory with two dots',
    directory('/opt/../etc'),
    DIRECTORY,
    /without "\." and "\.\."/,
  ],
  [
    'config_profiles',
    'a directory with a slash at its end',
    directory('/opt/cassandra/'),
    DIRECTORY,
    /slash at its end/,
  ],
  [
    'config_profiles',
    'a directory with two slashes',
    directory('/opt//cassandra'),
    DIRECTORY,
    /absolute path/,
  ],
  [
    'config_profiles',
    'a directory with a command',
    directory('/opt/$(reboot)'),
    DIRECTORY,
    /letters, digits/,
  ],
  ['config_profiles', 'the root directory', directory('/'), DIRECTORY, /system's own/],
  ['config_profiles', 'a directory of the system', directory('/etc/cassandra'), DIRECTORY, /system's own/],
  ['config_profiles', 'a directory that others share', directory('/opt'), DIRECTORY, /system's own/],
  ['config_profiles', 'a directory that is no text', directory(7), DIRECTORY, /must be a string/],
  ...WINDOWS.map(spoiltOf('maintenance_windows')),
  ...SCHEDULES.map(spoiltOf('job_schedules')),
];
