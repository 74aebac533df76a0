// profile clone: a config profile copied whole under another name, with what the options change of it.
import type { Command } from 'commander';
import { addFieldOptions, bodyOfFields } from '../generated-options.ts';
import { examples } from '../help.ts';
import { kindOf, writable } from '../kinds.ts';
import type { Act } from '../session.ts';
import { printRecords } from './rows.ts';
import { noteUnknownVersion } from './unknown-version.ts';

export function addCloneCommand(profile: Command, act: Act): void {
  const kind = kindOf('profile');
  const fields = writable(kind.model).filter(({ name }) => name !== 'name');
  const command = profile
    .command('clone')
    .argument('<profile>', 'its name or id')
    .argument('[name]', 'of the copy')
    .description(
      'copy a profile, with what the options change of it; without a name of its own it is called "<profile> (copy)"',
    );
  addFieldOptions(command, fields, { isNew: false });
  examples(command, [
    'ringmaster profile clone base base-5.0.9 --datastax-version 5.0.9',
    'ringmaster profile clone base -q                       # its id alone',
  ]).action(
    act(async (session, [given = '', name], options) => {
      const { client, names, output } = session;
      const changes = await bodyOfFields(fields, options, session);
      const { id } = await names.find(kind, given);
      const body = { ...changes, ...(name === undefined ? {} : { name }) };
      const made = await client.post(`${kind.model.path}/${id}/clone`, body);
      await printRecords(output, names, kind, [made], '');
      await noteUnknownVersion(session, made);
    }),
  );
}
