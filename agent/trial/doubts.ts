// Where a refusal may come from what a trial lacks of its node, and so is none.
import { readYaml } from '../config-files/yaml-source.ts';

/** What a trial knows of its node, and what it lacks. */
export interface Likeness {
  /** whether its Java and class path are the node's, beyond doubt */
  isCertain: boolean;
  /** whether the class path is that of what runs, with what only its start script adds */
  hasNodesClassPath: boolean;
  /** started by a service manager: where relative paths count from, and which groups it has besides, is not known then */
  isService: boolean;
  /** properties that the node has, and the trial has not */
  missed: readonly string[];
}

/** What another class path, another user or another directory may mend. */
const LACKS =
  /Unable to (?:find (?!enum|property)|locate|load)|ClassNotFound|NoClassDefFound|[Cc]lass not found|Permission denied|AccessDenied|No such file|NoSuchFile|FileNotFound|system property|-D\w/;
const LACKS_FILE = /No such file|NoSuchFile|FileNotFound/;
const LACKS_RIGHTS = /Permission denied|AccessDenied/;
const LACKS_CLASS = /(?:Unable to find (?:[\w ]+ )?class |ClassNotFoundException: )["']?([\w.$]+)/g;

/** As Java names a class: packages, then a word with a capital letter, which a host's name has not. */
const CLASS = /^(?:[A-Za-z_$][\w$]*\.)+[A-Z_$][\w$]*$/;

/** Every text that stands in it, at any depth. */
const textsIn = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];

const isOwnClass = (text: string): boolean => CLASS.test(text) && !text.startsWith('org.apache.cassandra.');

/**
 * The operator's own classes may read whatever only the node has: files, variables, properties, agents. That such a class is not to
 * be found is beyond doubt all the same where the class path is; a service may be given another for its next start.
 * @param yaml as it is loaded
 * @param said as it was: none of it is in what is returned
 * @returns why the refusal is not to be believed; null: it is the node's own
 */
export function doubtOf(
  yaml: string,
  said: string,
  { isCertain, hasNodesClassPath, isService, missed }: Likeness,
): string | null {
  if (!isCertain && LACKS.test(said))
    return 'with which Java and class path, and as which user, the node starts is not certain';
  if (isService && LACKS_FILE.test(said)) return 'where its service counts relative paths from is not known';
  if (isService && LACKS_RIGHTS.test(said)) return 'which groups its service has besides is not known';
  const texts = textsIn(readYaml(yaml).values);
  const own = texts.filter(isOwnClass);
  if (own.length === 0 && missed.length === 0) return null;
  const isNamed = (name: string): boolean => texts.some((text) => text === name || name.endsWith(`.${text}`));
  const isWhole = isCertain && hasNodesClassPath && !isService;
  if (isWhole && [...said.matchAll(LACKS_CLASS)].some(([, name = '']) => isNamed(name))) return null;
  const what = own.length === 0 ? missed : own;
  return `${[...new Set(what)].join(', ')} may have more in the node than where this was tried`;
}
