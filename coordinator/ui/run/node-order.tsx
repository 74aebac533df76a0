// The exact nodes of a job before it is asked for, in the order in which it would work through them.
import { inert } from '../../../shared/inert-text.ts';
import { AgentDot } from '../clusters/node-square.tsx';
import type { RunTarget } from './run-target.ts';

export function NodeOrder({ nodes }: { nodes: RunTarget['nodes'] }) {
  const gone = nodes.filter(({ agent }) => !agent.connected);
  const away = gone.filter(({ agent }) => agent['last-seen'] !== null).length;
  const without = gone.length - away;
  return (
    <section className="node-order" aria-label="Nodes in order">
      <h3>
        {nodes.length} {nodes.length === 1 ? 'node' : 'nodes'}, in this order
      </h3>
      {away > 0 && (
        <p className="waiting">
          {away === 1 ? 'One agent is' : `${away} agents are`} away: the job waits at{' '}
          {away === 1 ? 'that node' : 'those nodes'} until {away === 1 ? 'it is' : 'they are'} back.
        </p>
      )}
      {without > 0 && (
        <p className="waiting">
          {without === 1 ? 'One node has' : `${without} nodes have`} no agent yet: the job waits there until
          one is enrolled, or brought over SSH.
        </p>
      )}
      <ol
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keys
        tabIndex={0}
        aria-label="Nodes in the order in which they are worked on"
      >
        {nodes.map((node) => (
          <li key={node.id}>
            <span className="order-name">{inert(node.name)}</span>
            <span className="muted">
              {inert(node.datacenterName)} / {inert(node.rack)}
              {node.seed && ', seed'}
            </span>
            <AgentDot isConnected={node.agent.connected} />
            <span className="hidden">agent {node.agent.connected ? 'connected' : 'away'}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
