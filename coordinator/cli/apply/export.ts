// A stored cluster as a model file: with what it refers to, secrets that are stored as placeholders; applied again it changes nothing.
import { isDeepStrictEqual } from 'node:util';
import { meantBy } from '../../../shared/secret-settings.ts';
import { referredKind } from '../kinds.ts';
import type { Json } from '../rest-client.ts';
import { hasTarget } from '../target.ts';
import { contentsOf, fileFields, listKey, ORDER, TOP, unsaid } from './model-file.ts';
import { replaced, sourceForMask } from './secrets-in-file.ts';
import type { Stored, StoredModel } from './stored-model.ts';
import { namesOf, type TargetNames } from './target-in-file.ts';

/** A name for the environment that no other secret of the file has. */
function placeholderName(stored: Stored, field: string, taken: Set<string>): string {
  const words = `${stored.kind.model.type}-${stored.place.join('-')}-${field}`;
  const base = words.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
  let name = base;
  for (let at = 2; taken.has(name); at += 1) name = `${base}_${at}`;
  taken.add(name);
  return name;
}

/** A coordinator of a version that does not say which secrets are stored may have any. */
const mayBeSet = ({ 'secrets-set': set }: Json, field: string): boolean =>
  !Array.isArray(set) || set.includes(field);

/** What a schedule works on, and no other record. @returns null where that is gone: no file can say it, and no job comes of it */
function targetOf(one: Stored, stored: StoredModel): TargetNames | null {
  return hasTarget(one.kind) ? namesOf(one, stored.byId(one.record['resource-id'])) : {};
}

/** What lies in a cluster, and its file does not have. */
export const unsayable = (cluster: Stored, stored: StoredModel): Stored[] =>
  stored.inside(cluster).filter((one) => targetOf(one, stored) === null);

class Exporter {
  readonly #stored: StoredModel;
  readonly #taken = new Set<string>();
  /** what was met as a reference */
  readonly referred = new Set<Stored>();

  constructor(stored: StoredModel) {
    this.#stored = stored;
  }

  record(stored: Stored): Json {
    const { kind, record } = stored;
    const entry: Json = {};
    for (const [key, field] of fileFields(kind)) {
      if (field.secret) {
        if (mayBeSet(record, field.name)) entry[key] = this.#source(stored, field.name);
      } else if (referredKind(field) !== null) {
        const target = this.#stored.referred(stored, field);
        if (target === null) continue;
        this.referred.add(target);
        entry[key] = target.place[0];
      } else {
        const value = record[field.name] ?? unsaid(field);
        if (field.required || !isDeepStrictEqual(value, unsaid(field)))
          entry[key] = field.holdsSecrets ? this.#withSources(stored, field.name, value) : value;
      }
    }
    const inside = this.#stored.inside(stored).filter((one) => targetOf(one, this.#stored) !== null);
    for (const contents of contentsOf(kind))
      entry[listKey(contents)] = inside.filter((one) => one.kind === contents).map((one) => this.record(one));
    return { ...entry, ...targetOf(stored, this.#stored) };
  }

  #source(stored: Stored, field: string): Json {
    return { 'from-env': placeholderName(stored, field, this.#taken), optional: true };
  }

  /** A file that is applied elsewhere finds no secret there that a mask could stand for. */
  #withSources(stored: Stored, field: string, settings: unknown): unknown {
    const masks = meantBy(settings, null).unmeant;
    const source = (at: string) => (masked: unknown) =>
      sourceForMask(masked, () => this.#source(stored, `${field}${at}`));
    return replaced(settings, new Map(masks.map((at) => [at, source(at)])));
  }
}

export function exportCluster(cluster: Stored, stored: StoredModel): Json {
  const exporter = new Exporter(stored);
  const body = exporter.record(cluster);
  const document: Json = {};
  for (const [key, kind] of Object.entries(TOP)) {
    const referred = ORDER.includes(kind) ? [...exporter.referred].filter((one) => one.kind === kind) : [];
    if (referred.length > 0) document[key] = referred.map((one) => exporter.record(one));
  }
  return { ...document, cluster: body };
}

export const EXPORT_HEAD = (cluster: string, url: string): string =>
  [
    `# The cluster ${cluster} as it was at ${url}.`,
    '# What is not said here is as it is by default. Secrets cannot be read: give those that are needed by the',
    '# environment variables named here, or by {from-file: PATH}; what is optional and missing is left out.',
    '# ringmaster apply -f THIS-FILE --dry-run shows what would change.',
    '',
  ].join('\n');
