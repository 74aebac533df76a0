// No two nodes of a cluster by one address: told by the plan, before the coordinator refuses a change half-way through it.
import { isIPv6 } from 'node:net';
import { kindOf } from '../kinds.ts';
import type { Json } from '../rest-client.ts';
import { type At, type Declared, keyOf, type Place, pathOf } from './model-file.ts';
import type { Change } from './plan.ts';
import type { StoredModel } from './stored-model.ts';

const NODE = kindOf('node');
const EVERYWHERE = ['0.0.0.0', '::'];

/** IPv6 has many ways to write one address. */
function sameWord(address: string): string {
  const url = `http://[${address}]`;
  return isIPv6(address) && URL.canParse(url) ? new URL(url).hostname : address.toLowerCase();
}

/** By which addresses a node is known, by field, as the coordinator compares them; what is not set comes from the next. */
function addressesOf(record: Json): [field: string, address: string][] {
  const first = (...values: unknown[]): string =>
    sameWord(String(values.find((value) => typeof value === 'string') ?? ''));
  const ssh = record['ssh-management-address'];
  const listen = [record['listen-address'], ssh];
  const native = record['native-transport-address'];
  const ownNative = EVERYWHERE.includes(String(native)) ? null : native;
  return [
    ['ssh-management-address', first(ssh)],
    ['broadcast-address', first(record['broadcast-address'], ...listen)],
    ['native-transport-address', first(record['native-transport-broadcast-address'], ownNative, ...listen)],
    ['listen-address', first(...listen)],
  ];
}

/** Who has which address in the course of a plan. */
class Holders {
  readonly #byAddress = new Map<string, Map<string, Place>>();
  readonly #ofNode = new Map<string, string[]>();

  /** @returns the field and the node of whom the addresses are already; null when they are nobody's */
  take(place: Place, record: Json): { field: string; other: Place } | null {
    const key = keyOf(NODE, place);
    for (const address of this.#ofNode.get(key) ?? []) this.#byAddress.get(address)?.delete(key);
    let taken: { field: string; other: Place } | null = null;
    const addresses = addressesOf(record).map(([field, address]) => {
      // Datacenters behind routers may have the same private addresses, and then broadcast others.
      const within = field === 'listen-address' ? place.slice(0, 2) : place.slice(0, 1);
      const at = JSON.stringify([field, address, ...within]);
      const holders = this.#byAddress.get(at) ?? new Map<string, Place>();
      const [other] = holders.values();
      if (other !== undefined) taken ??= { field, other };
      this.#byAddress.set(at, holders.set(key, place));
      return at;
    });
    this.#ofNode.set(key, addresses);
    return taken;
  }
}

/** @returns where in the file a node would get an address that another node of its cluster has at that moment */
export function sharedAddresses(
  changes: readonly Change[],
  declared: readonly Declared[],
  stored: StoredModel,
): { at: At; message: string }[] {
  const holders = new Holders();
  for (const { kind, place, record } of stored.all) if (kind === NODE) holders.take(place, record);
  const said = new Map(declared.map(({ kind, place, at }) => [keyOf(kind, place), at]));
  const toCome = new Set(
    changes.filter(({ do: what }) => what !== 'create').map(({ kind, place }) => keyOf(kind, place)),
  );
  return changes.flatMap((change) => {
    if (change.kind !== NODE || change.do === 'delete') return [];
    toCome.delete(keyOf(NODE, change.place));
    // A node that keeps its addresses may be one of two that had the same before that was refused.
    if (!change.fields.some(({ field }) => field.name.endsWith('-address'))) return [];
    const taken = holders.take(change.place, change.declared.values);
    if (taken === null) return [];
    const key = keyOf(NODE, taken.other);
    const where = toCome.has(key)
      ? 'which gives it up only afterwards'
      : (said.get(key) ?? 'not in the file');
    const message = `node ${pathOf(change.place)} has the ${taken.field} of node ${pathOf(taken.other)} (${where})`;
    return [{ at: change.declared.at, message }];
  });
}
