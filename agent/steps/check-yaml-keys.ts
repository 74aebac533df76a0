// Refuses keys of cassandra.yaml that the installed version does not know, before anything is written or stopped.
import { pointerTo, StepFailed } from '../../shared/errors.ts';
import { nearestWord } from '../../shared/nearest-word.ts';
import { classStrings } from '../config-files/class-strings.ts';
import { isManaged } from '../config-files/files.ts';
import { settingsOf } from '../config-files/settings.ts';
import { databaseJarOf } from './database-jar.ts';
import type { StepContext } from './step.ts';

const FILE = 'cassandra-yaml';
const CONFIG_CLASS = 'org/apache/cassandra/config/Config.class';

/**
 * The words of the class that Cassandra reads its yaml into: every key it takes is one of its fields, or the old name in
 * a field's annotation. The pristine file would not do: it leaves out dozens of keys that are good. A few words more (of
 * methods) are in it; of those the node itself says that it knows them not.
 * @returns null when it is not to be found: then the node is left to judge
 */
async function wordsOfConfig(
  { host, input }: StepContext,
  root: string,
): Promise<ReadonlySet<string> | null> {
  const jar = await databaseJarOf(host, input, root);
  if (jar === null) return null;
  const bytes = await host.zipEntry(jar.path, CONFIG_CLASS);
  return bytes === null ? null : classStrings(bytes);
}

/**
 * @param root what takes the place of / where this version is not installed yet
 * @throws StepFailed `config-invalid` that names each unknown key, and the known one that is nearest to it
 */
export async function checkYamlKeys(context: StepContext, root = '/'): Promise<void> {
  const { profile, version, product } = context.input;
  if (!isManaged(FILE, profile)) return;
  const settings = [...settingsOf(profile, FILE)];
  // null takes a key out; `memtable.heap_space` sets a part of `memtable`
  const keys = settings.flatMap(([key, value]) => (value === null ? [] : [key]));
  if (keys.length === 0) return;
  const words = await wordsOfConfig(context, root);
  if (words === null) return;
  const known = [...words].filter((word) => /^[a-z][a-z0-9_]*$/.test(word));
  const problems = keys
    .filter((key) => !words.has(key.split('.')[0] ?? ''))
    .map((key) => {
      const near = nearestWord(key, known);
      const hint = near === null ? '' : `; did you mean ${near}?`;
      return { pointer: pointerTo(FILE, key), message: `is no setting of ${product} ${version}${hint}` };
    });
  if (problems.length === 0) return;
  const told = problems.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
  throw new StepFailed('config-invalid', `The configuration cannot be used: ${told}`, {
    resource: FILE,
    detail: { problems },
  });
}
