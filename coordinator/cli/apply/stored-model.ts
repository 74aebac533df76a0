// The model as the coordinator has it, by kind and place.
import type { ModelField } from '../../../shared/model-field.ts';
import { CliFailure } from '../exit.ts';
import { type Kind, kindOf } from '../kinds.ts';
import type { Named, Names } from '../names.ts';
import { ApiRefusal, type Json } from '../rest-client.ts';
import { keyOf, listKey, ORDER, type Place } from './model-file.ts';

export interface Stored {
  kind: Kind;
  place: Place;
  id: string;
  record: Json;
}

export class StoredModel {
  readonly all: readonly Stored[];
  readonly #byKey: ReadonlyMap<string, Stored>;
  readonly #byId: ReadonlyMap<string, Stored>;

  constructor(records: ReadonlyMap<Kind, readonly Json[]>) {
    const all: Stored[] = [];
    const byId = new Map<string, Stored>();
    // In this order a parent is there before what lies in it.
    for (const kind of ORDER)
      for (const record of records.get(kind) ?? []) {
        const parent = kind.parent === null ? null : byId.get(String(record[kind.parent.field]));
        // Made since its parents were read: not there yet, as far as this look goes.
        if (parent === undefined) continue;
        const place = [...(parent?.place ?? []), String(record['name'])];
        const stored = { kind, place, id: String(record['id']), record };
        all.push(stored);
        byId.set(stored.id, stored);
      }
    this.all = all;
    this.#byId = byId;
    this.#byKey = new Map(all.map((stored) => [keyOf(stored.kind, stored.place), stored]));
  }

  get(kind: Kind, place: Place): Stored | undefined {
    return this.#byKey.get(keyOf(kind, place));
  }

  byId(id: unknown): Stored | undefined {
    return this.#byId.get(String(id));
  }

  /** What a field of a record refers to; null: nothing, all of its cluster, or what is gone. */
  referred({ record }: Stored, { name }: Pick<ModelField, 'name'>): Stored | null {
    const to = this.byId(record[name]);
    return to === undefined || to.kind.word === 'cluster' ? null : to;
  }

  /** A field that names what is not there any more. */
  isGone({ record }: Stored, { name }: Pick<ModelField, 'name'>): boolean {
    return (record[name] ?? null) !== null && this.byId(record[name]) === undefined;
  }

  /** What lies directly in a record. */
  inside({ id }: Pick<Stored, 'id'>): Stored[] {
    return this.all.filter(({ kind, record }) => kind.parent !== null && record[kind.parent.field] === id);
  }
}

export async function readStoredModel(names: Names): Promise<StoredModel> {
  const listOf = async (kind: Kind): Promise<Named[]> => {
    try {
      return await names.list(kindOf(kind.word));
    } catch (error) {
      // A file could not be tried there either, and would be half done.
      if (error instanceof ApiRefusal && error.status === 404)
        throw new CliFailure(
          'failure',
          `the coordinator is older than this command line: it has no ${listKey(kind)}`,
          ['bring it to a newer version first, or take the command line of its own'],
        );
      throw error;
    }
  };
  const lists = await Promise.all(ORDER.map(async (kind) => [kind, await listOf(kind)] as const));
  return new StoredModel(
    new Map(lists.map(([kind, list]) => [kind, list.map(({ record }: Named) => record)])),
  );
}
