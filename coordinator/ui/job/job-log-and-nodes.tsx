// The two halves of a job's page: its nodes, and the log of all of them or of one.
import { useMemo } from 'react';
import type { JobDetail, JobNode } from '../../../shared/rest-types.ts';
import { useJobLog } from '../live/use-job-log.ts';
import { filtered, useLogFilter } from './log-filter.ts';
import { LogPane } from './log-pane.tsx';
import { NodeRail } from './node-rail.tsx';

export function JobLogAndNodes({ job, nodes }: { job: JobDetail; nodes: readonly JobNode[] }) {
  const log = useJobLog(job.id, job['event-count']);
  const [filter, change] = useLogFilter();
  const shown = useMemo(() => filtered(log.events, filter), [log.events, filter]);
  const names = useMemo(() => new Map(nodes.map((node) => [node['node-id'], node['node-name']])), [nodes]);
  return (
    <div className="job-body">
      <NodeRail
        nodes={nodes}
        chosen={filter.nodeId}
        onChoose={(nodeId) => change({ nodeId })}
        lastAtMs={log.lastAtMs}
      />
      <LogPane job={job} log={log} shown={shown} filter={filter} onFilter={change} names={names} />
    </div>
  );
}
