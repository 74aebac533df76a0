// Asks for a job: what to do, with which options, on exactly which nodes; then goes to it.

import { JOB_TYPES, type JobType, scopesOf } from '../../../shared/actions.ts';
import { inert } from '../../../shared/inert-text.ts';
import { type Topology, useActions } from '../api/queries.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { JOB_WORDS } from '../parts/status-words.ts';
import { RunForm } from './run-form.tsx';
import { runTarget } from './run-target.ts';
import type { RunChoice } from './use-run-choice.ts';

interface Props {
  topology: Topology;
  choice: RunChoice;
  onChange: (action: JobType) => void;
  onClose: () => void;
}

export function RunDialog({ topology, choice, onChange, onClose }: Props) {
  const { data: actions, error } = useActions();
  const action = actions?.find(({ name }) => name === choice.action);
  const target = runTarget(topology, choice.scope, choice.resourceId, choice.action ?? 'restart');
  return (
    <Dialog
      wide
      title={target === null ? 'Run a job' : `Run a job on ${target.path.map(inert).join(' / ')}`}
      onClose={onClose}
    >
      {target === null && <p>There is no such {choice.scope} in this cluster any more.</p>}
      {error !== null && actions === undefined && (
        <Failure error={error} what="The actions could not be read." />
      )}
      {target !== null && (
        <fieldset className="action-choice">
          <legend>What to do</legend>
          {JOB_TYPES.filter((type) => scopesOf(type).includes(choice.scope)).map((type, at) => (
            <label key={type}>
              <input
                type="radio"
                name="action"
                data-first={(choice.action === null ? at === 0 : choice.action === type) || undefined}
                checked={choice.action === type}
                onChange={() => onChange(type)}
              />
              <span>
                <strong>{JOB_WORDS[type]}</strong>
                <span className="muted">{actions?.find(({ name }) => name === type)?.description}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {target !== null && action !== undefined && choice.action !== null && (
        <RunForm
          key={choice.action}
          type={choice.action}
          parameters={action.parameters}
          target={target}
          scope={choice.scope}
          resourceId={choice.resourceId}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}
