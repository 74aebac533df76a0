// When work on a cluster is allowed, and what is asked for by itself: its maintenance windows, freezes and scheduled jobs.
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { inert } from '../../../shared/inert-text.ts';
import type { JobSchedule, MaintenanceWindow } from '../../../shared/rest-types.ts';
import { type Topology, useClusterTimes } from '../api/queries.ts';
import { Failure } from '../parts/failure.tsx';
import { jobWord } from '../parts/status-words.ts';
import { Time } from '../parts/time.tsx';
import { spanText } from '../parts/times.ts';

/** `0 2 * * 0 Europe/Berlin` */
const cronText = (of: { cron: string; 'time-zone': string }): string => `${of.cron} ${of['time-zone']}`;

/** Whether it stands in the way of work now is what matters of one; then what it is. */
function windowState(one: MaintenanceWindow): { shut: boolean; state: ReactNode } {
  const { open, 'next-open-on': next, 'next-close-on': ends } = one;
  const isFreeze = one.kind === 'freeze';
  if (open)
    return {
      shut: isFreeze,
      state: (
        <>
          {isFreeze ? 'In force' : 'Open'}
          {ends === null ? '' : ' until '}
          {ends !== null && <Time at={ends} />}
        </>
      ),
    };
  if (next === null) return { shut: false, state: 'Over' };
  return {
    shut: false,
    state: (
      <>
        {isFreeze ? 'Begins ' : 'Opens '}
        <Time at={next} />
      </>
    ),
  };
}

function WindowLine({ one }: { one: MaintenanceWindow }) {
  const { shut, state } = windowState(one);
  const { cron, duration } = one;
  const times =
    cron === null ? 'once' : `${cronText({ ...one, cron })} for ${spanText((duration ?? 0) * 60_000)}`;
  return (
    <li>
      <strong>{inert(one.name)}</strong>
      <span className={shut ? 'tone-IDLE' : ''}>{state}</span>
      <span className="muted">
        {one.kind === 'freeze' ? 'Freeze' : 'Maintenance window'}, {inert(times)}
        {one.comment !== null && `: ${inert(one.comment)}`}
      </span>
    </li>
  );
}

/** What a schedule works on; null: what it names is gone. */
function targetOf(one: JobSchedule, { datacenters, nodes }: Topology): string | null {
  if (one['job-scope'] === 'cluster') return 'the cluster';
  const all = one['job-scope'] === 'datacenter' ? datacenters : nodes;
  return all.find(({ id }) => id === one['resource-id'])?.name ?? null;
}

function ScheduleLine({ one, target }: { one: JobSchedule; target: string | null }) {
  const { cron, 'next-on': next, 'last-job-id': last, 'last-problem': problem } = one;
  const isDryRun = one.options['dry-run'] === true;
  return (
    <li>
      <strong>{inert(one.name)}</strong>
      <span className={one.enabled ? '' : 'muted'}>
        {next === null ? (
          one.enabled ? (
            'Over'
          ) : (
            'Off'
          )
        ) : (
          <>
            {'Next '}
            <Time at={next} />
          </>
        )}
      </span>
      <span className="muted">
        {jobWord({ 'job-type': one['job-type'], 'dry-run': isDryRun })} of{' '}
        {target === null ? `a ${one['job-scope']} that is gone` : inert(target)},{' '}
        {cron === null ? 'once' : inert(cronText({ ...one, cron }))}
        {one.comment !== null && `: ${inert(one.comment)}`}
        {last !== null && (
          <>
            {'. '}
            <Link href={`/jobs/${last}`}>Last job</Link>
          </>
        )}
      </span>
      {problem !== null && <span className="tone-FAILED">No job was made: {inert(problem)}</span>}
    </li>
  );
}

function Lines({ title, note, children }: { title: string; note?: string; children: ReactNode[] }) {
  return children.length === 0 ? null : (
    <section className="cluster-times">
      <h2>
        {title} {note !== undefined && <span className="tone-IDLE">{note}</span>}
      </h2>
      <ul>{children}</ul>
    </section>
  );
}

/** A cluster without windows is always open, one with windows in these alone; a freeze shuts it whatever they say. */
function isShut(all: readonly MaintenanceWindow[]): boolean {
  const windows = all.filter(({ kind }) => kind === 'window');
  const isFrozen = all.some(({ kind, open }) => kind === 'freeze' && open);
  return isFrozen || (windows.length > 0 && !windows.some(({ open }) => open));
}

export function ClusterTimes({ topology }: { topology: Topology }) {
  const { data, error } = useClusterTimes(topology.cluster.id);
  if (data === undefined)
    return error === null ? null : (
      <Failure error={error} what="Maintenance windows and scheduled jobs could not be read." />
    );
  const note = isShut(data.windows) ? { note: 'shut now: no node is stopped or started' } : {};
  return (
    <>
      <Lines title="Maintenance windows" {...note}>
        {data.windows.map((one) => (
          <WindowLine key={one.id} one={one} />
        ))}
      </Lines>
      <Lines title="Scheduled jobs">
        {data.schedules.map((one) => (
          <ScheduleLine key={one.id} one={one} target={targetOf(one, topology)} />
        ))}
      </Lines>
    </>
  );
}
