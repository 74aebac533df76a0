// Has the running database node take a snapshot of all its tables before an upgrade stops it, where one was asked for, or to another series.
import { StepFailed } from '../../shared/errors.ts';
import { shortAddress } from '../../shared/short-address.ts';
import { seriesOf } from '../../shared/upgrade-step.ts';
import type { JmxNode } from '../host/jmx/cassandra-mbeans.ts';
import { layoutOf, ownNodeOf } from '../products/index.ts';
import type { Step, StepContext } from './step.ts';
import { looked, milestone } from './telling.ts';
import { dueUpgrade, isMajor, type Upgrade } from './upgrade-need.ts';
import { ticking } from './waiting.ts';

const JMX_MS = 10_000;
/** Hard links, yet memtables are flushed first. */
const SNAPSHOT_MS = 600_000;

interface Taken extends Upgrade {
  tag: string;
}

/** null: none, or one of another upgrade */
async function takenBefore({ host, input }: StepContext, { from, to }: Upgrade): Promise<Taken | null> {
  const text = await host.readText(layoutOf(input).snapshot);
  const taken = text === null ? null : (JSON.parse(text) as Taken); // replaced whole, by rename
  return taken?.from === from && taken.to === to ? taken : null;
}

/** Whether the series that runs is no longer the one from which the upgrade goes. */
async function runsLater({ input }: StepContext, node: JmxNode, { from }: Upgrade): Promise<boolean> {
  const { broadcastAddress, listenAddress } = input.node;
  const release = (await node.releases()).get(shortAddress(broadcastAddress ?? listenAddress));
  return release !== undefined && seriesOf(release) !== seriesOf(from);
}

export const takeSnapshot: Step = {
  name: 'take-snapshot',
  async *run(context) {
    const { host, input, stopping, aborted } = context;
    const resource = input.node.name;
    stopping.throwIfAborted();
    yield looked('snapshot', 'Checking if a snapshot is wanted', { resource });
    const upgrade = dueUpgrade(context);
    if (upgrade === null || !(input.snapshot ?? isMajor(context, upgrade))) return undefined;
    const layout = layoutOf(input);
    const taken = await takenBefore(context, upgrade); // by a try that stopped the node
    const stands = (why: string) =>
      looked(
        'snapshot',
        `${why}; an earlier try of this upgrade took the snapshot ${taken?.tag}, which stands`,
        {
          resource,
          after: { tag: taken?.tag },
        },
      );
    if ((await host.findCassandra(layout.directory)) === null) {
      if (taken !== null) {
        yield stands('The database node is not running');
        return { tag: taken.tag };
      }
      throw new StepFailed(
        'snapshot-failed',
        'The database node is not running and can take no snapshot: start it first, or upgrade with take-snapshot: false',
        {
          resource,
        },
      );
    }
    // With the time: one that an earlier try left may lack tables, and another costs a few links.
    const tag = `upgrade-${upgrade.from}-${upgrade.to}-${host.nowMs()}`;
    const startedMs = host.nowMs();
    const node = await host.jmx(ownNodeOf(input), JMX_MS, aborted);
    try {
      if (isMajor(context, upgrade) && (await runsLater(context, node, upgrade))) {
        const runs = `The database node runs ${upgrade.to} already`;
        if (taken !== null) {
          yield stands(runs);
          return { tag: taken.tag };
        }
        yield looked('snapshot', `${runs}: a snapshot of its data leads back nowhere, and none is taken`, {
          resource,
        });
        return undefined;
      }
      await ticking(context, node.takeSnapshot(tag, SNAPSHOT_MS));
    } catch (cause) {
      aborted.throwIfAborted();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StepFailed('snapshot-failed', `No snapshot could be taken, and nothing was stopped: ${why}`, {
        resource,
        cause,
      });
    } finally {
      node.close();
    }
    await host.replaceText(layout.snapshot, `${JSON.stringify({ ...upgrade, tag } satisfies Taken)}\n`);
    const clear = `nodetool clearsnapshot -t ${tag}`;
    yield milestone('snapshot-taken', `Took the snapshot ${tag}; \`${clear}\` removes it`, true, {
      resource,
      after: { tag, 'snapshot-ms': host.nowMs() - startedMs },
    });
    return { tag };
  },
};
