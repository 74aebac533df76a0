// Has a job start no node for now, or go on: nothing is lost by either, so nobody is asked whether it is meant.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { JobDetail } from '../../../shared/rest-types.ts';
import { useApi } from '../api/api.ts';
import { useKeys } from '../api/use-keys.ts';
import { Failure } from '../parts/failure.tsx';

/** It goes on only when it is told to. */
const isHeld = (job: JobDetail): boolean =>
  job['paused-on'] !== null || job['waiting-for']?.kind === 'failure';

export function PauseButton({ job }: { job: JobDetail }) {
  const api = useApi();
  const queries = useQueryClient();
  const keyOf = useKeys();
  // Once one has come through, the next is another thing.
  const [times, setTimes] = useState(0);
  const change = useMutation({
    // As the button said when it was pressed: what the page has heard since is for the next time.
    mutationFn: ({ what, key }: { what: 'pause' | 'resume'; key: string }) =>
      api.post(`jobs/${job.id}/${what}`, {}, key),
    onSuccess: () => {
      setTimes((before) => before + 1);
      void queries.invalidateQueries({ queryKey: ['job', job.id] });
    },
  });
  const what = isHeld(job) ? 'resume' : 'pause';
  return (
    <>
      <button
        type="button"
        disabled={change.isPending}
        onClick={() => change.mutate({ what, key: keyOf(`${what} ${times}`) })}
      >
        {what === 'resume' ? 'Resume' : 'Pause'}
      </button>
      {change.error !== null && <Failure error={change.error} what="Nothing was changed." />}
    </>
  );
}
