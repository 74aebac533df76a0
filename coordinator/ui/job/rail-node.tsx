// One node of a job: status, the step it is at, and how long ago it last told anything.
import { inert } from '../../../shared/inert-text.ts';
import type { JobNode } from '../../../shared/rest-types.ts';
import type { JobStatus } from '../../../shared/status.ts';
import { useNow } from '../parts/clock.tsx';
import { StatusIcon } from '../parts/status-icon.tsx';
import { STATUS_WORDS } from '../parts/status-words.ts';
import { ageText } from '../parts/times.ts';

const AT_WORK: readonly JobStatus[] = ['RUNNING', 'IDLE', 'WILL_FAIL', 'ORPHANED'];

interface Props {
  node: JobNode;
  /** from 1 */
  position: number;
  isChosen: boolean;
  onChoose: () => void;
  lastAtMs: number | undefined;
}

export function RailNode({ node, position, isChosen, onChoose, lastAtMs }: Props) {
  const nowMs = useNow();
  const { progress, status } = node;
  const isAtWork = AT_WORK.includes(status);
  return (
    <button type="button" data-row className="rail-node" aria-pressed={isChosen} onClick={onChoose}>
      <span className="rail-position">{position}</span>
      <StatusIcon status={status} />
      <span className="rail-name" title={`${inert(node['node-name'])} in ${inert(node['datacenter-name'])}`}>
        {inert(node['node-name'])}
        <span className="muted"> {inert(node['datacenter-name'])}</span>
      </span>
      <span className={`rail-status tone-${status}`}>{STATUS_WORDS[status]}</span>
      {isAtWork && (
        <span className="rail-step">
          <span>
            {progress === null
              ? 'Under way'
              : `Step ${progress['step-number']}/${progress['step-count']} ${inert(progress.step)}`}
          </span>
          <span className="rail-age">
            {lastAtMs === undefined ? 'nothing yet' : `${ageText(nowMs - lastAtMs)} ago`}
          </span>
        </span>
      )}
    </button>
  );
}
