// What may come next on a command line, read off the command tree: commands, options, choices, or names of a kind.
import type { Argument, Command, Option } from 'commander';

export interface Candidate {
  word: string;
  about: string;
}
export type Next =
  | { kind: 'words'; candidates: readonly Candidate[] }
  | { kind: 'files' }
  /** names of what a placeholder stands for: cluster, dc, node, job, server, … */
  | { kind: 'names'; of: string };

const chainOf = (command: Command): Command[] =>
  command.parent === null ? [command] : [command, ...chainOf(command.parent)];

const optionsOf = (command: Command): Option[] =>
  chainOf(command).flatMap(({ options }) => options.filter(({ hidden }) => !hidden));

const placeholderOf = (option: Option): string =>
  /[<[]([\w-]+)(?:\.\.\.)?[>\]]/.exec(option.flags)?.[1] ?? '';

const words = (list: readonly string[]): Next => ({
  kind: 'words',
  candidates: list.map((word) => ({ word, about: '' })),
});

function byPlaceholder(placeholder: string, choices: readonly string[] | undefined): Next {
  if (choices !== undefined) return words(choices);
  if (placeholder === 'file') return { kind: 'files' };
  if (placeholder === 'boolean') return words(['true', 'false']);
  return { kind: 'names', of: placeholder };
}

const firstSentence = (text: string): string => (/^[^.;:]*/.exec(text)?.[0] ?? '').trim();

/** @param line all words after the program's name, the last one perhaps begun or empty */
export function nextOf(program: Command, line: readonly string[]): Next {
  let [command, position]: [Command, number] = [program, 0];
  let waits: Option | null = null;
  const begun = line.at(-1) ?? '';
  for (const word of line.slice(0, -1)) {
    if (waits !== null && (waits.required || !word.startsWith('-'))) {
      waits = null;
      continue;
    }
    waits = null;
    if (word.startsWith('-')) {
      const known = optionsOf(command).find(({ short, long }) => short === word || long === word);
      waits = known !== undefined && (known.required || known.optional) ? known : null;
      continue;
    }
    const below: Command | undefined = command.commands.find((one) => one.name() === word);
    if (below === undefined) position += 1;
    else [command, position] = [below, 0];
  }
  if (waits !== null && (waits.required || !begun.startsWith('-')) && (waits.required || begun !== ''))
    return byPlaceholder(placeholderOf(waits), waits.argChoices);
  if (begun.startsWith('-'))
    return {
      kind: 'words',
      candidates: [
        ...optionsOf(command).map((option) => ({
          word: option.long ?? option.flags,
          about: firstSentence(option.description),
        })),
        { word: '--help', about: 'help for this command' },
      ],
    };
  if (command.commands.length > 0 && position > 0) return words([]);
  if (command.commands.length > 0)
    return {
      kind: 'words',
      candidates: command.commands.map((one) => ({
        word: one.name(),
        about: firstSentence(one.description()),
      })),
    };
  const args: readonly Argument[] = command.registeredArguments;
  const argument = args[position] ?? (args.at(-1)?.variadic ? args.at(-1) : undefined);
  return argument === undefined ? words([]) : byPlaceholder(argument.name(), argument.argChoices);
}
