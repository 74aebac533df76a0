// Ends a job, once the reader has confirmed what that means.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { inert } from '../../../shared/inert-text.ts';
import type { JobDetail } from '../../../shared/rest-types.ts';
import { useApi } from '../api/api.ts';
import { ApiError } from '../api/api-error.ts';
import { useKeys } from '../api/use-keys.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { jobPath } from '../parts/job-path.ts';
import { jobWord } from '../parts/status-words.ts';

export function TerminateButton({ job }: { job: JobDetail }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="danger" onClick={() => setOpen(true)}>
        {isAsked(job) ? 'Terminate again…' : 'Terminate…'}
      </button>
      {isOpen && <TerminateDialog job={job} onClose={() => setOpen(false)} />}
    </>
  );
}

const isAsked = (job: JobDetail): boolean => job['terminate-requested-on'] !== null;

/** Each time that it is opened, and once the first request has come through, something else is wanted. */
function TerminateDialog({ job, onClose }: { job: JobDetail; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const keyOf = useKeys();
  const asked = isAsked(job);
  const terminate = useMutation({
    mutationFn: () => api.post('actions/terminate', { 'job-id': job.id }, keyOf(asked ? 'again' : 'first')),
    onSuccess: () => {
      onClose();
      void queries.invalidateQueries({ queryKey: ['job', job.id] });
    },
  });
  const mayBeDone = terminate.error instanceof ApiError && terminate.error.mayBeDone;
  return (
    <Dialog title="Terminate this job?" onClose={onClose}>
      <p>
        <strong>
          {jobWord(job)} {inert(jobPath(job).join(' / '))}
        </strong>
      </p>
      {asked ? (
        <p>
          It was asked for already, and the node under way has not come to a safe point yet. Asked again, ten
          seconds after the first request at the earliest, its run is given up: the agent may do nothing more
          in it, and the database node stays as it is now, which may be down.
        </p>
      ) : (
        <p>
          The node under way stops at the next safe point of its step and is not left down. Nodes that have
          not started are left as they are.
        </p>
      )}
      {terminate.error !== null && (
        <Failure
          error={terminate.error}
          what={
            mayBeDone
              ? 'It may have been asked for.'
              : asked
                ? 'Nothing was given up.'
                : 'It was not terminated.'
          }
        />
      )}
      <footer>
        <button type="button" data-first onClick={onClose}>
          Leave it running
        </button>
        <button
          type="button"
          className="danger filled"
          disabled={terminate.isPending}
          onClick={() => terminate.mutate()}
        >
          {terminate.isPending ? 'Asking…' : asked ? 'Give the run up' : 'Terminate the job'}
        </button>
      </footer>
    </Dialog>
  );
}
