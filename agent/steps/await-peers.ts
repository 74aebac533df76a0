// Waits until the other nodes of the cluster see this one as up and normal.
import { StepFailed } from '../../shared/errors.ts';
import type { PeerStanding } from '../../shared/wire/messages.ts';
import type { Step } from './step.ts';
import { looked, milestone } from './telling.ts';

/** In the API's words. */
const standingView = ({ notNormal, ...rest }: PeerStanding) => ({ ...rest, 'not-normal': notNormal });

export const awaitPeers: Step = {
  name: 'await-peers',
  async *run(context) {
    const { host, input } = context;
    const address = input.node.broadcastAddress ?? input.node.listenAddress;
    yield looked('peers', 'Asking the peers how they see this node', { resource: address });
    const startedMs = host.nowMs();
    let standing: PeerStanding | null = null;
    for await (const now of context.askPeers(address, input.limits.peersMs)) {
      context.tick();
      context.stopping.throwIfAborted();
      standing = now;
      if (now.waiting.length === 0 && now.notNormal.length === 0) break;
    }
    context.aborted.throwIfAborted();
    if (standing === null) {
      throw new StepFailed(
        'peers-not-asked',
        `No coordinator could ask the peers within ${input.limits.peersMs} ms`,
        { resource: address },
      );
    }
    const unseeing = [...standing.notNormal, ...standing.waiting];
    if (unseeing.length > 0) {
      const message = `After ${input.limits.peersMs} ms these do not see the node as up: ${unseeing.join(', ')}`;
      throw new StepFailed('peers-do-not-see-node', message, {
        resource: address,
        detail: standingView(standing),
      });
    }
    yield milestone('peers-see-normal', 'The peers see this node as up and normal', false, {
      resource: address,
      after: { 'peers-ms': host.nowMs() - startedMs, ...standingView(standing) },
    });
  },
};
