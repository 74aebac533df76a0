// A status as a shape of its own, so that colour is never the only difference.
import type { ReactNode } from 'react';
import type { JobStatus } from '../../../shared/status.ts';

const SHAPES: Readonly<Record<JobStatus, ReactNode>> = {
  PENDING: <circle cx="8" cy="8" r="5.5" strokeDasharray="2.2 2.1" />,
  RUNNING: (
    <>
      <circle cx="8" cy="8" r="5.5" className="faint" />
      <path d="M8 2.5A5.5 5.5 0 0 1 13.5 8" className="turning" />
    </>
  ),
  FAILED: (
    <>
      <path d="M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4l-3.65-3.65V5.4z" className="solid" />
      <path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" className="cut" />
    </>
  ),
  WILL_FAIL: (
    <>
      <path d="M8 2.2 14.2 13.4H1.8z" />
      <path d="M8 6.4v3.2M8 11.2v.6" />
    </>
  ),
  COMPLETE: (
    <>
      <circle cx="8" cy="8" r="6.25" className="solid" />
      <path d="M5 8.2 7.2 10.4 11 6" className="cut" />
    </>
  ),
  IDLE: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M6.4 5.8v4.4M9.6 5.8v4.4" />
    </>
  ),
  TERMINATED: <rect x="3" y="3" width="10" height="10" rx="1.5" className="solid" />,
  ORPHANED: (
    <>
      <path d="M8 1.8 14.2 8 8 14.2 1.8 8z" />
      <path d="M6.4 6.5a1.6 1.6 0 1 1 2.3 1.5c-.5.25-.7.5-.7.9M8 10.9v.3" />
    </>
  ),
};

export function StatusIcon({ status }: { status: JobStatus }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className={`status-icon tone-${status}`}>
      {SHAPES[status]}
    </svg>
  );
}
