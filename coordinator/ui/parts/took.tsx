// How long a job has been at work, or took; nothing before it started.
import type { Job } from '../../../shared/rest-types.ts';
import { useNow } from './clock.tsx';
import { spanText } from './times.ts';

export function Took({ job }: { job: Job }) {
  const nowMs = useNow();
  const started = job['started-on'];
  if (started === null) return <span className="muted">–</span>;
  const end = job['ended-on'] === null ? nowMs : Date.parse(job['ended-on']);
  return <span>{spanText(end - Date.parse(started))}</span>;
}
