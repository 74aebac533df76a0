// How a view of a ring travels and is kept: as it is or, of a large ring with many keyspaces, with nothing in it twice.
import type { ReplicaSet, RingKeyspace, RingView } from './ring-view.ts';

export interface PackedRingView extends Omit<RingView, 'keyspaces'> {
  /** each replica once: sets name it by its place here */
  replicas: string[];
  /** each list of replica sets once: replicas, ranges, sample */
  lists: [number[], number, string][][];
  /** with the place of their list */
  keyspacesOfLists: (Omit<RingKeyspace, 'replicaSets'> & { list: number })[];
}

/** Coordinators of former versions read the first alone: it is packed where that would be too large for them anyway. */
export type RingViewForm = RingView | PackedRingView;

/** Packed from so many addresses and other values on, of which ten are about 250 bytes. */
const MOST_PLAIN_VALUES = 20_000;

/** Keyspaces that share one list of replica sets share it in the form too. */
export function formOf(view: RingView): RingViewForm {
  const { keyspaces, ...rest } = view;
  const lists = [...new Set(keyspaces.map(({ replicaSets }) => replicaSets))];
  const values = new Map(
    lists.map((list) => [list, list.reduce((sum, { replicas }) => sum + replicas.length + 3, 0)]),
  );
  const all = keyspaces.reduce((sum, { replicaSets }) => sum + (values.get(replicaSets) ?? 0), 0);
  if (all <= MOST_PLAIN_VALUES) return view;
  const places = new Map<string, number>();
  const placeOf = (address: string): number => {
    const place = places.get(address) ?? places.size;
    places.set(address, place);
    return place;
  };
  const packed = lists.map((list) =>
    list.map(({ replicas, ranges, sample }): PackedRingView['lists'][number][number] => [
      replicas.map(placeOf),
      ranges,
      sample,
    ]),
  );
  const listAt = new Map(lists.map((list, at) => [list, at]));
  return {
    ...rest,
    replicas: [...places.keys()],
    lists: packed,
    keyspacesOfLists: keyspaces.map(({ name, copies, replicaSets }) => ({
      name,
      copies,
      list: listAt.get(replicaSets) ?? 0,
    })),
  };
}

/** @throws when it names a replica or a list that it has not */
export function viewOf(form: RingViewForm): RingView {
  if ('keyspaces' in form) return form;
  const { replicas, lists, keyspacesOfLists, ...rest } = form;
  const unpacked = lists.map((list) =>
    list.map(
      ([places, ranges, sample]): ReplicaSet => ({
        replicas: places.map((place) => there(replicas[place])),
        ranges,
        sample,
      }),
    ),
  );
  return {
    ...rest,
    keyspaces: keyspacesOfLists.map(({ name, copies, list }) => ({
      name,
      copies,
      replicaSets: there(unpacked[list]),
    })),
  };
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a view of a ring that names what it has not');
  return value;
}
