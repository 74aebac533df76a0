// One node in full, beside the map.
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { inert } from '../../../shared/inert-text.ts';
import type { Datacenter, Node } from '../../../shared/rest-types.ts';
import { useNow } from '../parts/clock.tsx';
import { CopyId } from '../parts/copy-id.tsx';
import { Status } from '../parts/status.tsx';
import { Time } from '../parts/time.tsx';
import { ageText } from '../parts/times.ts';
import { isTyping } from '../parts/use-filter-key.ts';

interface Props {
  node: Node;
  datacenter: Datacenter | undefined;
  onClose: () => void;
  onRun: () => void;
}

export function NodePanel({ node, datacenter, onClose, onRun }: Props) {
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !isTyping(event)) close.current();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
  const addresses = [
    ['Address', node['ssh-management-address']],
    ['Listens on', node['listen-address']],
    ['Clients reach it at', node['native-transport-address']],
  ] as const;
  return (
    <aside className="node-panel" aria-label={`Node ${inert(node.name)}`}>
      <header>
        <h2>{inert(node.name)}</h2>
        <button type="button" className="quiet small" onClick={onClose}>
          Close
        </button>
      </header>
      <dl>
        <dt>Newest job</dt>
        <dd>
          {node['job-status'] === null || node['last-job-id'] === null ? (
            'none yet'
          ) : (
            <Link href={`/jobs/${node['last-job-id']}?node=${node.id}`}>
              <Status status={node['job-status']} />
            </Link>
          )}
        </dd>
        <dt>Agent</dt>
        <dd>
          <AgentState agent={node.agent} />
          {node.agent['contested-by'] !== null && <Turns hosts={node.agent['contested-by']} />}
        </dd>
        <dt>Place</dt>
        <dd>
          {inert(datacenter?.name ?? '')} / {inert(node.rack)}
          {node.effective.seed && ', seed'}
        </dd>
        {addresses.map(
          ([name, address]) =>
            address !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <code>{inert(address)}</code>
                </dd>
              </div>
            ),
        )}
        <dt>Configured</dt>
        <dd>{node['converged-on'] === null ? 'not yet' : <Time at={node['converged-on']} />}</dd>
        {node.comment !== null && (
          <>
            <dt>Comment</dt>
            <dd>{inert(node.comment)}</dd>
          </>
        )}
        <dt>Id</dt>
        <dd>
          <CopyId id={node.id} what="node" />
        </dd>
      </dl>
      <button type="button" className="primary" onClick={onRun}>
        Run on {inert(node.name)}…
      </button>
    </aside>
  );
}

/** As after copying an agent's data directory; each ends the other's stream. */
const Turns = ({ hosts }: { hosts: readonly string[] }) => (
  <p className="waiting">
    Agents of two hosts take turns as this node: {inert(hosts.join(' and '))}. Leave the one that is the host
    of this node as it is; on the other one stop the agent, remove its data directory, and enrol that host as
    a node of its own.
  </p>
);

function AgentState({ agent }: { agent: Node['agent'] }) {
  const nowMs = useNow();
  const seen = agent['last-seen'];
  if (agent.connected) return <>connected, version {inert(agent.version ?? 'unknown')}</>;
  if (seen === null) return <>never seen: enrol it with POST nodes/{'{id}'}/enrolment</>;
  return (
    <>
      away for {ageText(nowMs - Date.parse(seen))}, last seen <Time at={seen} />, version{' '}
      {inert(agent.version ?? 'unknown')}
    </>
  );
}
