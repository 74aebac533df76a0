// The kinds of records by the words of the command line, and what a list of each shows.
import type { ModelField } from '../../shared/model-field.ts';
import { MODELS, type Model, modelOf } from '../../shared/models.ts';

export interface Kind {
  /** as a command, and in sentences: cluster, dc, node, … */
  word: string;
  model: Model;
  /** the kind that records of this one lie in */
  parent: { word: string; field: string } | null;
  /** fields of a table's columns; those after `wide` only in -o wide */
  columns: readonly string[];
  wide: readonly string[];
}

const kind = (
  word: string,
  path: string,
  columns: readonly string[],
  wide: readonly string[],
  parent: Kind['parent'] = null,
): Kind => ({ word, model: modelOf(path), parent, columns, wide });

export const KINDS: readonly Kind[] = [
  kind(
    'cluster',
    'clusters',
    ['name', 'job-status', 'config-profile-id', 'repository-id'],
    ['machine-credential-id', 'ssh-management-port', 'last-job-id', 'comment', 'id'],
  ),
  kind(
    'dc',
    'datacenters',
    ['cluster-id', 'name', 'job-status', 'converged-on'],
    ['config-profile-id', 'machine-credential-id', 'last-job-id', 'comment', 'id'],
    { word: 'cluster', field: 'cluster-id' },
  ),
  kind(
    'node',
    'nodes',
    ['datacenter-id', 'name', 'ssh-management-address', 'rack', 'seed', 'job-status'],
    ['agent', 'converged-on', 'config-profile-id', 'last-job-id', 'comment', 'id'],
    { word: 'dc', field: 'datacenter-id' },
  ),
  kind(
    'profile',
    'config_profiles',
    ['name', 'product', 'datastax-version', 'comment'],
    ['config-path', 'modified-on', 'id'],
  ),
  kind(
    'repo',
    'repositories',
    ['name', 'repo-url', 'comment'],
    ['repo-key-url', 'username', 'deb-dist', 'id'],
  ),
  kind(
    'credential',
    'machine_credentials',
    ['name', 'login-name', 'become-mode', 'comment'],
    ['become-user', 'use-ssh-keys', 'id'],
  ),
  kind(
    'window',
    'maintenance_windows',
    ['cluster-id', 'name', 'kind', 'open', 'next-open-on', 'next-close-on'],
    ['cron', 'duration', 'time-zone', 'from', 'until', 'comment', 'id'],
    { word: 'cluster', field: 'cluster-id' },
  ),
  kind(
    'schedule',
    'job_schedules',
    ['cluster-id', 'name', 'job-type', 'enabled', 'next-on', 'last-problem'],
    [
      'job-scope',
      'cron',
      'time-zone',
      'at',
      'last-on',
      'last-job-id',
      'created-by',
      'modified-by',
      'comment',
      'id',
    ],
    { word: 'cluster', field: 'cluster-id' },
  ),
];

export function kindOf(word: string): Kind {
  const found = KINDS.find((candidate) => candidate.word === word);
  if (found === undefined) throw new Error(`no kind ${word}`);
  return found;
}

/** The word that the API has for what a field refers to: `config-profile` of config-profile-id. */
export const referenceWord = (field: Pick<ModelField, 'name'>): string => field.name.replace(/-id$/, '');

/** The kind a field refers to; null: it is no reference to a model (last-job-id, opsc-cluster-id). */
export function referredKind(field: ModelField): Kind | null {
  if (field.type !== 'uuid' || field.readOnly) return null;
  const model = MODELS.find(({ type }) => type === referenceWord(field));
  return KINDS.find((candidate) => candidate.model === model) ?? null;
}

export const writable = (model: Model): ModelField[] => model.fields.filter((field) => !field.readOnly);
