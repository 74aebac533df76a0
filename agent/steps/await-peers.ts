// Waits until the other nodes of the cluster that can look see this one as up and normal, and says who could not.
import { StepFailed } from '../../shared/errors.ts';
import type { PeerStanding } from '../../shared/wire/messages.ts';
import type { Step } from './step.ts';
import { looked, milestone } from './telling.ts';

/** In the API's words. */
const standingView = ({ notNormal, notTold, ...rest }: PeerStanding) => ({
  ...rest,
  'not-normal': notNormal,
  'not-told': notTold,
});

/** What may be said once nobody is left to wait for: only what somebody saw, and who did not look and why. */
function verdict({ normal, blind, notTold, away }: PeerStanding): [subtype: string, message: string] {
  const unlooked = [
    [blind, 'no database node runs there'],
    [notTold, 'the agent there was not told where its database node is'],
    [away, 'the agent there is not connected'],
  ] as const;
  const peers = normal.length + blind.length + notTold.length + away.length;
  const named = unlooked
    .filter(([names]) => names.length > 0)
    .map(([names, why]) => `${names.join(', ')} (${why})`)
    .join('; ');
  if (peers === 0) return ['no-peers', 'There are no peers that could see this node'];
  if (normal.length === 0) return ['peers-did-not-look', `No peer looked at this node: ${named}`];
  const seen = `This node is seen as up and normal by ${normal.length} of ${peers} peers`;
  return ['peers-see-normal', named === '' ? seen : `${seen}. These did not look: ${named}`];
}

const saying = (name: string, said: string | undefined): string => (said ? `${name} (${said})` : name);

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
    const { notNormal, waiting, saw } = standing;
    const unseeing = [...notNormal.map((name) => saying(name, saw[name])), ...waiting];
    if (unseeing.length > 0) {
      const message = `After ${input.limits.peersMs} ms these do not see the node as up: ${unseeing.join(', ')}`;
      throw new StepFailed('peers-do-not-see-node', message, {
        resource: address,
        detail: standingView(standing),
      });
    }
    yield milestone(...verdict(standing), false, {
      resource: address,
      after: { 'peers-ms': host.nowMs() - startedMs, ...standingView(standing) },
    });
  },
};
