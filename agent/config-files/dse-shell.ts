// /etc/default/dse (the workloads, the account) and dse-env.sh (log directories, the operator's own variables).
import { pointerTo } from '../../shared/errors.ts';
import type { RenderInput } from './render-input.ts';
import { account, count, oneLine, path, type ValueCheck } from './setting-values.ts';
import { checkKeys, refuse, settingsOf } from './settings.ts';
import { shellQuote, withBlockAtEnd, withBlockOnTop, withoutBlocks } from './shell-text.ts';

type Variables = Readonly<Record<string, { name: string; check: ValueCheck }>>;

const DEFAULT_VARIABLES: Variables = {
  'output-file': { name: 'OUTPUT_FILE', check: path },
  'wait-for-start': { name: 'WAIT_FOR_START', check: count },
  'wait-for-start-sleep': { name: 'WAIT_FOR_START_SLEEP', check: count },
  'cassandra-user': { name: 'CASSANDRA_USER', check: account },
  'cassandra-group': { name: 'CASSANDRA_GROUP', check: account },
};

const ENV_VARIABLES: Variables = {
  'dse-log-root': { name: 'DSE_LOG_ROOT', check: path },
  'cassandra-log-dir': { name: 'CASSANDRA_LOG_DIR', check: path },
};
const CUSTOM = 'custom-env-vars';
/** They change which program runs or how the shell reads its lines, not what DSE does. */
const DANGEROUS = /^(?:PATH|IFS|ENV|PS4|SHELLOPTS|LD_.*|BASH.*)$/;

function assignments(
  fileId: string,
  variables: Variables,
  input: RenderInput,
  more: string[] = [],
): string[] {
  const settings = settingsOf(input.profile, fileId);
  checkKeys(fileId, settings, [...Object.keys(variables), ...more]);
  return Object.entries(variables).flatMap(([key, { name, check }]) => {
    const value = settings.get(key) ?? null;
    return value === null ? [] : [`${name}=${shellQuote(check(value, pointerTo(fileId, key)))}`];
  });
}

const flag = (isOn: boolean): string => (isOn ? "'1'" : "'0'");

export function renderDseDefault(pristine: string, input: RenderInput): string {
  const { graph, solr, spark } = input.model.workloads;
  return withBlockAtEnd(withoutBlocks(pristine), [
    `GRAPH_ENABLED=${flag(graph)}`,
    `SOLR_ENABLED=${flag(solr)}`,
    `SPARK_ENABLED=${flag(spark)}`,
    ...assignments('dse-default', DEFAULT_VARIABLES, input),
  ]);
}

export function renderDseEnvSh(pristine: string, input: RenderInput): string {
  const fileId = 'dse-env-sh';
  const lines = assignments(fileId, ENV_VARIABLES, input, [CUSTOM]);
  const custom = settingsOf(input.profile, fileId).get(CUSTOM) ?? {};
  if (typeof custom !== 'object' || Array.isArray(custom)) {
    return refuse(pointerTo(fileId, CUSTOM), 'must be an object of names and text');
  }
  for (const [name, value] of Object.entries(custom)) {
    const pointer = pointerTo(fileId, CUSTOM, name);
    if (!/^[A-Z_][A-Z0-9_]{0,127}$/.test(name) || DANGEROUS.test(name)) {
      return refuse(pointer, 'is not a name that an environment variable may have here');
    }
    lines.push(`${name}=${shellQuote(oneLine(value, pointer))}`);
  }
  // on top: the file's last lines already start reading others that use these
  return withBlockOnTop(
    withoutBlocks(pristine),
    lines.map((line) => `export ${line}`),
  );
}
