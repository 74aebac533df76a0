// Help that begins with examples, as somebody needs it who has no time to read.
import type { Command } from 'commander';
import { CliFailure, EXIT, EXIT_HELP } from './exit.ts';

/** @param lines what to type, each perhaps with `# why` behind it */
export const examples = (command: Command, lines: readonly string[]): Command =>
  command.addHelpText('before', `Examples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`);

export const exitCodeHelp = (): string =>
  `Exit codes:\n${EXIT_HELP.map(([outcome, what]) => `  ${String(EXIT[outcome]).padStart(3)}  ${what}`).join('\n')}`;

/** Commands that only gather others: without one of them that is a mistake, and the list of them is the answer. */
export const group = (parent: Command, name: string, description: string): Command =>
  parent.command(name).description(description).usage('<command> [options]').helpCommand(false);

/** A whole number of an option. */
export const wholeOption =
  (name: string, least: number) =>
  (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least)) throw new CliFailure('usage', `${name} must be a whole number from ${least}`);
    return value;
  };
