// cluster, dc, node, profile, repo, credential, window, schedule: list, show, create, set, delete, from the fields of shared/models.ts.
import type { Command } from 'commander';
import { confirm } from '../confirm.ts';
import { CliFailure, changedMeanwhile, explain } from '../exit.ts';
import { examples, group } from '../help.ts';
import { KINDS, type Kind, kindOf } from '../kinds.ts';
import { ApiRefusal, type Json } from '../rest-client.ts';
import type { Act, Session } from '../session.ts';
import { harmless } from '../terminal/harmless.ts';
import { addCloneCommand } from './clone.ts';
import { addDriftCommand, addDriftsCommand } from './drift.ts';
import { addRecordOptions, bodyOfRecord, fieldsOf, inTheWay, unset } from './record-fields.ts';
import { printRecord, printRecords } from './rows.ts';
import { noteUnknownVersion } from './unknown-version.ts';

const ABOUT: Readonly<Record<string, string>> = {
  cluster: 'clusters: what a ring is made of',
  dc: 'datacenters of clusters',
  node: 'nodes of datacenters',
  profile: 'config profiles: product, version and settings of config files',
  repo: 'repositories that are installed from',
  credential: 'machine credentials',
  window: 'maintenance windows of clusters, and freezes',
  schedule: 'jobs that are made by themselves, once or again and again',
};

/** Kinds whose lists can be narrowed to what lies in one record of another kind. */
const WITHIN: Readonly<Record<string, readonly { option: string; kind: string }[]>> = {
  dc: [{ option: 'cluster', kind: 'cluster' }],
  node: [
    { option: 'cluster', kind: 'cluster' },
    { option: 'datacenter', kind: 'dc' },
  ],
  window: [{ option: 'cluster', kind: 'cluster' }],
  schedule: [{ option: 'cluster', kind: 'cluster' }],
};

const EXAMPLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cluster: {
    create: 'prod --repository dse --config-profile default',
    set: 'prod --config-profile default-2',
  },
  dc: { create: 'prod/dc1 --spark-enabled', set: 'prod/dc1 --config-profile analytics' },
  node: {
    create: 'prod/dc1/node1 --ssh-management-address 10.0.0.1 --rack rack1 --seed',
    set: 'prod/dc1/node1 --seed false --unset comment',
  },
  profile: {
    create: 'default --product cassandra --datastax-version 5.0.8 --json settings.yaml',
    set: 'default --json settings.yaml',
  },
  repo: {
    create: 'dse --username me --password-from env:REPO_PASSWORD',
    set: 'dse --password-from file:secret',
  },
  credential: {
    create: 'ops --login-name ops --ssh-private-key-from file:id_ed25519 --become-mode sudo',
    set: 'ops --login-password-from -',
  },
  window: {
    create: "prod/nights --cron '0 1 * * MON-FRI' --duration 240 --time-zone Europe/Berlin",
    set: 'prod/nights --duration 300',
  },
  schedule: {
    create:
      "prod/sundays --job-type restart --cron '0 2 * * SUN' --time-zone Europe/Berlin --options restart.yaml",
    set: 'prod/sundays --enabled false',
  },
};

/** cluster/dc/node */
const pathOf = (kind: Kind): string =>
  kind.parent === null ? 'its name' : [...aboveOf(kind), kind.word].join('/');
const aboveOf = ({ parent }: Kind): string[] =>
  parent === null ? [] : [...aboveOf(kindOf(parent.word)), parent.word];
const placeOf = (kind: Kind): string =>
  kind.parent === null ? 'its name or id' : `${pathOf(kind)}, its name where that is enough, or its id`;

async function list(session: Session, kind: Kind, options: Json): Promise<void> {
  const { client, names, output } = session;
  const within = (WITHIN[kind.word] ?? []).filter(({ option }) => options[option] !== undefined).at(-1);
  let path = `${kind.model.path}/`;
  if (within !== undefined) {
    const above = kindOf(within.kind);
    const { id } = await names.find(above, String(options[within.option]));
    path = `${above.model.path}/${id}/${path}`;
  }
  const named = options['name'];
  const filters = typeof named === 'string' ? { name: named } : {};
  const records = await client.list(path, Number.POSITIVE_INFINITY, filters);
  await printRecords(
    output,
    names,
    kind,
    records,
    `no ${kind.word}s; \`ringmaster ${kind.word} create\` makes one`,
  );
}

/** prod/dc1/node1 as the datacenter prod/dc1 and the name node1, unless the parent was given by its option. */
async function placed(session: Session, kind: Kind, given: string, body: Json): Promise<Json> {
  const { parent } = kind;
  if (parent === null || parent.field in body) return { name: given, ...body };
  const slash = given.lastIndexOf('/');
  if (slash < 1)
    throw new CliFailure(
      'usage',
      `say where ${kind.word} ${given} is to be: ${parent.word === 'dc' ? 'cluster/dc' : 'cluster'}/${given}`,
      [`\`ringmaster ${parent.word} list\` shows the known ${parent.word}s`],
    );
  const { id } = await session.names.find(kindOf(parent.word), given.slice(0, slash));
  return { name: given.slice(slash + 1), [parent.field]: id, ...body };
}

async function create(session: Session, kind: Kind, given: string, options: Json): Promise<void> {
  const fields = fieldsOf(kind).filter(({ name }) => name !== 'name');
  const body = await placed(session, kind, given, await bodyOfRecord(session, kind, fields, options));
  const missing = fields.filter(({ name, required }) => required && !(name in body));
  if (missing.length > 0)
    throw new CliFailure(
      'usage',
      `a ${kind.word} needs ${missing.map(({ name }) => `--${name}`).join(', ')}`,
    );
  const made = await session.client.post(`${kind.model.path}/`, body);
  await printRecords(session.output, session.names, kind, [made], '');
  await noteUnknownVersion(session, made);
}

async function set(session: Session, kind: Kind, given: string, options: Json): Promise<void> {
  const fields = fieldsOf(kind).filter(({ fixed }) => fixed !== 'always');
  const body = {
    ...(await bodyOfRecord(session, kind, fields, options)),
    ...unset(kind, (options['unset'] as string[]) ?? []),
  };
  if (Object.keys(body).length === 0)
    throw new CliFailure('usage', 'nothing to set: name fields by their options', [
      `\`ringmaster ${kind.word} set --help\` shows them`,
    ]);
  const { client, names, output } = session;
  const { id, path } = await names.find(kind, given);
  const at = `${kind.model.path}/${id}`;
  const { tag, record } = await client.read(at);
  const other = inTheWay(kind, body, record);
  const changed = await asRead(kind, path, client.put(at, body, tag)).catch((error: unknown) => {
    if (other.length === 0 || !(error instanceof ApiRefusal) || error.status !== 400) throw error;
    const { outcome, message, hints } = explain(error);
    throw new CliFailure(outcome, message, [
      ...hints,
      `it has ${other.join(' and ')}: --unset ${other.join(' ')} takes that back`,
    ]);
  });
  await printRecords(output, names, kind, [changed], '');
  await noteUnknownVersion(session, changed);
}

/** A write of a record under the ETag that it was read with. @throws CliFailure conflict when somebody else was quicker */
async function asRead(kind: Kind, path: string, write: Promise<Json>): Promise<Json> {
  const shown = harmless(path);
  return await write.catch((error: unknown) => {
    throw changedMeanwhile(error, `${kind.word} ${shown}`, [
      `\`ringmaster ${kind.word} show ${shown}\` shows it as it is; the same command again if it is still wanted`,
    ]);
  });
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** What goes along with a record. */
async function contentsOf({ client }: Session, kind: Kind, id: string): Promise<string> {
  const count = async (path: string): Promise<number> =>
    Number((await client.get(`${path}/?per-page=1`))['count']);
  const parts: string[] = [];
  if (kind.word === 'cluster') parts.push(counted(await count(`clusters/${id}/datacenters`), 'datacenter'));
  if (kind.word === 'cluster' || kind.word === 'dc')
    parts.push(counted(await count(`${kind.model.path}/${id}/nodes`), 'node'));
  return parts.length === 0 ? '' : ` with its ${parts.join(' and ')}`;
}

async function remove(session: Session, kind: Kind, given: string, yes: boolean): Promise<void> {
  const { client, output } = session;
  const { id, path } = await session.names.find(kind, given);
  const at = `${kind.model.path}/${id}`;
  const { tag } = await client.read(at);
  const contents = await contentsOf(session, kind, id);
  await confirm(session, `Delete ${kind.word} ${harmless(path)}${contents}? Machines are not touched.`, yes);
  const answer = await asRead(kind, path, client.delete(at, tag));
  if (output.quiet) output.ids([answer]);
  else if (output.isData) output.data(answer);
  else output.note(`${kind.word} ${harmless(path)} is deleted`);
}

async function enrol(session: Session, given: string): Promise<void> {
  const { client, names, output } = session;
  const { id, path } = await names.find(kindOf('node'), given);
  const answer = await client.post(`nodes/${id}/enrolment`);
  if (output.isData) output.data(answer);
  else output.line(harmless(String(answer['bundle'])));
  output.note(
    `this is a secret, good for one agent until ${harmless(String(answer['expires-on']))}: on the host of ${harmless(path)}, \`ringmaster-agent enrol <FILE\` takes it; an agent that is not installed, RINGMASTER_ENROLMENT`,
  );
}

export function addModelCommands(program: Command, act: Act): void {
  for (const kind of KINDS) {
    const { word } = kind;
    const parent = group(program, word, ABOUT[word] ?? word);
    const named = `<${word}>`;
    const listing = parent
      .command('list')
      .description(`the ${word}s`)
      .option('--name <name>', 'only those of this name');
    for (const { option } of WITHIN[word] ?? [])
      listing.option(
        `--${option} <${option === 'datacenter' ? 'dc' : option}>`,
        `only those of this ${option}`,
      );
    examples(listing, [`ringmaster ${word} list -o wide`]).action(
      act(async (session, _args, options) => await list(session, kind, options)),
    );
    examples(
      parent.command('show').argument(named, placeOf(kind)).description(`one ${word} with all its fields`),
      [`ringmaster ${word} show ${EXAMPLES[word]?.['set']?.split(' ')[0]}`],
    ).action(
      act(async ({ client, names, output }, [given = '']) => {
        const { id } = await names.find(kind, given);
        await printRecord(output, names, kind, await client.get(`${kind.model.path}/${id}`));
      }),
    );
    const creating = parent
      .command('create')
      .argument(`<${kind.parent === null ? 'name' : 'path'}>`, `${pathOf(kind)}, as it is to be`)
      .description(`make a ${word}`);
    addRecordOptions(creating, kind, true);
    examples(creating, [`ringmaster ${word} create ${EXAMPLES[word]?.['create']}`]).action(
      act(async (session, [given = ''], options) => await create(session, kind, given, options)),
    );
    const setting = parent
      .command('set')
      .argument(named, placeOf(kind))
      .description(`change fields of a ${word}`);
    addRecordOptions(setting, kind, false);
    examples(setting, [`ringmaster ${word} set ${EXAMPLES[word]?.['set']}`]).action(
      act(async (session, [given = ''], options) => await set(session, kind, given, options)),
    );
    parent
      .command('delete')
      .argument(named, placeOf(kind))
      .description(`take a ${word} out of the model; machines are not touched`)
      .option('-y, --yes', 'without a question')
      .action(
        act(
          async (session, [given = ''], options) =>
            await remove(session, kind, given, options['yes'] === true),
        ),
      );
    if (word === 'profile') addCloneCommand(parent, act);
    if (word === 'cluster' || word === 'dc') addDriftsCommand(parent, kind, placeOf(kind), act);
    if (word === 'node') {
      addDriftCommand(parent, placeOf(kind), act);
      examples(
        parent
          .command('enrol')
          .argument(named, placeOf(kind))
          .description('print a bundle with which an agent becomes this node: a secret, for one use'),
        ['ringmaster node enrol prod/dc1/node1 >bundle    # carry it to the host'],
      ).action(act(async (session, [given = '']) => await enrol(session, given)));
    }
  }
}
