// What to say beside a command line that commander refused: the form that was meant, where to read on.
import type { Command, CommanderError, Option } from 'commander';

interface Meant {
  command: Command;
  /** ringmaster job run */
  path: string;
  /** what stands behind it, without options and their values */
  words: readonly string[];
  /** options as they were typed, without values */
  flags: readonly string[];
}

const isFlag = (word: string): boolean => /^-./.test(word);

/** Of a command and those above it: commander takes these anywhere. */
function optionNamed(command: Command | null, flag: string): Option | undefined {
  if (command === null) return undefined;
  return (
    command.options.find((option) => option.long === flag || option.short === flag) ??
    optionNamed(command.parent, flag)
  );
}

/** The command that is named, past options with their values. */
function meantBy(program: Command, argv: readonly string[]): Meant {
  let [command, path, isLeaf] = [program, 'ringmaster', false];
  const [words, flags]: [string[], string[]] = [[], []];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    const following = argv[at + 1] ?? '';
    if (word === '--') continue;
    if (isFlag(word)) {
      const [flag = ''] = word.split('=');
      flags.push(flag);
      const option = optionNamed(command, flag);
      const hasValue =
        option === undefined ? isLeaf : option.required || (option.optional && !isFlag(following));
      if (hasValue && flag === word) at += 1;
      continue;
    }
    const next = isLeaf
      ? undefined
      : command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (next === undefined) {
      isLeaf = true;
      words.push(word);
    } else {
      command = next;
      path += ` ${next.name()}`;
      isLeaf = next.commands.length === 0;
    }
  }
  return { command, path, words, flags };
}

/** `comment=hey` where an option is wanted: its flags, of a secret those of its source. Never the value, which may be one. */
function asOptions({ command, words }: Meant): string[] {
  const shown = command.options.filter(({ hidden }) => !hidden);
  return words.flatMap((word) => {
    const name = /^-*([a-z][\w-]*)=/.exec(word)?.[1];
    const option = shown.find(({ long }) => long === `--${name}` || long === `--${name}-from`);
    return name === undefined || option === undefined ? [] : [`${name} is an option: ${option.flags}`];
  });
}

/** The other way round: `--adoption-window 600` where name=value is wanted. */
function asPairs({ command, flags }: Meant): string[] {
  if (!command.registeredArguments.some((argument) => argument.name().includes('='))) return [];
  return flags
    .filter((flag) => flag.startsWith('--') && optionNamed(command, flag) === undefined)
    .map((flag) => `no option here, but ${flag.slice(2)}=VALUE`);
}

const TARGETS = ['--cluster', '--datacenter', '--node'];
const targetsOf = (command: Command): Option[] =>
  command.options.filter(({ long }) => TARGETS.includes(long ?? ''));

/** `job run upgrade --cluster prod`: what it works on instead. */
function asScopes({ command, flags }: Meant): string[] {
  const targets = targetsOf(command);
  return targets.length === 0
    ? []
    : flags
        .filter((flag) => TARGETS.includes(flag) && optionNamed(command, flag) === undefined)
        .map(
          (flag) => `not for a ${flag.slice(2)}: say ${targets.map((target) => target.flags).join(' or ')}`,
        );
}

/** `job run restart prod`: what it is has to be said. */
function asTargets({ command, words }: Meant): string[] {
  const targets = targetsOf(command);
  const isTooMuch = words.length > command.registeredArguments.length;
  return targets.length === 0 || !isTooMuch
    ? []
    : [`say what it is: ${targets.map(({ flags }) => flags).join(', ')}`];
}

/** `--seed prod/dc1/node1`: a flag that may have a value takes the word behind it for one. */
function asFlags({ command, flags }: Meant, argv: readonly string[]): string[] {
  return flags.flatMap((flag) => {
    const behind = argv[argv.indexOf(flag) + 1] ?? '';
    const took =
      optionNamed(command, flag)?.optional === true && !isFlag(behind) && !/^(true|false|)$/.test(behind);
    return took
      ? [`${flag} took the word behind it for its value: say ${flag}=true, or put it at the end`]
      : [];
  });
}

/** What is missing, and what may stand there. */
function asArguments({ command, words }: Meant): string[] {
  const missing = command.registeredArguments[words.length];
  return missing === undefined || missing.description === ''
    ? []
    : [`<${missing.name()}>: ${missing.description}`];
}

/** `apply prod.yaml`: the word belongs behind the option that is missing. */
const asMandatory = ({ command, words }: Meant): string[] =>
  words.length === 0
    ? []
    : command.options.filter(({ mandatory }) => mandatory).map(({ flags }) => `say what it is: ${flags}`);

function formsOf(code: string, meant: Meant, argv: readonly string[]): string[] {
  if (code === 'commander.unknownOption') return [...asPairs(meant), ...asScopes(meant)];
  if (code === 'commander.missingMandatoryOptionValue') return asMandatory(meant);
  if (code === 'commander.missingArgument') {
    const taken = asFlags(meant, argv);
    return taken.length > 0 ? taken : asArguments(meant);
  }
  const options = asOptions(meant);
  return code !== 'commander.excessArguments' || options.length > 0 ? options : asTargets(meant);
}

/** @returns lines */
export function usageHint(program: Command, argv: readonly string[], { code }: CommanderError): string[] {
  const meant = meantBy(program, argv);
  const { command, path } = meant;
  const names = command.commands.map((one) => one.name());
  const help = `${path} --help`;
  return [
    ...formsOf(code, meant, argv),
    names.length === 0 ? `what it takes: ${help}` : `there are ${names.join(', ')}: ${help}`,
  ];
}
