// definitions list and show: what a config profile may set in each file of a version.
import { type Command, Option } from 'commander';
import { didYouMean } from '../../shared/nearest-word.ts';
import { CliFailure } from './exit.ts';
import { examples, group } from './help.ts';
import { cell } from './output.ts';
import { ApiRefusal, type Json } from './rest-client.ts';
import type { Act, Session } from './session.ts';
import { harmless } from './terminal/harmless.ts';

type Settings = Readonly<Record<string, Json>>;

/** With those below it, dots between their names. */
function rowsOf(file: string, settings: Settings, above = ''): string[][] {
  return Object.entries(settings).flatMap(([key, setting]) => {
    const name = `${above}${key}`;
    const type = [setting['type'], setting['value_type']].filter(Boolean).join(' of ');
    const about = setting['deprecated'] === true ? '(deprecated) ' : '';
    const row = [file, name, type, cell(setting['default_value']), `${about}${setting['description'] ?? ''}`];
    return [row, ...rowsOf(file, (setting['fields'] ?? {}) as Settings, `${name}.`)];
  });
}

async function list({ client, output }: Session): Promise<void> {
  const answer = (await client.get('definitions/')) as Record<string, Json[]>;
  const all = Object.entries(answer).flatMap(([product, versions]) =>
    versions.map((one): Json => ({ product, ...one })),
  );
  if (output.quiet) for (const { version } of all) output.line(harmless(String(version)));
  else
    output.list(
      all,
      [{ head: 'PRODUCT' }, { head: 'VERSION' }],
      all.map(({ product, version }) => [cell(product), cell(version)]),
      'no definitions',
    );
}

async function show({ client, output }: Session, version: string, options: Json): Promise<void> {
  const product = options['product'] === undefined ? '' : `?product=${options['product']}`;
  const answer = await client
    .get(`definitions/${encodeURIComponent(version)}/${product}`)
    .catch((error: unknown) => {
      if (!(error instanceof ApiRefusal) || error.status !== 404) throw error;
      throw new CliFailure('not-found', error.message, [
        '`ringmaster definitions list` shows the known ones',
      ]);
    });
  const files = answer['definitions'] as Readonly<Record<string, Settings>>;
  const file = options['file'];
  if (typeof file === 'string' && !Object.hasOwn(files, file)) {
    const known = Object.keys(files);
    throw new CliFailure('usage', `${version} has no file ${file}${didYouMean(file, known)}`, [
      `it has ${known.join(', ')}`,
    ]);
  }
  const wanted = Object.entries(files).filter(([fileId]) => file === undefined || fileId === file);
  if (output.isData) return output.data({ ...answer, definitions: Object.fromEntries(wanted) });
  const rows = wanted.flatMap(([fileId, settings]) => rowsOf(fileId, settings));
  if (output.quiet) for (const [fileId, name] of rows) output.line(harmless(`${fileId}.${name}`));
  else
    output.table(
      [
        { head: 'FILE' },
        { head: 'SETTING' },
        { head: 'TYPE' },
        { head: 'DEFAULT', yields: 'text' },
        { head: 'WHAT', yields: 'text' },
      ],
      rows,
    );
}

export function addDefinitionCommands(program: Command, act: Act): void {
  const definitions = group(program, 'definitions', 'what config profiles may set, by version');
  definitions
    .command('list')
    .description('the versions that are known')
    .action(act(async (session) => await list(session)));
  examples(
    definitions
      .command('show <version>')
      .description('every setting with its type, default and description')
      .option('--file <file-id>', 'of this file only, e.g. cassandra-yaml')
      .addOption(
        new Option('--product <product>', 'dse or cassandra, where both have such a version').choices([
          'dse',
          'cassandra',
        ]),
      ),
    ['ringmaster definitions show 5.0.8 --file cassandra-yaml', 'ringmaster definitions show 6.8.36 -o json'],
  ).action(act(async (session, [version = ''], options) => await show(session, version, options)));
}
