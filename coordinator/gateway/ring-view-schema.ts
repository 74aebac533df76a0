// What an agent may say of its ring, in either of the forms in which that travels.
import { z } from 'zod';
import type { RingView } from '../../shared/ring-view.ts';
import { type PackedRingView, type RingViewForm, viewOf } from '../../shared/ring-view-form.ts';

const addresses = z.array(z.string());
const whole = z.int().min(0);
const ring = {
  live: addresses,
  unreachable: addresses,
  joining: addresses,
  leaving: addresses,
  moving: addresses,
  schemaVersions: whole,
  streamsWith: addresses,
  hintsFor: addresses.optional(),
  datacenters: z.record(z.string(), z.string()),
};
const keyspace = { name: z.string(), copies: z.record(z.string(), whole).nullable() };
const replicaSet = z.object({ replicas: addresses, ranges: z.int().min(1), sample: z.string() });

const plainView: z.ZodType<RingView> = z.object({
  ...ring,
  keyspaces: z.array(z.object({ ...keyspace, replicaSets: z.array(replicaSet) })),
});

const packedView: z.ZodType<PackedRingView> = z.object({
  ...ring,
  replicas: addresses,
  lists: z.array(z.array(z.tuple([z.array(whole), z.int().min(1), z.string()]))),
  keyspacesOfLists: z.array(z.object({ ...keyspace, list: whole })),
});

/** Replicas that are judged one by one; a ring of 1,000 nodes with 100 keyspaces, no two of them alike, has some 700,000. */
const MOST_REPLICAS = 3_000_000;

/** Keyspaces of one list are judged at once where their copies are alike too: else a short text could be hours of work. */
function replicasToJudge(form: RingViewForm): number {
  if ('keyspaces' in form) return 0; // each of its sets has a text of its own
  const sizes = form.lists.map((list) => list.reduce((sum, [replicas]) => sum + replicas.length + 1, 0));
  const judged = new Map<string, number>();
  for (const { list, copies } of form.keyspacesOfLists)
    judged.set(JSON.stringify([list, copies]), sizes[list] ?? 0);
  return [...judged.values()].reduce((sum, size) => sum + size, 0);
}

/** @throws when it is no view of a ring */
export function formFrom(json: string): RingViewForm {
  const form = z.union([plainView, packedView]).parse(JSON.parse(json));
  viewOf(form);
  const replicas = replicasToJudge(form);
  if (replicas > MOST_REPLICAS) throw new Error(`a view of ${replicas} replicas, more than any ring has`);
  return form;
}
