// What a job is to work on, by name: a cluster, a datacenter or a node.
import type { Command } from 'commander';
import type { JobScope } from '../../shared/actions.ts';
import { CliFailure } from './exit.ts';
import { type Kind, kindOf } from './kinds.ts';
import type { Json } from './rest-client.ts';
import type { Session } from './session.ts';

const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });
const TARGETS: Readonly<Record<JobScope, string>> = {
  cluster: '--cluster NAME',
  datacenter: '--datacenter CLUSTER/DC',
  node: '--node CLUSTER/DC/NODE',
};

/** The fields that say it. */
export const TARGET_FIELDS = ['job-scope', 'resource-id'] as const;

/** What its records work on is said by name. */
export const hasTarget = ({ word }: Kind): boolean => word === 'schedule';

export function addTargetOptions(command: Command, scopes: readonly JobScope[]): void {
  if (scopes.includes('cluster')) command.option('--cluster <cluster>', 'all nodes of this cluster');
  command.option(
    '--datacenter <dc>',
    'the nodes of this datacenter: cluster/dc, or its name where that is enough',
  );
  command.option('--node <node>', 'this node: cluster/dc/node, or its name where that is enough');
}

/** @throws CliFailure usage unless exactly one is named; not-found */
export async function targetOf(session: Session, options: Json, scopes: readonly JobScope[]): Promise<Json> {
  const given = scopes.filter((scope) => options[scope] !== undefined);
  const [scope] = given;
  if (scope === undefined || given.length > 1)
    throw new CliFailure(
      'usage',
      `name one target: ${EITHER.format(scopes.map((scope) => TARGETS[scope]))}`,
      ['`ringmaster node list` shows what there is'],
    );
  const kind = kindOf(scope === 'datacenter' ? 'dc' : scope);
  const { id } = await session.names.find(kind, String(options[scope]));
  return { 'job-scope': scope, 'resource-id': id };
}
