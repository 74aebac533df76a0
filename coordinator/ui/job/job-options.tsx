// The options that a job was asked for with, where they say anything.
import { inert } from '../../../shared/inert-text.ts';

export function JobOptions({ options }: { options: Record<string, unknown> }) {
  const said = Object.entries(options).filter(
    ([name, value]) => name !== 'job-type' && value !== null && value !== false,
  );
  if (said.length === 0) return null;
  return (
    <div>
      <dt>Options</dt>
      <dd>
        {said
          .map(
            ([name, value]) => `${name}: ${inert(typeof value === 'string' ? value : JSON.stringify(value))}`,
          )
          .join(', ')}
      </dd>
    </div>
  );
}
