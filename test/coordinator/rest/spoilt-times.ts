// Fields that spoil a sound maintenance window or schedule; CLUSTER stands for the id of a cluster that is there.
import { randomUUID } from 'node:crypto';

const FREEZE = { kind: 'freeze', cron: null, duration: null, from: '2026-12-24T18:00:00Z' };
export const WINDOWS: [title: string, fields: Record<string, unknown>, field: string, says: RegExp][] = [
  ['a cron expression of six fields', { cron: '0 0 1 * * *' }, 'cron', /of five fields/],
  ['an hour that is none', { cron: '0 25 * * *' }, 'cron', /: 25 is no hour$/],
  ['a cron expression that never fires', { cron: '0 0 31 2 *' }, 'cron', /no year has the day of 0 0 31 2/],
  ['a range that begins with the larger', { cron: '0 22-4 * * *' }, 'cron', /not 22-4, also in its hour$/],
  ['a time zone that is none', { 'time-zone': 'CEST' }, 'time-zone', /such as Europe\/Berlin/],
  ['no minute', { duration: 0 }, 'duration', /from 1 to 43200/],
  ['more than 30 days', { duration: 43_201 }, 'duration', /from 1 to 43200/],
  ['neither time nor length', { cron: null, duration: null }, 'cron', /is required, with duration$/],
  ['a length alone', { cron: null }, 'cron', /is required with duration/],
  ['no length', { duration: null }, 'duration', /is required with cron/],
  ['a time that comes once', { from: '2026-12-24T18:00:00Z' }, 'from', /is for a freeze/],
  ['an end without a beginning', { until: '2026-12-24T18:00:00Z' }, 'until', /is for a freeze/],
  ['a freeze that never comes', { ...FREEZE, from: null }, 'cron', /with duration; or from/],
  ['a freeze of two kinds', { kind: 'freeze', from: FREEZE.from }, 'from', /together with cron/],
  ['an end of what is repeated', { kind: 'freeze', until: FREEZE.from }, 'until', /it needs from/],
  ['a freeze of two lengths', { ...FREEZE, duration: 5 }, 'duration', /for what cron repeats/],
  [
    'an end before the beginning',
    { ...FREEZE, until: '2026-12-24T18:00:00+01:00' },
    'until',
    /later than from/,
  ],
  ['a clock of none', { ...FREEZE, 'time-zone': 'Europe/Berlin' }, 'time-zone', /say the offset in from/],
  ['a day that is not there', { ...FREEZE, from: '2026-02-30T00:00:00Z' }, 'from', /RFC 3339/],
];

const ONCE = { cron: null, at: '2126-12-24T18:00:00Z' };
export const SCHEDULES: typeof WINDOWS = [
  ['a job type that is none', { 'job-type': 'reboot' }, 'job-type', /must be one of install, /],
  ['a scope that is none', { 'job-scope': 'rack' }, 'job-scope', /must be one of cluster, /],
  ['a scope that its job type has not', { 'job-type': 'upgrade' }, 'job-scope', /one of datacenter, node/],
  ['a datacenter that is not named', { 'job-scope': 'datacenter' }, 'resource-id', /is required/],
  [
    'a node that is none',
    { 'job-scope': 'node', 'resource-id': 'CLUSTER' },
    'resource-id',
    /names no node of its cluster/,
  ],
  ['another cluster', { 'resource-id': randomUUID() }, 'resource-id', /must be the cluster-id, or empty/],
  ['a switch in quotes', { enabled: 'false' }, 'enabled', /without quotes: text is not taken for it/],
  ['options that are none', { options: 'force' }, 'options', /must be an object/],
  [
    'an option that is none',
    { options: { speed: 9 } },
    'options/speed',
    /is not a parameter of restart; restart takes/,
  ],
  [
    'an option that is nearly one',
    { options: { canray: 'none' } },
    'options/canray',
    /did you mean canary\? restart takes job-type, /,
  ],
  ['an option that is wrong', { options: { 'batch-size': 'x' } }, 'options/batch-size', /whole number/],
  [
    'what stands beside the options among them',
    { options: { 'job-scope': 'cluster' } },
    'options/job-scope',
    /is a field of the schedule itself/,
  ],
  [
    'a secret',
    { 'job-type': 'install', options: { 'change-default-cassandra-password': 'x' } },
    'options/change-default-cassandra-password',
    /is a secret, and a schedule keeps none/,
  ],
  ['neither of both times', { cron: null }, 'cron', /is required; or at/],
  ['both times', { at: ONCE.at }, 'at', /together with cron/],
  ['a cron expression that never fires', { cron: '0 0 31 2 *' }, 'cron', /no year has the day of 0 0 31 2/],
  ['a time that is over', { ...ONCE, at: '2026-01-01T00:00:00Z' }, 'at', /must be later than now/],
  ['a clock of none', { ...ONCE, 'time-zone': 'Europe/Berlin' }, 'time-zone', /say the offset in at/],
  ['a day that is not there', { ...ONCE, at: '2126-02-30T00:00:00Z' }, 'at', /RFC 3339/],
];
