// Has a job start no node for now, or go on: nothing is lost by either, so nobody is asked whether it is meant.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { JobDetail } from '../../../shared/rest-types.ts';
import { useApi } from '../api/api.ts';
import { useKeys } from '../api/use-keys.ts';
import { Failure } from '../parts/failure.tsx';

/** What each is called, and what is sent for it below the job. */
const SAID = {
  pause: { name: 'Pause', path: 'pause', body: {} },
  resume: { name: 'Resume', path: 'resume', body: {} },
  retry: { name: 'Retry', path: 'resume', body: { retry: true } },
} as const;
type Said = keyof typeof SAID;

/** It goes on only when it is told to; after its canaries also sooner, and may as well be paused. */
function sayable(job: JobDetail): Said[] {
  if (job['paused-on'] !== null) return ['resume'];
  const kind = job['waiting-for']?.kind;
  if (kind === 'canary') return ['resume', 'pause'];
  return kind === 'failure' ? ['resume', 'retry'] : ['pause'];
}

export function PauseButton({ job }: { job: JobDetail }) {
  const api = useApi();
  const queries = useQueryClient();
  const keyOf = useKeys();
  // Once one has come through, the next is another thing.
  const [times, setTimes] = useState(0);
  const change = useMutation({
    // As the button said when it was pressed: what the page has heard since is for the next time.
    mutationFn: ({ what, key }: { what: Said; key: string }) =>
      api.post(`jobs/${job.id}/${SAID[what].path}`, SAID[what].body, key),
    onSuccess: () => {
      setTimes((before) => before + 1);
      void queries.invalidateQueries({ queryKey: ['job', job.id] });
    },
  });
  return (
    <>
      {sayable(job).map((what) => (
        <button
          key={what}
          type="button"
          disabled={change.isPending}
          onClick={() => change.mutate({ what, key: keyOf(`${what} ${times}`) })}
        >
          {SAID[what].name}
        </button>
      ))}
      {change.error !== null && <Failure error={change.error} what="Nothing was changed." />}
    </>
  );
}
