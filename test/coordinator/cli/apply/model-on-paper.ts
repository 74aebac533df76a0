// Models out of random parts, and a coordinator on paper that does a plan's changes: for properties of plans.
import fc from 'fast-check';
import {
  contentsOf,
  fileFields,
  keyOf,
  ORDER,
  type Place,
  saidFields,
  unsaid,
} from '../../../../coordinator/cli/apply/model-file.ts';
import type { Change } from '../../../../coordinator/cli/apply/plan.ts';
import { StoredModel } from '../../../../coordinator/cli/apply/stored-model.ts';
import { type Kind, kindOf, referredKind } from '../../../../coordinator/cli/kinds.ts';
import type { Json } from '../../../../coordinator/cli/rest-client.ts';
import type { ModelField } from '../../../../shared/model-field.ts';
import { takeOut } from '../../../../shared/secret-settings.ts';

const TEXTS: Partial<Record<string, readonly string[]>> = {
  url: ['https://a.example.com/', 'file:///b/c.tar.gz'],
  address: ['10.0.0.1', 'node-a.example.com', '2001:db8::1'],
  'listen-address': ['10.0.0.9', '10.0.0.10'],
  version: ['5.0.8', '6.8.36'],
  directory: ['/etc/dse', '/opt/x y/'],
  'apt-words': ['stable', 'main, extra'],
  tokens: ['-9', '1,2'],
  'key-fingerprint': [`SHA256:${'A'.repeat(43)}`, `SHA256:${'/'.repeat(43)}`],
  place: ['dc1', 'ß z', 'r-2', '1'],
  cron: ['0 2 * * 6', '*/30 22-23,0-4 * * MON-FRI'],
  'time-zone': ['UTC', 'Europe/Vienna'],
  moment: ['2026-12-24T18:00:00.000Z', '2027-01-01T00:00:00.500Z'],
};
const text = fc.oneof(
  fc.constantFrom('yes', '1', 'null', '5.0', '# no', 'a: b', '- x', 'ü\u202ex', ' lines\nof\n\ttext '),
  fc.string(),
);
const name = fc.constantFrom('a', 'b/c', '12', 'true', 'ünder', "it's", 'a: b', '#1', '- -');
const option = fc.constantFrom('-Dx.password=hidden', '-Dy.secret="hid den"', '-Dx=1', '-Dx.pwd=hidden -Dy');
const setting = fc.oneof(
  fc.integer(),
  fc.boolean(),
  text,
  fc.constant(null),
  fc.array(fc.integer()),
  fc.array(option),
  fc.constant({ keystore_password: 'hidden', enabled: true }),
);

// As JSON gives them: objects with the ordinary prototype.
const plain = { noNullPrototype: true };
const settings = fc
  .dictionary(
    fc.constantFrom('cassandra-yaml', 'logback-xml'),
    fc.dictionary(fc.constantFrom('x', 'y.z', '1', 'a/b~password'), setting, plain),
    plain,
  )
  // As the API shows them.
  .map((clear) => takeOut(clear).shown);

const options = fc.constantFrom<Json>({}, { 'continue-on-error': true });

function valuesOf(field: ModelField): fc.Arbitrary<unknown> {
  if (field.allowed !== undefined) return fc.constantFrom(...field.allowed);
  if (field.type === 'boolean') return fc.boolean();
  if (field.type === 'integer') return fc.integer({ min: field.minimum ?? 0, max: field.maximum ?? 9 });
  if (field.type === 'object') return field.holdsSecrets ? settings : options;
  const known = TEXTS[field.format ?? 'text'];
  if (known !== undefined) return fc.constantFrom(...known);
  return field.format === 'name' || field.format === 'line' ? name : text;
}

/** Values of all plain fields: what the API would have stored. */
function plainRecord(kind: Kind): fc.Arbitrary<Json> {
  const shape: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of fileFields(kind).values())
    if (!field.secret && referredKind(field) === null)
      shape[field.name] =
        field.required || field.like !== undefined
          ? valuesOf(field)
          : fc.option(valuesOf(field), { nil: unsaid(field) });
  return fc.record(shape).map(withoutIdleZone);
}

/** No single time has one: it says its offset itself. */
const withoutIdleZone = (record: Json): Json =>
  record['cron'] === null ? { ...record, 'time-zone': 'UTC' } : record;

const several = (kind: Kind, most: number): fc.Arbitrary<Json[]> =>
  fc.uniqueArray(plainRecord(kind), { maxLength: most, selector: (record) => record['name'] });

let made = 0;
const withId = (record: Json): Json => ({ ...record, id: `id-${++made}` });

/** One cluster "prod" with all that it refers to. */
export const models: fc.Arbitrary<StoredModel> = fc
  .record({
    repo: several(kindOf('repo'), 2),
    credential: several(kindOf('credential'), 2),
    profile: several(kindOf('profile'), 2),
    cluster: plainRecord(kindOf('cluster')),
    dcs: several(kindOf('dc'), 3),
    nodes: fc.array(several(kindOf('node'), 3), { minLength: 3, maxLength: 3 }),
    windows: several(kindOf('window'), 2),
    schedules: several(kindOf('schedule'), 3),
    picks: fc.infiniteStream(fc.nat()),
  })
  .map(({ picks, ...parts }) => {
    const lists = new Map<Kind, Json[]>();
    for (const word of ['repo', 'credential', 'profile'] as const)
      lists.set(kindOf(word), parts[word].map(withId));
    // Points each reference at something of its kind, or at nothing.
    const linked = (kind: Kind, record: Json): Json => {
      const links: Json = {};
      for (const field of fileFields(kind).values()) {
        const referred = referredKind(field);
        if (referred === null) continue;
        const choices = [null, ...(lists.get(referred) ?? []).map(({ id }) => id)];
        links[field.name] = choices[(picks.next().value ?? 0) % choices.length];
      }
      return withId({ ...record, ...links });
    };
    const cluster = linked(kindOf('cluster'), { ...parts.cluster, name: 'prod' });
    const dcs = parts.dcs.map((dc) => linked(kindOf('dc'), { ...dc, 'cluster-id': cluster['id'] }));
    const nodes = dcs.flatMap((dc, at) =>
      (parts.nodes[at] ?? []).map((node) => linked(kindOf('node'), { ...node, 'datacenter-id': dc['id'] })),
    );
    // At the cluster, one of its datacenters or nodes, or one that is gone.
    const aimed = (schedule: Json): Json => {
      const [pick, among] = [picks.next().value ?? 0, picks.next().value ?? 0];
      const [scope, choices] = (
        [
          ['cluster', [null, cluster['id']]],
          ['datacenter', [...dcs.map(({ id }) => id), 'gone']],
          ['node', [...nodes.map(({ id }) => id), 'gone']],
        ] as const
      )[pick % 3] ?? ['cluster', [null]];
      // A check takes none of the options.
      const fitting = schedule['job-type'] === 'check' ? { options: {} } : {};
      return { ...schedule, ...fitting, 'job-scope': scope, 'resource-id': choices[among % choices.length] };
    };
    const inCluster = (record: Json): Json => withId({ ...record, 'cluster-id': cluster['id'] });
    lists.set(kindOf('cluster'), [cluster]).set(kindOf('dc'), dcs).set(kindOf('node'), nodes);
    lists.set(kindOf('window'), parts.windows.map(inCluster));
    lists.set(kindOf('schedule'), parts.schedules.map(aimed).map(inCluster));
    return new StoredModel(lists);
  });

export const EMPTY = new StoredModel(new Map());

/** The model after the changes, as a coordinator would have it. */
export function after(stored: StoredModel, changes: readonly Change[]): StoredModel {
  const records = new Map(
    stored.all.map((one) => [keyOf(one.kind, one.place), { ...one, record: { ...one.record } }]),
  );
  const idOf = (kind: Kind, place: Place): unknown => records.get(keyOf(kind, place))?.id;
  for (const change of changes) {
    const key = keyOf(change.kind, change.place);
    if (change.do === 'delete') {
      for (const [other, { kind, place }] of records)
        if (
          other === key ||
          (kind.parent !== null && isInside(place, change.place) && contentsOf(change.kind).length > 0)
        )
          records.delete(other);
      continue;
    }
    const parent = change.kind.parent;
    const blank: Json = { id: `id-${++made}` };
    for (const field of saidFields(change.kind)) blank[field.name] = unsaid(field);
    if (parent !== null) blank[parent.field] = idOf(kindOf(parent.word), change.place.slice(0, -1));
    const record = records.get(key)?.record ?? blank;
    for (const field of change.fields)
      if (field.what === 'value') record[field.field.name] = field.after;
      else if (field.what === 'reference')
        record[field.field.name] = field.after === null ? null : idOf(field.after.kind, field.after.place);
    // As a coordinator would refuse it.
    const { 'job-scope': scope, 'resource-id': target } = record;
    if (
      change.kind.word === 'schedule' &&
      (scope === 'cluster') !== (target === null || target === record['cluster-id'])
    )
      throw new Error(`a schedule for a ${String(scope)} that is ${String(target)}`);
    records.set(key, { kind: change.kind, place: change.place, id: String(record['id']), record });
  }
  const lists = new Map(ORDER.map((kind) => [kind, [] as Json[]]));
  for (const { kind, record } of records.values()) lists.get(kind)?.push(record);
  return new StoredModel(lists);
}

const isInside = (place: Place, above: Place): boolean =>
  place.length > above.length && above.every((name, at) => place[at] === name);
