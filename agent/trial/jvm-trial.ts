// Which options a JVM would be given by the rendered files, and which of them may be tried beside a database that runs.
import { maskSecrets } from '../../shared/mask.ts';
import { isSecretName } from '../../shared/secret-settings.ts';

/** One word of the JVM's command line, and the file that it stands in. */
export interface JvmOption {
  option: string;
  path: string;
}

interface TextFile {
  fileId: string;
  path: string;
  text: string;
}

/** Our own lines in cassandra-env.sh: those of its own have variables in them, and conditions around them. */
const ENV_OPTION = /^JVM_OPTS="\$JVM_OPTS "'([^']*)'$/;
const ENV_HEAP = /^MAX_HEAP_SIZE=["']?(\d+[kKmMgG]?)["']?\s*$/m;

/** As the start script picks it: that of the newest Java which is not newer than this one. */
function ofJava(files: readonly TextFile[], major: number): TextFile | undefined {
  const javaOf = ({ fileId }: TextFile): number => Number(/^jvm(\d+)-/.exec(fileId)?.[1] ?? Number.NaN);
  return files.filter((file) => javaOf(file) <= major).sort((a, b) => javaOf(b) - javaOf(a))[0];
}

/** In the order in which the start script has them. @param major of the Java that starts the node */
export function jvmOptionsOf(files: readonly TextFile[], major: number): JvmOption[] {
  const ofServer = files.filter(({ fileId }) => fileId === 'jvm-server-options');
  // 3.x alone reads the other, which an upgrade may have left where it was
  const common = ofServer.length > 0 ? ofServer : files.filter(({ fileId }) => fileId === 'jvm-options');
  const own = ofJava(files, major);
  const found: JvmOption[] = [];
  for (const { path, text } of own === undefined ? common : [...common, own])
    for (const line of text.split('\n'))
      if (line.startsWith('-')) for (const option of line.trim().split(/\s+/)) found.push({ option, path });
  for (const { fileId, path, text } of files)
    if (fileId === 'cassandra-env-sh')
      for (const line of text.split('\n')) {
        const option = ENV_OPTION.exec(line)?.[1];
        if (option !== undefined) found.push({ option, path });
      }
  return found;
}

/** What the node's heap may grow to, as -Xmx has it; null: the files leave that to the start script. */
export function mostHeapOf(files: readonly TextFile[], options: readonly JvmOption[]): string | null {
  const given = options.findLast(({ option }) => /^-Xmx\d+[kKmMgGtT]?$/.test(option));
  if (given !== undefined) return given.option.slice('-Xmx'.length);
  const env = files.find(({ fileId }) => fileId === 'cassandra-env-sh');
  return ENV_HEAP.exec(env?.text ?? '')?.[1] ?? null;
}

/** Sizes, switches, and numbers or words: nothing that could be a path, a command or a list. */
const MAY_BE_TRIED = /^-X(?:m[snx]|ss)\w+$|^-XX:(?:[+-]\w+|\w+=[\w.%]+)$/;
/** Of these the ones that write files, run commands, wait for somebody, or take memory at once. */
const LEFT_OUT =
  /^-XX:[+-]?(?:On|\w*(?:Log|Dump|Flight|Record|Archive|Shared|File|Flags|Path|Command|Perf|Print|Trace|PauseAt|MessageBox|Replay|CRaC|Checkpoint|PreTouch|LargePages|Crash|NativeMemory))/;

export const triedOptions = (options: readonly JvmOption[]): JvmOption[] =>
  options.filter(({ option }) => MAY_BE_TRIED.test(option) && !LEFT_OUT.test(option));

/** Last, so that they win: the heap stays untouched, and no file of the JVM's own is made. */
export const HARMLESS = ['-Xms8m', '-XX:-AlwaysPreTouch', '-XX:-UseLargePages', '-XX:-UsePerfData'] as const;

const PROPERTY = /^-D([^=]+)/;
/** Of JMX, which the trial has not, and those that it sets itself. */
const OF_THE_NODE =
  /^(?:com\.sun\.management|cassandra\.jmx)\b|^(?:cassandra\.(?:config|logdir|storagedir)|logback\.configurationFile|java\.io\.tmpdir|jna\.tmpdir)$/;

const isSecret = (word: string, name: string, secrets: readonly string[]): boolean =>
  isSecretName(name) || maskSecrets(word) !== word || secrets.some((secret) => word.includes(secret));

/** Names of properties that the node has and the trial has not: a command line is seen by everybody. And by which another file is loaded, or in another way. */
export function missedProperties(options: readonly JvmOption[], secrets: readonly string[]): string[] {
  return options.flatMap(({ option }) => {
    const name = PROPERTY.exec(option)?.[1];
    if (name === undefined) return [];
    const isMissed =
      /^cassandra\.config(?:\.loader)?$/.test(name) ||
      (!OF_THE_NODE.test(name) && isSecret(option, name, secrets));
    return isMissed ? [name] : [];
  });
}

/**
 * Names of what a start script may give the node by lines of its own: below conditions, and with variables, so that the trial has
 * them not. Without those of the JVM itself, and those that are given anyway.
 */
export function scriptedProperties(shell: string, options: readonly JvmOption[]): string[] {
  const known = new Set(options.map(({ option }) => PROPERTY.exec(option)?.[1]));
  const lines = shell.split('\n').filter((line) => !/^\s*#/.test(line));
  const names = lines.flatMap((line) => [
    ...[...line.matchAll(/(?<![\w-])-D([\w.-]+)/g)].map(([, name = '']) => name),
    // read from another directory, by other files
    ...(/^\s*(?:export\s+)?CASSANDRA_CONF=/.test(line) ? ['CASSANDRA_CONF'] : []),
  ]);
  const isOthers = (name: string): boolean =>
    name.startsWith('java.') || known.has(name) || (OF_THE_NODE.test(name) && name !== 'cassandra.config');
  return [...new Set(names)].filter((name) => !isOthers(name));
}

const UNLOCKS = /-XX:[+-](?:IgnoreUnrecognizedVMOptions|Unlock\w+)/g;
const ASSIGNMENT = /(?<![\w$])JVM_OPTS=([^;]*)/g;
const OPTIONS_BEFORE = /\$(?:JVM_OPTS\b|\{JVM_OPTS\})/;

/** What it was before stands in it as it is: at the begin, or where nothing is worked out. */
const addsTo = (value: string): boolean =>
  OPTIONS_BEFORE.exec(value.replace(/^["']/, ''))?.index === 0 ||
  (OPTIONS_BEFORE.test(value) && !/`|\$\(/.test(value));

/** Whether a start script may give the JVM, by lines of its own, what has it take options that it else refuses, or take some away. */
export function scriptsJvm(shell: string, options: readonly JvmOption[]): boolean {
  const known = new Set(options.map(({ option }) => option));
  const lines = shell.split('\n').filter((line) => !/^\s*#/.test(line));
  return lines.some(
    (line) =>
      [...line.matchAll(ASSIGNMENT)].some(([, value = '']) => !addsTo(value)) ||
      (line.match(UNLOCKS) ?? []).some((option) => !known.has(option)),
  );
}

/** What a JVM needs to run the database's classes at all, and the properties that these, or an operator's own, may read. */
export function loadingOptions(options: readonly JvmOption[], secrets: readonly string[]): string[] {
  const words = options.map(({ option }) => option);
  return words.flatMap((word, at) => {
    if (/^--add-(?:exports|opens|modules|reads)=/.test(word)) return [word];
    if (/^--add-(?:exports|opens|modules|reads)$/.test(word)) return [`${word}=${words[at + 1] ?? ''}`];
    const name = PROPERTY.exec(word)?.[1];
    return name === undefined || OF_THE_NODE.test(name) || isSecret(word, name, secrets) ? [] : [word];
  });
}
