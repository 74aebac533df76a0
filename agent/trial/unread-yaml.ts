// A cassandra.yaml that we cannot take apart, and so cannot move away from its node: whether its own version can read it at all.

import { InvalidInput } from '../../shared/errors.ts';
import { readYaml } from '../config-files/yaml-source.ts';

/** No version has it. */
export const STRANGE_KEY = 'ringmaster_tries_whether_this_is_read';

/** null: we can */
export function whyUnread(yaml: string): string | null {
  try {
    readYaml(yaml);
    return null;
  } catch (cause) {
    if (!(cause instanceof InvalidInput)) throw cause;
    const [problem] = cause.problems;
    return `its cassandra.yaml cannot be taken apart here: ${problem?.message ?? cause.message}`;
  }
}

/**
 * Cassandra looks at keys once it has read all of the file, and before it makes a directory: with this one more it either refuses
 * the file for itself, or this key. At the depth of the first key, where any other would be an error of ours.
 * @returns null where no key may follow: after the end of a document, or a mapping in braces
 */
export function withStrangeKey(yaml: string): string | null {
  const depth = /^( *)[^\s#%]/m.exec(yaml.replaceAll(/^---.*$/gm, ''))?.[1] ?? '';
  if (/^(?:\.\.\.|\s*\{)/m.test(yaml)) return null;
  return `${yaml}\n${depth}${STRANGE_KEY}: true\n`;
}
