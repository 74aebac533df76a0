// A job's nodes in the order in which they are worked on; choosing one narrows the log to it.
import { useRef } from 'react';
import type { JobNode } from '../../../shared/rest-types.ts';
import { useListKeys } from '../parts/use-list-keys.ts';
import { RailNode } from './rail-node.tsx';

interface Props {
  nodes: readonly JobNode[];
  chosen: string | null;
  onChoose: (nodeId: string | null) => void;
  lastAtMs: (nodeId: string) => number | undefined;
}

export function NodeRail({ nodes, chosen, onChoose, lastAtMs }: Props) {
  const rail = useRef<HTMLElement>(null);
  useListKeys(rail);
  return (
    <nav ref={rail} className="rail" aria-label="Nodes of the job">
      <button
        type="button"
        data-row
        className="rail-node"
        aria-pressed={chosen === null}
        onClick={() => onChoose(null)}
      >
        <span className="rail-name">All nodes</span>
        <span className="muted">{nodes.length}</span>
      </button>
      <ol>
        {nodes.map((node, at) => (
          <li key={node.id}>
            <RailNode
              node={node}
              position={at + 1}
              isChosen={chosen === node['node-id']}
              onChoose={() => onChoose(chosen === node['node-id'] ? null : node['node-id'])}
              lastAtMs={lastAtMs(node['node-id'])}
            />
          </li>
        ))}
      </ol>
    </nav>
  );
}
