// Where a database node serves by its configuration files: what counts in a run that writes none, or has put them back, whatever its profile says.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { FILES, pathOf } from '../config-files/files.ts';
import { layoutOf } from '../products/index.ts';
import { configDirectory } from './rendered-files.ts';
import type { Step, StepContext } from './step.ts';
import { looked } from './telling.ts';

export interface Serving {
  ports: RunInput['ports'];
  /** for encrypted clients alone; null: none */
  tlsPort: number | null;
  node: Pick<RunInput['node'], 'listenAddress' | 'broadcastAddress' | 'nativeTransportAddress'>;
}

/** Of a file that names none. */
const PORTS = { native: 9042, storage: 7000 };

const portOf = (value: unknown, otherwise: number): number => {
  const port = Number(value ?? otherwise);
  return Number.isInteger(port) ? port : otherwise;
};
const tlsPortOf = (value: unknown): number | null => {
  const port = Number(value ?? Number.NaN);
  return Number.isInteger(port) ? port : null;
};
const addressOf = (value: unknown, otherwise: string): string =>
  typeof value === 'string' ? value : otherwise;

/** @param texts of cassandra.yaml and cassandra-env.sh; where one is null, or cannot be read, it is as the model has it */
export async function servingBy(
  texts: { yaml: string | null; shell: string | null },
  { ports, node, profile }: RunInput,
): Promise<Serving> {
  const { shell } = texts;
  const { readYaml } = await import('../config-files/yaml-source.ts');
  const yaml = (() => {
    try {
      return texts.yaml === null ? null : readYaml(texts.yaml).values;
    } catch {
      return null;
    }
  })();
  const jmx = /^\s*JMX_PORT=["']?(\d+)/m.exec(shell ?? '')?.[1];
  const native = yaml?.['native_transport_address'] ?? yaml?.['rpc_address'];
  const broadcast = yaml?.['broadcast_address'];
  return {
    ports: {
      native: yaml === null ? ports.native : portOf(yaml['native_transport_port'], PORTS.native),
      storage: yaml === null ? ports.storage : portOf(yaml['storage_port'], PORTS.storage),
      jmx: portOf(jmx, ports.jmx),
    },
    tlsPort: tlsPortOf((yaml ?? profile['cassandra-yaml'])?.['native_transport_port_ssl']),
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

/** Looks once: the files may be edited while a run is under way, and its node was started with what they had. */
export const readServing: Step = {
  name: 'read-serving',
  async *run(context) {
    const { host, input } = context;
    const { directory: resource } = layoutOf(input);
    yield looked('serving', 'Reading where the database node serves by its configuration files', {
      resource,
    });
    try {
      const directory = await configDirectory(context);
      const files = FILES[input.product];
      const read = (file: (typeof files)['cassandra-yaml']): Promise<string | null> =>
        host.readText(posix.join(directory, pathOf(file, input.install.type)));
      const texts = {
        yaml: await read(files['cassandra-yaml']),
        shell: await read(files['cassandra-env-sh']),
      };
      const serving = await servingBy(texts, input);
      const [is, asked] = [words(serving), words(input)];
      const others = Object.keys(is).filter((name) => is[name] !== asked[name]);
      if (others.length > 0) {
        const told = others
          .map((name) => `${name} ${is[name]} (the profile makes it ${asked[name]})`)
          .join(', ');
        const message = `The configuration files have ${told}: the node goes by its files until it is configured`;
        yield looked('files-differ', message, { resource: directory });
      }
      return serving;
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      return null; // what is not there, or cannot be read, the steps that need it say
    }
  },
};

/**
 * The step, by what was read at the run's begin. Peers and coordinators know the node by the model's addresses, whatever name its
 * files have for them.
 */
export const byFiles = (step: Step): Step => ({
  ...step,
  async *run(context: StepContext) {
    const serving = (context.resultOf(readServing.name) ?? null) as Serving | null;
    if (serving === null) return yield* step.run(context);
    const { nativeTransportAddress } = serving.node;
    const node = { ...context.input.node, nativeTransportAddress };
    return yield* step.run({ ...context, input: asServing(context.input, { ...serving, node }) });
  },
});
