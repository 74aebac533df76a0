// A node: the shape of its newest job's status, and its agent as a dot that is full or hollow.
import { inert } from '../../../shared/inert-text.ts';
import type { Node } from '../../../shared/rest-types.ts';
import { StatusIcon } from '../parts/status-icon.tsx';
import { STATUS_WORDS } from '../parts/status-words.ts';
import { agentWord } from './node-matches.ts';

interface Props {
  node: Node;
  isDim: boolean;
  isChosen: boolean;
  onChoose: () => void;
}

export function NodeSquare({ node, isDim, isChosen, onChoose }: Props) {
  const status = node['job-status'];
  const name = inert(node.name);
  const words = `${name}, rack ${inert(node.rack)}: ${status === null ? 'no job yet' : STATUS_WORDS[status].toLowerCase()}, agent ${agentWord(node)}`;
  return (
    <button
      type="button"
      className={`square ${status === null ? '' : `edge-${status}`} ${isDim ? 'dim' : ''}`}
      aria-pressed={isChosen}
      aria-label={words}
      title={words}
      disabled={isDim}
      onClick={onChoose}
    >
      {status === null ? <span className="no-job" aria-hidden="true" /> : <StatusIcon status={status} />}
      <span className="square-name" aria-hidden="true">
        {name}
      </span>
      <AgentDot isConnected={node.agent.connected} />
    </button>
  );
}

export function AgentDot({ isConnected }: { isConnected: boolean }) {
  return <span aria-hidden="true" className={isConnected ? 'agent-dot' : 'agent-dot away'} />;
}
