// What the job that is being asked for would do: its batches, how long they take, and what it leaves of each range.
import type { JobPlan } from '../../../shared/rest-types.ts';
import { intoView } from './into-view.ts';

export function PlanWords({ plan }: { plan: JobPlan }) {
  return (
    <section className="job-plan" ref={intoView} aria-label="The plan" aria-live="polite">
      <strong>{plan.summary}</strong>
      <ol>
        {plan.batches.map(({ number, nodes }) => (
          <li key={number}>{nodes.map(({ name }) => name).join(', ')}</li>
        ))}
      </ol>
      {plan.notes.map((note) => (
        <p key={note} className="help">
          {note}
        </p>
      ))}
    </section>
  );
}
