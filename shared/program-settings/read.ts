// Reads a program's settings, flag > environment > file > default, and collects every mistake on the way.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import type * as Yaml from 'yaml';
import { didYouMean } from '../nearest-word.ts';
import type { Setting } from './lists.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Flags as they were said, by the setting's name; `config` names the file. */
export type SaidFlags = ReadonlyMap<string, string>;

/** `--name value`, `--name=value`, and `--name` alone for flags. */
export function readFlags(
  argv: readonly string[],
  settings: readonly Setting[],
  problems: string[],
): Map<string, string> {
  const flags = new Map<string, string>();
  const names = ['config', 'help', ...settings.map(({ name }) => name)];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    const [, name = '', value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (!names.includes(name)) {
      // What stands behind = may be a secret.
      problems.push(`unknown option ${word.split('=')[0]}${didYouMean(name, names)}`);
      if (value === undefined && argv[at + 1]?.startsWith('-') === false) at += 1; // its value, not another mistake
      continue;
    }
    const isFlag = settings.find((known) => known.name === name)?.kind === 'flag';
    if (value !== undefined) flags.set(name, value);
    else if (isFlag) flags.set(name, 'true');
    else if (argv[at + 1] === undefined) problems.push(`--${name} needs a value`);
    else flags.set(name, argv[++at] ?? '');
  }
  return flags;
}

function readFile(
  path: string,
  settings: readonly Setting[],
  problems: string[],
): Readonly<Record<string, unknown>> {
  if (path === '') return {};
  // 4 MiB of an agent's memory, for those alone that have such a file.
  const { parse } = createRequire(import.meta.url)('yaml') as typeof Yaml;
  try {
    const parsed: unknown = parse(readFileSync(path, 'utf8'));
    const value = parsed ?? {}; // nothing but comments, say
    if (typeof value !== 'object' || Array.isArray(value)) throw new Error('it must be a map of settings');
    const names = settings.map(({ name }) => name);
    for (const name of Object.keys(value))
      if (!names.includes(name)) problems.push(`${path}: unknown setting ${name}${didYouMean(name, names)}`);
    return value as Record<string, unknown>;
  } catch (error) {
    problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}

/** The values of one program's settings; what is wrong with them goes to `problems`, to be told all at once. */
export class SettingReader {
  readonly #settings: readonly Setting[];
  readonly #flags: SaidFlags;
  readonly #env: Environment;
  readonly #file: Readonly<Record<string, unknown>>;
  readonly #filePath: string;
  readonly #problems: string[];

  /** @param filePath '' for none */
  constructor(
    settings: readonly Setting[],
    given: { flags: SaidFlags; env: Environment; filePath: string },
    problems: string[],
  ) {
    this.#settings = settings;
    this.#flags = given.flags;
    this.#env = given.env;
    this.#filePath = given.filePath;
    this.#file = readFile(given.filePath, settings, problems);
    this.#problems = problems;
  }

  /** The value as it stands there, and what the operator would change to change it. */
  raw(name: string): { value: unknown; from: string; isInFile: boolean } {
    const known = this.#known(name);
    const flag = this.#flags.get(name);
    if (flag !== undefined) return { value: flag, from: `--${name}`, isInFile: false };
    const fromEnv = this.#env[known.env];
    if (fromEnv !== undefined && fromEnv !== '') return { value: fromEnv, from: known.env, isInFile: false };
    return Object.hasOwn(this.#file, name)
      ? { value: this.#file[name], from: `${this.#filePath}: ${name}`, isInFile: true }
      : { value: known.fallback, from: name, isInFile: false };
  }

  text(name: string): string | null {
    const { value } = this.raw(name);
    return value === null || value === undefined ? null : String(value);
  }

  /** Absolute: what a file says is not to depend on where a program happens to be started, and nothing on an empty word. */
  directory(name: string): string {
    const { value, from, isInFile } = this.raw(name);
    const path = String(value ?? '');
    if (path === '' || (!isAbsolute(path) && isInFile)) {
      const right = resolve(String(this.#known(name).fallback));
      this.#problems.push(`${from}: "${path}" must be an absolute path, such as ${right}`);
    }
    return resolve(path);
  }

  whole(name: string): number {
    const { value, from } = this.raw(name);
    return this.#wholeIn(String(value), from, this.#known(name));
  }

  flag(name: string): boolean {
    const { value, from } = this.raw(name);
    if (!['true', 'false'].includes(String(value)))
      this.#problems.push(`${from}: "${String(value)}" must be true or false`);
    return String(value) === 'true';
  }

  list(name: string): string[] {
    const { value } = this.raw(name);
    const parts = Array.isArray(value) ? value.map(String) : String(value ?? '').split(',');
    return parts.map((part) => part.trim()).filter((part) => part !== '');
  }

  /** A list of whole numbers. */
  wholes(name: string): number[] {
    const { from } = this.raw(name);
    return this.list(name).map((part) => this.#wholeIn(part, from, this.#known(name)));
  }

  /** One of these words. */
  word<W extends string>(name: string, words: readonly W[], fallback: W): W {
    const { value, from } = this.raw(name);
    const found = words.find((word) => word === String(value));
    if (found === undefined)
      this.#problems.push(`${from}: "${String(value)}" must be one of ${words.join(', ')}`);
    return found ?? fallback;
  }

  #known(name: string): Setting {
    const known = this.#settings.find((candidate) => candidate.name === name);
    if (known === undefined) throw new Error(`no setting ${name}`);
    return known;
  }

  #wholeIn(value: string, from: string, { least, most }: Setting): number {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most))
      this.#problems.push(`${from}: "${value}" must be a whole number from ${least} to ${most}`);
    return number;
  }
}

/** EX_USAGE and EX_CONFIG of sysexits.h: whoever starts a program by itself again need not, where it would only say the same. */
export const USAGE_EXIT = 64;
const CONFIGURATION_EXIT = 78;

/** Settings that cannot be used. `exitCode`: what the program ends with, which tells the command line from all else. */
export class BadConfiguration extends Error {
  readonly exitCode: number;
  constructor(problems: readonly string[], hint = '') {
    super(`bad configuration:\n  ${problems.join('\n  ')}${hint}`);
    this.name = 'BadConfiguration';
    const isUsage = problems.every((problem) => /^(?:unknown option|--)/.test(problem));
    this.exitCode = isUsage ? USAGE_EXIT : CONFIGURATION_EXIT;
  }
}

export const exitCodeOf = (error: unknown): number =>
  error instanceof BadConfiguration ? error.exitCode : 1;

/** @throws BadConfiguration with every mistake, one a line */
export function refuseMistakes(problems: readonly string[], settings: readonly Setting[] = []): void {
  if (problems.length === 0) return;
  // An option that nobody knows is answered with those that there are.
  const isUnknown = settings.length > 0 && problems.some((problem) => problem.startsWith('unknown option'));
  const names = ['help', 'config', ...settings.map(({ name }) => name)].map((name) => `--${name}`);
  const hint = isUnknown ? `\nthe options are ${names.join(' ')}` : '';
  throw new BadConfiguration(problems, hint);
}
