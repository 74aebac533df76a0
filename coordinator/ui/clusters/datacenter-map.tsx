// A datacenter as racks of squares, one a node.
import { inert } from '../../../shared/inert-text.ts';
import type { Datacenter, Node } from '../../../shared/rest-types.ts';
import { NodeSquare } from './node-square.tsx';

/** Past this many a rack shows squares without names: all of it has to fit a screen. */
const MOST_NAMED = 60;

interface Props {
  datacenter: Datacenter;
  nodes: readonly Node[];
  matches: (node: Node) => boolean;
  /** a node's id */
  chosen: string | null;
  onChoose: (nodeId: string | null) => void;
  onRun: () => void;
}

export function DatacenterMap({ datacenter, nodes, matches, chosen, onChoose, onRun }: Props) {
  const racks = Map.groupBy(nodes, ({ rack }) => rack);
  const inOrder = [...racks].sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = nodes.filter(matches).length;
  return (
    <section className="datacenter" aria-label={`Datacenter ${inert(datacenter.name)}`}>
      <header>
        <h2>{inert(datacenter.name)}</h2>
        <span className="muted">
          {nodes.length} {nodes.length === 1 ? 'node' : 'nodes'}
          {shown < nodes.length && `, ${shown} match`}
        </span>
        <button type="button" className="small" onClick={onRun}>
          Run on {inert(datacenter.name)}…
        </button>
      </header>
      {inOrder.map(([rack, own]) => (
        <div className="rack" key={rack}>
          <h3>{inert(rack)}</h3>
          <ul className={nodes.length > MOST_NAMED ? 'squares' : 'squares named'}>
            {own.map((node) => (
              <li key={node.id}>
                <NodeSquare
                  node={node}
                  isDim={!matches(node)}
                  isChosen={node.id === chosen}
                  onChoose={() => onChoose(node.id === chosen ? null : node.id)}
                />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
