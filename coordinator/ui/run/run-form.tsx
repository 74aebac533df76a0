// The options of one action, the nodes it would work on, the same in a terminal, and the button that asks for it.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import type { JobScope, JobType } from '../../../shared/actions.ts';
import type { ActionParameter } from '../../../shared/job-options.ts';
import type { Job, JobPlan } from '../../../shared/rest-types.ts';
import { apiPath, useApi } from '../api/api.ts';
import { ApiError } from '../api/api-error.ts';
import { useMeta } from '../api/queries.ts';
import { useKeys } from '../api/use-keys.ts';
import { Command } from '../parts/command.tsx';
import { Failure } from '../parts/failure.tsx';
import { JOB_WORDS } from '../parts/status-words.ts';
import { intoView } from './into-view.ts';
import { NodeOrder } from './node-order.tsx';
import { OptionField } from './option-field.tsx';
import { PlanWords } from './plan-words.tsx';
import { bodyOf, curlLine, parted, standing, type Typed } from './run-options.ts';
import type { RunTarget } from './run-target.ts';

interface Props {
  type: JobType;
  parameters: readonly ActionParameter[];
  target: RunTarget;
  scope: JobScope;
  resourceId: string;
  onClose: () => void;
}

const problemsOf = (error: unknown): ApiError['problems'] =>
  error instanceof ApiError ? error.problems : [];

const mayBeDone = (error: unknown): boolean => error instanceof ApiError && error.mayBeDone;

export function RunForm({ type, parameters, target, scope, resourceId, onClose }: Props) {
  const api = useApi();
  const queries = useQueryClient();
  const { data: meta } = useMeta();
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState<Typed>({});
  const [isUnfolded, setUnfolded] = useState(false);
  const path = `actions/${type}`;
  const body: Readonly<Record<string, unknown>> = {
    'job-scope': scope,
    'resource-id': resourceId,
    ...bodyOf(parameters, typed),
  };
  const keyOf = useKeys();
  const run = useMutation({
    mutationFn: (asked: typeof body) => api.post<Job>(path, asked, keyOf(JSON.stringify(asked))),
    onSuccess: (job) => {
      void queries.invalidateQueries();
      navigate(`/jobs/${job.id}`);
    },
    // What was refused has to be seen where it was typed.
    onError: (error) => {
      if (folded.some(({ name }) => problemsOf(error).some(({ pointer }) => pointer === `/${name}`)))
        setUnfolded(true);
    },
  });
  const plan = useMutation({
    // Each look is one of its own: nodes, windows and what was measured change.
    mutationFn: (asked: typeof body) =>
      api.post<JobPlan>(path, { ...asked, plan: true }, keyOf(`plan ${performance.now()}`)),
    // What it answers is newer than a refusal; that a job may have been started is still to be known.
    onSettled: () => {
      if (run.isError && !mayBeDone(run.error)) run.reset();
    },
  });
  const isOfThis = JSON.stringify(plan.variables) === JSON.stringify(body);
  const refusal = run.error ?? plan.error;
  const { upFront, folded } = parted(type, parameters);
  const options = [...upFront, ...folded];
  const isDry = typed['dry-run'] === 'true';
  const set = folded.filter(({ name }) => (typed[name] ?? '') !== '').length;
  const refused = problemsOf(refusal);
  const problems = standing(refused, (run.error === null ? plan : run).variables, body);
  const stands = refused.length > 0 ? problems.length > 0 : run.error !== null || isOfThis;
  const isRefused = refusal !== null && stands;
  const problemOf = (name: string): string | undefined =>
    problems.find(({ pointer }) => pointer === `/${name}`)?.message;
  const elsewhere = problems.filter(({ pointer }) => !options.some(({ name }) => pointer === `/${name}`));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run.mutate(body);
  };
  const count = target.nodes.length;
  const field = (parameter: ActionParameter) => (
    <OptionField
      key={parameter.name}
      parameter={parameter}
      value={typed[parameter.name] ?? ''}
      problem={problemOf(parameter.name)}
      onChange={(value) => setTyped((old) => ({ ...old, [parameter.name]: value }))}
    />
  );
  return (
    <form onSubmit={submit} autoComplete="off">
      <div className="run-columns">
        <div className="run-options">
          {upFront.map(field)}
          <details open={isUnfolded} onToggle={(event) => setUnfolded(event.currentTarget.open)}>
            <summary>Options{set > 0 && `, ${set} set`}</summary>
            <div className="run-options">{folded.map(field)}</div>
          </details>
        </div>
        <NodeOrder nodes={target.nodes} />
      </div>
      <details className="as-curl">
        <summary>The same in a terminal</summary>
        <Command
          text={curlLine(
            `${location.origin}${apiPath(path)}`,
            body,
            parameters,
            typeof meta?.user === 'string',
          )}
          label="The same as a curl command"
        />
      </details>
      {isOfThis && plan.data !== undefined && <PlanWords plan={plan.data} />}
      {isRefused && (
        <div className="refused" ref={intoView}>
          <Failure
            error={refusal}
            what={
              mayBeDone(run.error)
                ? 'It may have been started. Asked for again as it is, it is one job all the same.'
                : 'Nothing was started.'
            }
          />
          {elsewhere.length > 0 && (
            <ul className="problems">
              {elsewhere.map(({ pointer, message }) => (
                <li key={`${pointer} ${message}`}>
                  <code>{pointer.slice(1)}</code> {message}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      <footer>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        {type !== 'check' && (
          <button type="button" disabled={plan.isPending} onClick={() => plan.mutate(body)}>
            {plan.isPending ? 'Asking…' : 'Show the plan'}
          </button>
        )}
        <button type="submit" className="primary" disabled={run.isPending}>
          {run.isPending
            ? 'Asking…'
            : `${isDry ? 'Dry-run: ' : ''}${JOB_WORDS[type]} ${count} ${count === 1 ? 'node' : 'nodes'}`}
        </button>
      </footer>
    </form>
  );
}
