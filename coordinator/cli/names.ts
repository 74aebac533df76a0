// Names to ids: a cluster by name, a datacenter as cluster/dc, a node as cluster/dc/node, each by less when that is enough.
import { didYouMean } from '../../shared/nearest-word.ts';
import { isUuid } from '../../shared/uuid.ts';
import { CliFailure } from './exit.ts';
import { type Kind, kindOf } from './kinds.ts';
import type { Json, RestClient } from './rest-client.ts';
import { harmless } from './terminal/harmless.ts';

/** A record and the path of names that leads to it. */
export interface Named {
  id: string;
  path: string;
  record: Json;
}

/** Lists each kind once and remembers it: a command lives for moments. */
export class Names {
  readonly #client: RestClient;
  readonly #lists = new Map<string, Promise<Named[]>>();

  constructor(client: RestClient) {
    this.#client = client;
  }

  /** All of a kind, with their paths. */
  async list(kind: Kind): Promise<Named[]> {
    const known = this.#lists.get(kind.word) ?? this.#read(kind);
    this.#lists.set(kind.word, known);
    return await known;
  }

  async #read(kind: Kind): Promise<Named[]> {
    const { parent } = kind;
    const [records, parents] = await Promise.all([
      this.#client.list(`${kind.model.path}/`),
      parent === null ? [] : this.list(kindOf(parent.word)),
    ]);
    const above = new Map(parents.map(({ id, path }) => [id, path]));
    return records.map((record) => {
      const name = String(record['name']);
      const prefix = parent === null ? undefined : above.get(String(record[parent.field]));
      return { id: String(record['id']), path: prefix === undefined ? name : `${prefix}/${name}`, record };
    });
  }

  /** @throws CliFailure not-found with what to do next; usage when several go by that name */
  async find(kind: Kind, given: string): Promise<Named> {
    const all = await this.list(kind);
    const found = matching(all, given);
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    if (found.length === 0)
      throw new CliFailure(
        'not-found',
        `no ${kind.word} ${isUuid(given) ? 'with id' : 'named'} ${given}${didYouMean(
          given,
          all.flatMap(({ path, record }) => [path, String(record['name'])]),
        )}`,
        [`\`ringmaster ${kind.word} list\` shows the known ones`],
      );
    throw new CliFailure('usage', `${given} is the name of ${found.length} ${kind.word}s; say which:`, [
      ...found.map(({ id, path }) => `${harmless(path)}  ${id}`),
    ]);
  }

  /** The path of a record's id, or the id itself while it has no name. */
  async pathOf(kind: Kind, id: unknown): Promise<string> {
    return (await this.list(kind)).find((named) => named.id === id)?.path ?? String(id ?? '');
  }
}

/** By id, else by its whole path, else by the end of its path. */
export function matching(all: readonly Named[], given: string): readonly Named[] {
  const byId = all.filter(({ id }) => id === given.toLowerCase());
  if (byId.length > 0) return byId;
  const whole = all.filter(({ path }) => path === given);
  return whole.length > 0 ? whole : all.filter(({ path }) => path.endsWith(`/${given}`));
}
