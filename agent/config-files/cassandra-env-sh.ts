// cassandra-env.sh: heap and JMX port where its own lines see them, further JVM options at its end.
import { pointerTo } from '../../shared/errors.ts';
import type { RenderInput } from './render-input.ts';
import { count, jvmOptionList, path, port, size, type ValueCheck } from './setting-values.ts';
import { checkKeys, refuse, settingsOf } from './settings.ts';
import { shellQuote, withBlockAtEnd, withBlockOnTop, withoutBlocks } from './shell-text.ts';

const FILE = 'cassandra-env-sh';

interface Variable {
  name: string;
  check: ValueCheck;
  isExported?: true;
}

const VARIABLES: Readonly<Record<string, Variable>> = {
  'jmx-port': { name: 'JMX_PORT', check: port },
  'max-heap-size': { name: 'MAX_HEAP_SIZE', check: size },
  MAX_HEAP_SIZE: { name: 'MAX_HEAP_SIZE', check: size },
  'heap-newsize': { name: 'HEAP_NEWSIZE', check: size },
  HEAP_NEWSIZE: { name: 'HEAP_NEWSIZE', check: size },
  'malloc-arena-max': { name: 'MALLOC_ARENA_MAX', check: count, isExported: true },
  'heap-dump-dir': { name: 'CASSANDRA_HEAPDUMP_DIR', check: path, isExported: true },
};
const OPTION_LISTS = ['jvm-opts', 'jvm-extra-opts', 'additional-jvm-opts'];

/**
 * Assignments of the file's own that stand after our block and would undo it. Those of the heap are indented only
 * inside the function that works out a default, which does not run once the heap is given; JMX_PORT's are edited
 * wherever they stand.
 */
function editAssignments(text: string, name: string, value: string): string {
  const indent = name === 'JMX_PORT' ? '[ \\t]*' : '';
  const old = `(?:"[^"\\n]*"|'[^'\\n]*'|[^\\s;#]*)`;
  const end = '(?=[ \\t]*\\r?$|[ \\t]*;|[ \\t]+#)';
  const assignment = new RegExp(`^(${indent}(?:export[ \\t]+)?${name}=)${old}${end}`, 'gm');
  return text.replace(assignment, (_, head: string) => head + shellQuote(value));
}

export function renderCassandraEnvSh(pristine: string, input: RenderInput): string {
  const settings = settingsOf(input.profile, FILE);
  checkKeys(FILE, settings, [...Object.keys(VARIABLES), ...OPTION_LISTS]);
  let text = withoutBlocks(pristine);
  const logs = shellQuote(path(input.model.directories.logs, '/model/directories/logs'));
  // the environment of the start wins: whoever starts the node may know a better place
  const top = [`if [ -z "$CASSANDRA_LOG_DIR" ]; then CASSANDRA_LOG_DIR=${logs}; fi`];
  const end: string[] = [];
  const seen = new Set<string>();
  for (const [key, value] of settings) {
    if (value === null) continue; // as if it were not there: the pristine file's own
    const variable = Object.hasOwn(VARIABLES, key) ? VARIABLES[key] : undefined;
    if (variable === undefined) {
      // not one quoted word inside another: what java gets must have no quotes around it
      for (const option of jvmOptionList(value, FILE, key))
        end.push(`JVM_OPTS="$JVM_OPTS "${shellQuote(option)}`);
      continue;
    }
    if (seen.has(variable.name)) return refuse(pointerTo(FILE, key), `sets ${variable.name} a second time`);
    seen.add(variable.name);
    const checked = variable.check(value, pointerTo(FILE, key));
    top.push(`${variable.isExported ? 'export ' : ''}${variable.name}=${shellQuote(checked)}`);
    text = editAssignments(text, variable.name, checked);
  }
  return withBlockAtEnd(withBlockOnTop(text, top), end);
}
