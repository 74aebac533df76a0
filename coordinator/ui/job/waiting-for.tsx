// Why nothing moves and what would end it, as a sentence.
import { Link } from 'wouter';
import { inert } from '../../../shared/inert-text.ts';
import type { Job } from '../../../shared/rest-types.ts';
import { useNow } from '../parts/clock.tsx';
import { spanText } from '../parts/times.ts';

export function WaitingFor({ waiting }: { waiting: NonNullable<Job['waiting-for']> }) {
  const nowMs = useNow();
  const [first] = waiting.ids;
  return (
    <p className="waiting">
      <strong>Waiting for {spanText(nowMs - Date.parse(waiting.since))}:</strong> {inert(waiting.what)}
      {waiting.kind === 'job' && first !== undefined && (
        <>
          {' '}
          <Link href={`/jobs/${first}`}>See that job</Link>
        </>
      )}
    </p>
  );
}
