// Where a database node serves by its configuration files: what counts in a run that writes none, or has put them back, whatever its profile says.
import { posix } from 'node:path';
import type { Product } from '../../shared/config-files.ts';
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { type ConfigFile, FILES, filesOf, pathOf } from '../config-files/files.ts';
import { layoutOf } from '../products/index.ts';
import { configDirectory } from './rendered-files.ts';
import type { Step, StepContext } from './step.ts';
import { stopNativeTransport } from './stop-native-transport.ts';
import { looked } from './telling.ts';

export interface Serving {
  ports: RunInput['ports'];
  /** for encrypted clients alone; null: none */
  tlsPort: number | null;
  node: Pick<RunInput['node'], 'listenAddress' | 'broadcastAddress' | 'nativeTransportAddress'>;
}

/** Of a file that names none. */
const PORTS = { native: 9042, storage: 7000 };

/** @returns null for what no port can be: the node would not start with it, which it says itself */
function portIn(value: unknown): number | null {
  const port = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null;
}
const addressOf = (value: unknown, otherwise: string): string =>
  typeof value === 'string' ? value : otherwise;

/** Of the hundreds of lines of a cassandra.yaml only these are taken apart: every restart waits for it. */
const OWN_KEYS =
  /^(?:(?:native_transport|listen|broadcast|rpc)_address|native_transport_port(?:_ssl)?|storage_port)[ \t]*:.*(?:\r?\n[ \t]+.*)*/gm;

/** @param texts of cassandra.yaml and cassandra-env.sh; where one is null, or cannot be read, it is as the model has it */
export async function servingBy(
  texts: { yaml: string | null; shell: string | null },
  { ports, node, profile }: RunInput,
): Promise<Serving> {
  const { shell } = texts;
  const { readYaml } = await import('../config-files/yaml-source.ts');
  const yaml = (() => {
    try {
      return texts.yaml === null ? null : readYaml((texts.yaml.match(OWN_KEYS) ?? []).join('\n')).values;
    } catch {
      return null;
    }
  })();
  const jmx = /^\s*(?:export\s+)?JMX_PORT=["']?(\d+)/m.exec(shell ?? '')?.[1];
  const own = (name: string, unsaid: number): number => portIn(yaml?.[name] ?? unsaid) ?? unsaid;
  const native = yaml?.['native_transport_address'] ?? yaml?.['rpc_address'];
  const broadcast = yaml?.['broadcast_address'];
  return {
    ports: {
      native: yaml === null ? ports.native : own('native_transport_port', PORTS.native),
      storage: yaml === null ? ports.storage : own('storage_port', PORTS.storage),
      jmx: portIn(jmx) ?? ports.jmx,
    },
    tlsPort: portIn((yaml ?? profile['cassandra-yaml'])?.['native_transport_port_ssl']),
    node: {
      listenAddress: addressOf(yaml?.['listen_address'], node.listenAddress),
      broadcastAddress:
        yaml === null ? node.broadcastAddress : typeof broadcast === 'string' ? broadcast : null,
      nativeTransportAddress: addressOf(native, node.nativeTransportAddress),
    },
  };
}

export function asServing(input: RunInput, { ports, tlsPort, node }: Serving): RunInput {
  const yaml = { ...input.profile['cassandra-yaml'], native_transport_port_ssl: tlsPort };
  return {
    ...input,
    ports,
    node: { ...input.node, ...node },
    profile: { ...input.profile, 'cassandra-yaml': yaml },
  };
}

/** In the words of the files. */
const words = ({ ports, node }: Pick<Serving, 'ports' | 'node'>): Readonly<Record<string, string>> => ({
  native_transport_port: String(ports.native),
  storage_port: String(ports.storage),
  JMX_PORT: String(ports.jmx),
  native_transport_address: node.nativeTransportAddress,
});

/** By what a node is told to read another file; DSE always has a loader of its own. */
const ELSEWHERE = {
  cassandra: /^-Dcassandra\.config(?:\.loader)?=/,
  dse: /^-Dcassandra\.config=/,
} as const satisfies Record<Product, RegExp>;

async function wordsOfRunning({ host, input }: StepContext): Promise<readonly string[] | null> {
  const running = await host.findCassandra(layoutOf(input).directory);
  return running === null ? null : ((await host.programOf(running))?.words ?? null);
}

async function isReadFrom(context: StepContext, directories: readonly string[]): Promise<boolean> {
  const { input } = context;
  const words = await wordsOfRunning(context);
  if (words === null) return true;
  if (words.some((word) => ELSEWHERE[input.product].test(word))) return false;
  // as the start script of a tarball has them: below bin/..
  const paths = words.flatMap((word) => word.split(':')).map((path) => posix.normalize(path));
  return paths.some((path) => directories.includes(path));
}

/**
 * Whether the node that runs reads the files of this layout; one that does not run will.
 * @param real the configuration directory that is there; null: none is
 */
export async function readsFilesThere(context: StepContext, real: string | null): Promise<boolean> {
  const { product, install } = context.input;
  const directories = [...layoutOf(context.input).configs, ...(real === null ? [] : [real])];
  const file = pathOf(FILES[product]['cassandra-yaml'], install.type);
  return await isReadFrom(
    context,
    directories.map((below) => posix.dirname(posix.join(below, file))),
  );
}

const START_SCRIPT = 'cassandra.in.sh';

/** Without lines that are comments; '' of a file that is not there, or cannot be read. */
async function saysIn({ host }: StepContext, path: string): Promise<string> {
  const text = await host.readText(path).catch((cause: unknown) => {
    if (cause instanceof StepFailed) return null;
    throw cause;
  });
  return (text ?? '').replaceAll(/^\s*#.*$/gm, '');
}

/** What counts only where the variable is not set, and we set it: as the stock script has it, wherever that leads. */
const UNLESS_SET = /^\s*if\s+\[.*CASSANDRA_CONF[\s\S]*?^\s*fi\b.*$/gm;
const OTHER_CONF =
  /^\s*(?:export\s+)?CASSANDRA_CONF=(?!"?(?:\$\{?CASSANDRA_HOME\}?\/conf|\$\{CASSANDRA_CONF:?[-=].*\})"?\s*$)/m;

/** Whether the start script of a tarball has its next node read another directory, whatever it is told and runs with now. */
export async function startsElsewhere(context: StepContext): Promise<boolean> {
  const { service, launcher } = layoutOf(context.input);
  if (service !== null) return false;
  const text = await saysIn(context, posix.join(posix.dirname(launcher), START_SCRIPT));
  return OTHER_CONF.test(text.replaceAll(UNLESS_SET, ''));
}

/**
 * Of a node that reads others: whether it has those of this layout once it is started next. One that we start does, unless what
 * it was told to read instead stands where that is read at every start.
 * @param real as of `readsFilesThere`
 */
export async function willReadFilesThere(context: StepContext, real: string | null): Promise<boolean> {
  const { product, install } = context.input;
  const { service, launcher } = layoutOf(context.input);
  if (service !== null) return false;
  const words = (await wordsOfRunning(context)) ?? [];
  const told = words
    .filter((word) => ELSEWHERE[product].test(word))
    .map((word) => word.split('=', 1)[0] ?? '');
  if (told.length === 0) return true;
  const below =
    real === null ? [] : filesOf(product).map(([, file]) => posix.join(real, pathOf(file, install.type)));
  for (const path of [...below, posix.join(posix.dirname(launcher), START_SCRIPT)]) {
    const text = await saysIn(context, path);
    if (told.some((word) => text.includes(`${word}=`))) return false;
  }
  return true;
}

async function* serving(context: StepContext): AsyncGenerator<StepEvent, Serving | null, void> {
  const { host, input } = context;
  const { directory } = layoutOf(input);
  yield looked('serving', 'Reading where the database node serves by its configuration files', {
    resource: directory,
  });
  const real = await configDirectory(context).catch((cause: unknown) => {
    if (cause instanceof StepFailed) return null; // the steps that need it say that it is not there
    throw cause;
  });
  const { 'cassandra-yaml': yaml, 'cassandra-env-sh': shell } = FILES[input.product];
  const pathIn = (below: string, file: ConfigFile): string =>
    posix.join(below, pathOf(file, input.install.type));
  if (real === null || !(await readsFilesThere(context, real))) return null;
  const texts: (string | null)[] = [];
  for (const file of [yaml, shell])
    try {
      texts.push(await host.readText(pathIn(real, file)));
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      texts.push(null);
      const message = `${error.message}: that the node serves where its profile says is taken for granted`;
      yield looked('files-unread', message, { resource: pathIn(real, file) });
    }
  const found = await servingBy({ yaml: texts[0] ?? null, shell: texts[1] ?? null }, input);
  const [is, asked] = [words(found), words(input)];
  const others = Object.keys(is).filter((name) => is[name] !== asked[name]);
  if (others.length > 0) {
    const told = others.map((name) => `${name} ${is[name]} (the profile makes it ${asked[name]})`).join(', ');
    yield looked('files-differ', `The configuration files have ${told}: the node goes by its files`, {
      resource: real,
    });
  }
  return found;
}

/** For the looks before leave is asked for. */
export const readServing: Step = { name: 'read-serving', run: serving };
/** Leave may have taken hours to come, and the files be edited meanwhile. */
export const readServingAgain: Step = {
  name: 'read-serving-again',
  goodUntil: stopNativeTransport.name,
  run: serving,
};

/**
 * The step, by what was read last. Peers and coordinators know the node by the model's addresses, whatever name its files have for
 * them.
 */
export const byFiles = (step: Step): Step => ({
  ...step,
  async *run(context: StepContext) {
    const { input, resultOf } = context;
    const read = (resultOf(readServingAgain.name) ?? resultOf(readServing.name) ?? null) as Serving | null;
    if (read === null) return yield* step.run(context);
    const node = { ...input.node, nativeTransportAddress: read.node.nativeTransportAddress };
    return yield* step.run({ ...context, input: asServing(input, { ...read, node }) });
  },
});
