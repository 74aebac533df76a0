// The ports that a database node listens on, and who else has them.
import { StepFailed } from '../../shared/errors.ts';
import type { RunInput } from '../../shared/run-input.ts';
import type { PortHolder, ProcessId } from '../host/host.ts';
import { layoutOf } from '../products/index.ts';
import type { StepContext } from './step.ts';
import { until } from './waiting.ts';

/** The kernel may take a moment to close what a process held that has just ended. */
const PORTS_FREE_MS = 5_000;
const POLL_MS = 20;

interface NodePort {
  name: string;
  address: string;
  port: number;
}

function portsOf({ ports, node, profile }: RunInput): NodePort[] {
  const secure = Number(profile['cassandra-yaml']?.['native_transport_port_ssl'] ?? ports.native);
  return [
    { name: 'native transport', address: node.nativeTransportAddress, port: ports.native },
    ...(secure === ports.native || !Number.isInteger(secure)
      ? []
      : [{ name: 'native transport (TLS)', address: node.nativeTransportAddress, port: secure }]),
    { name: 'storage', address: node.listenAddress, port: ports.storage },
    { name: 'JMX', address: '127.0.0.1', port: ports.jmx },
  ];
}

/** @param andSo what follows for a node that runs; '' before a start */
function portInUse({ name, address, port }: NodePort, holder: PortHolder | null, andSo: string): StepFailed {
  const { pid, program } = holder ?? { pid: null, program: null };
  const who = pid === null ? 'another process' : `process ${pid}${program === null ? '' : ` (${program})`}`;
  return new StepFailed(
    'port-in-use',
    `The ${name} port ${port} of ${address} is taken by ${who}${andSo}. End that process, or give the node another port in its config profile`,
    { resource: String(port), detail: { address, port, pid, program } },
  );
}

/** A node that could not have its ports again, or those that it is to have from now on, is not stopped. @throws StepFailed `port-in-use` */
export async function checkPortsOfRunning({ host, input }: StepContext, running: ProcessId): Promise<void> {
  const own = { process: running, directory: layoutOf(input).directory };
  for (const at of portsOf(input)) {
    const holder = await host.portHolder(at.address, at.port, own);
    if (holder !== null) throw portInUse(at, holder, ', and not by the database node, which runs on');
  }
}

/** Before a start. @throws StepFailed `port-in-use` */
export async function checkPortsFree(context: StepContext): Promise<void> {
  const { host, input } = context;
  for (const at of portsOf(input)) {
    const isFree = async (): Promise<boolean> => !(await host.portTaken(at.address, at.port));
    if (await until(context, isFree, { everyMs: POLL_MS, withinMs: PORTS_FREE_MS })) continue;
    throw portInUse(at, await host.portHolder(at.address, at.port, null), '');
  }
}
