// Puts back the configuration files as they were before this run, once the database node has not come back with those that it wrote.
import type { RunInput } from '../../shared/run-input.ts';
import { layoutOf } from '../products/index.ts';
import { readPushed, stateOf } from './pushed-files.ts';
import { digestOf, shownChange } from './rendered-files.ts';
import { type Replaced, readReplaced } from './replaced-files.ts';
import { type WrittenConfig, writtenConfig } from './restart-need.ts';
import { isReverting, type Step, type StepContext } from './step.ts';
import { changed, looked, milestone } from './telling.ts';

/**
 * Where a node that does not come back may owe that to its files. One that answers is not among them, whatever its peers see: it
 * would be stopped a second time without leave, and the one that is down may be a peer.
 */
const COMING_BACK = new Set(['start-node', 'await-native-port']);

/** Where the node answers with the files that were put back. */
export interface RevertedConfig extends WrittenConfig {
  ports: RunInput['ports'];
  /** for encrypted clients alone; null: none */
  tlsPort: number | null;
  node: Pick<RunInput['node'], 'listenAddress' | 'broadcastAddress' | 'nativeTransportAddress'>;
}

export const revertedConfig = ({ resultOf }: Pick<StepContext, 'resultOf'>): RevertedConfig | null =>
  (resultOf('revert-config-files') ?? null) as RevertedConfig | null;

/** The run's input, and once its files were put back what they make of that: where the node answers with these. */
export function asReverted(input: RunInput, context: Pick<StepContext, 'resultOf'>): RunInput {
  const reverted = revertedConfig(context);
  if (reverted === null) return input;
  const { ports, tlsPort, node } = reverted;
  const yaml = { ...input.profile['cassandra-yaml'], native_transport_port_ssl: tlsPort };
  return {
    ...input,
    ports,
    node: { ...input.node, ...node },
    profile: { ...input.profile, 'cassandra-yaml': yaml },
  };
}

/** Whether a run goes back that has failed at this step: the node does not come back, and may do so with the files that there were. */
export function isRevertDue(input: RunInput, step: string, context: Pick<StepContext, 'resultOf'>): boolean {
  if (!isReverting(input) || !COMING_BACK.has(step)) return false;
  return (writtenConfig(context)?.changed.length ?? 0) > 0;
}

/** Of a file that names none. */
const PORTS = { native: 9042, storage: 7000, jmx: 7199 };

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

/** By the files that were there before; where one was not ours, or cannot be read, as the model has it. */
async function whereWith(
  { configs }: Replaced,
  { ports, node, profile }: RunInput,
): Promise<Pick<RevertedConfig, 'ports' | 'tlsPort' | 'node'>> {
  const textOf = (name: string) => configs.find(({ path }) => path.endsWith(`/${name}`))?.text ?? null;
  const [yamlText, shell] = [textOf('cassandra.yaml'), textOf('cassandra-env.sh')];
  const { readYaml } = await import('../config-files/yaml-source.ts');
  const yaml = (() => {
    try {
      return yamlText === null ? null : readYaml(yamlText).values;
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
      jmx: shell === null ? ports.jmx : portOf(jmx, PORTS.jmx),
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

async function putBack({ host }: StepContext, path: string, text: string | null): Promise<void> {
  if (text === null) await host.remove(path);
  else await host.replaceText(path, text, 0o640); // with the rights that it has now: never more than it had
}

export const revertConfigFiles: Step = {
  name: 'revert-config-files',
  isAfterFailure: true,
  async *run(context) {
    const { host, input } = context;
    const { home: resource, pushed: pushedFile, ofCluster } = layoutOf(input);
    yield looked('config-files', 'Putting the configuration files back as they were before this run', {
      resource,
    });
    const replaced = await readReplaced(context);
    const back: string[] = [];
    // By what this run wrote, not by what is put back here: of a revert that is taken up again all files are told.
    const written = writtenConfig(context)?.changed ?? [];
    for (const { path, text } of replaced.configs) {
      if (!written.includes(path)) continue;
      back.push(path);
      const old = await host.readText(path);
      if (old === text) continue;
      await putBack(context, path, text);
      yield changed('file-contents', text === null ? `Removed ${path}` : `Put ${path} back`, {
        resource: path,
        ...(await shownChange(path, old, text ?? '')),
      });
    }
    await putBack(context, pushedFile, replaced.own.pushed);
    await putBack(context, ofCluster, replaced.own.ofCluster);
    const pushed = await readPushed(context);
    const states = replaced.configs.map(({ path, text }) => stateOf(pushed, path, text, back.includes(path)));
    const count = `Put ${back.length} configuration ${back.length === 1 ? 'file' : 'files'} back as before this run`;
    yield milestone('config-files-reverted', count, false, {
      resource,
      after: { files: back, 'checked-on': new Date(host.nowMs()).toISOString(), states },
    });
    const there = replaced.configs.map(({ path, text }) => ({ path, text: text ?? '' }));
    const where = await whereWith(replaced, input);
    return { changed: back, digest: digestOf(there), ...where } satisfies RevertedConfig;
  },
};

/** The last that a run tells which went back. */
export const tellReverted: Step = {
  name: 'tell-reverted',
  isAfterFailure: true,
  async *run(context) {
    const files = revertedConfig(context)?.changed ?? [];
    yield milestone(
      'node-reverted',
      'The database node is back with the configuration of before this run',
      false,
      {
        resource: layoutOf(context.input).directory,
        after: { files },
      },
    );
  },
};
