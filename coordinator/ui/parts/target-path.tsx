// Cluster, datacenter and node of a job as one path; the last part is what it works on.
import { Fragment } from 'react';
import { inert } from '../../../shared/inert-text.ts';

export function TargetPath({ parts }: { parts: readonly string[] }) {
  return (
    <span className="target-path">
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a path is its order, and names may repeat
        <Fragment key={at}>
          {at > 0 && <span className="slash"> / </span>}
          <span className={at === parts.length - 1 ? 'end' : ''}>{inert(part)}</span>
        </Fragment>
      ))}
    </span>
  );
}
