// Under which names and addresses agents find this coordinator: in its certificate, and as they are told at enrolment.
import { networkInterfaces } from 'node:os';
import { COORDINATOR_NAME } from '../shared/wire/service.ts';
import type { Config } from './config.ts';

/** A certificate of reasonable size. */
const MOST_NAMES = 100;

const localAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ address, scopeid }) => !address.includes('%') && (scopeid ?? 0) === 0)
    .map(({ address }) => address);

type Named = Pick<Config, 'agentAddresses' | 'grpcHost'>;

export function certificateNames({ agentAddresses }: Named): string[] {
  const names = agentAddresses.length > 0 ? agentAddresses : localAddresses();
  return [...new Set([COORDINATOR_NAME, 'localhost', '127.0.0.1', ...names])].slice(0, MOST_NAMES);
}

/**
 * Those told to agents. Loopback only where nothing else is listened on: an agent elsewhere would dial its own host.
 * @param local the addresses of this machine
 */
export function reachableHosts({ agentAddresses, grpcHost }: Named, local = localAddresses()): string[] {
  if (agentAddresses.length > 0) return agentAddresses;
  if (grpcHost !== '0.0.0.0') return [grpcHost];
  const outward = local.filter((address) => !address.startsWith('127.') && !address.includes(':'));
  return outward.length > 0 ? outward : ['127.0.0.1'];
}
