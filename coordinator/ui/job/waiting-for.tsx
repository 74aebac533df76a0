// Why nothing moves and what would end it, as a sentence.
import { inert } from '../../../shared/inert-text.ts';
import type { Job } from '../../../shared/rest-types.ts';
import { useNow } from '../parts/clock.tsx';
import { spanText } from '../parts/times.ts';

export function WaitingFor({ waiting }: { waiting: NonNullable<Job['waiting-for']> }) {
  const nowMs = useNow();
  return (
    <p className="waiting">
      <strong>Waiting for {spanText(nowMs - Date.parse(waiting.since))}:</strong> {inert(waiting.what)}
    </p>
  );
}
