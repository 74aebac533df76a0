// One command from its words to its exit code; failures are told on stderr with a next step.
import { type Command, CommanderError } from 'commander';
import { complete } from './completion/complete.ts';
import { EXIT, explain } from './exit.ts';
import { createProgram } from './program.ts';
import type { Surroundings } from './session.ts';
import { coloursFor, wantsColour } from './terminal/colours.ts';
import { harmless } from './terminal/harmless.ts';
import { usageHint } from './usage-hint.ts';

/** As other programs take it: `help job run` is `job run --help`. @throws CommanderError where there is no such command */
function helpWords(program: Command, names: readonly string[]): string[] {
  let at = program;
  for (const name of names) {
    if (at.commands.length === 0) break;
    const next = at.commands.find((command) => command.name() === name || command.aliases().includes(name));
    if (next === undefined)
      return at.error(`error: unknown command '${name}'`, { code: 'commander.unknownCommand' });
    at = next;
  }
  return [...names, '--help'];
}

/** @returns the exit code */
export async function runCli(argv: readonly string[], around: Surroundings): Promise<number> {
  const program = createProgram(around);
  const words = argv[0] === 'help' ? argv.slice(1) : argv;
  try {
    if (argv[0] === 'complete') {
      // Not in the command tree: commander would take the words of the line for its own options.
      around.out.write(await complete(program, argv.slice(argv[1] === '--' ? 2 : 1), around));
      return EXIT.ok;
    }
    await program.parseAsync(argv === words ? [...words] : helpWords(program, words), { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // commander has told its own: help and version are fine, all else is a mistake in the words.
    if (error instanceof CommanderError) {
      if (['commander.helpDisplayed', 'commander.version'].includes(error.code)) return EXIT.ok;
      if (error.code !== 'commander.help')
        for (const hint of usageHint(program, words, error)) around.err.write(`  ${harmless(hint)}\n`);
      return EXIT.usage;
    }
    const { outcome, message, hints } = explain(error);
    const colours = coloursFor(
      wantsColour(around.err.isTTY === true, !argv.includes('--no-color'), around.env),
    );
    around.err.write(
      `${colours.red(outcome === 'interrupted' ? 'interrupted:' : 'error:')} ${harmless(message)}\n`,
    );
    for (const hint of hints) around.err.write(`  ${harmless(hint)}\n`);
    return EXIT[outcome];
  }
}
