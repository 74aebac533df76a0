// The command tree: every verb with its options, help and what it does.
import { Command, Option } from 'commander';
import { VERSION } from '../../shared/version.ts';
import { addApplyCommands } from './apply/commands.ts';
import { addCompletionCommand } from './completion/command.ts';
import { addDefinitionCommands } from './definition-commands.ts';
import { examples, exitCodeHelp, group } from './help.ts';
import { addReadCommands } from './jobs/read-commands.ts';
import { addRunCommands } from './jobs/run-commands.ts';
import { addLoginCommands } from './login-commands.ts';
import { addModelCommands } from './models/commands.ts';
import { FORMATS } from './output.ts';
import type { Json } from './rest-client.ts';
import { addServerCommands } from './server-commands.ts';
import { type Act, Session, type SessionOptions, type Surroundings } from './session.ts';

export function createProgram(around: Surroundings): Command {
  const program = new Command('ringmaster')
    .description('Rings of DSE and Apache Cassandra: what they are, and the jobs that make them so.')
    .usage('<command> [options]')
    .version(VERSION, '-V, --version', 'the version in one line')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    // Descriptions say choices and defaults themselves.
    .configureHelp({ showGlobalOptions: true, optionDescription: ({ description }) => description })
    .configureOutput({
      writeOut: (text) => void around.out.write(text),
      writeErr: (text) => void around.err.write(text),
    })
    .exitOverride();
  program
    .option('--server <server>', 'name or URL of the coordinator (else RINGMASTER_URL, else the one in use)')
    .addOption(
      new Option('-o, --output <format>', 'how data is printed: table (the default), wide, json or yaml')
        .choices(FORMATS)
        .default('table'),
    )
    .option('--no-headers', 'tables without a line of headings')
    .option('-q, --quiet', 'ids alone on stdout')
    .option('--no-color', 'no colours (NO_COLOR does the same)');
  examples(program, [
    'ringmaster job list                                   # what has been going on',
    'ringmaster job show last                              # the newest job and its nodes',
    'ringmaster job events last --errors                   # why it failed',
    'ringmaster job run restart --cluster prod --watch     # rolling restart, before your eyes',
    'ringmaster job terminate JOB --watch                  # stop it at the next safe point',
    'ringmaster node list --cluster prod',
    'ringmaster apply -f prod.yaml --dry-run               # what would change in the model',
  ]);
  program.addHelpText(
    'after',
    `\n${exitCodeHelp()}\n\nThings go by name (prod, prod/dc1, prod/dc1/node1) or by id.`,
  );

  const act: Act =
    (run) =>
    async (...given) => {
      // commander gives the arguments, the options, the command.
      const command = given.at(-1) as Command;
      const args = given.slice(0, -2).flat() as string[];
      const session = new Session(around, command.optsWithGlobals<SessionOptions>());
      await run(session, args, command.opts<Json>());
    };

  const job = group(program, 'job', 'start, follow, end and look into jobs');
  addRunCommands(job, act);
  addReadCommands(job, act);
  addModelCommands(program, act);
  addApplyCommands(program, act);
  addDefinitionCommands(program, act);
  addServerCommands(program, act);
  addLoginCommands(program, act);
  addCompletionCommand(program, act);
  return program;
}
