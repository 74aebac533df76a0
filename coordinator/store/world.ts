// Reads all that a pass needs of one job in one statement, so that it is one moment; what runs ask at the gate stands beside it.
import { sql } from 'kysely';
import type { JobType } from '../../shared/actions.ts';
import type { SettingValues } from '../../shared/settings.ts';
import type { World, WorldJob, WorldLimits } from '../core/world.ts';
import { beatLost, listeningSince } from './beats.ts';
import type { Executor } from './database.ts';
import { readGate } from './gate.ts';
import { HAS_SOURCE, nearest } from './nearest.ts';
import { changedSettings } from './settings.ts';
import { windowsOf } from './windows.ts';

type Row = Omit<World, 'limits' | 'job' | 'gate'> & {
  job: Omit<WorldJob, 'idleAfterMs'> & { idleAfterS: number | null };
  settings: Partial<SettingValues>;
};

/** What holds while nobody has changed it at run time, and what only a restart changes. */
export interface PassDefaults {
  settings: SettingValues;
  limits: Omit<WorldLimits, 'adoptionWindowMs'>;
}

const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);

/** Of a row `j` of job: a `WorldCanary`, or null. */
export const CANARY = sql`case when j.canary_batches > 0 then json_build_object('batches', j.canary_batches, 'waitMs', j.canary_wait_s::float8 * 1000,
  'waitedMs', j.canary_waited_ms, 'sinceMs', ${ms('j.canary_since')}, 'passedMs', ${ms('j.canary_passed_on')}) end`;

/** @returns null when there is no such job */
export async function readWorld(db: Executor, jobId: string, defaults: PassDefaults): Promise<World | null> {
  const answer = await sql<{ world: Row }>`
    select json_build_object(
      'nowMs', ${ms('clock_timestamp()')},
      'listeningSinceMs', (extract(epoch from ${listeningSince}) * 1000)::float8,
      'job', json_build_object(
        'id', j.id, 'type', j.job_type, 'status', j.status,
        'startedMs', ${ms('j.started_on')}, 'endedMs', ${ms('j.ended_on')}, 'orphanedMs', ${ms('j.orphaned_on')},
        'terminateRequestedMs', ${ms('j.terminate_requested_on')}, 'terminateRequests', j.terminate_requests,
        'continueOnError', j.continue_on_error, 'holdOnError', j.hold_on_error,
        'isLooking', j.dry_run,
        'pausedMs', ${ms('j.paused_on')}, 'pausedBy', j.paused_by, 'resumedMs', ${ms('j.resumed_on')},
        'ignoreWindows', j.job_data @> '{"ignore-windows": true}', 'askedBy', coalesce(j.asked_by, j.windows_ignored_by), 'windowsIgnoredMs', ${ms('j.windows_ignored_on')},
        'canary', ${CANARY},
        'idleAfterS', j.idle_after_s, 'waitingFor', j.waiting_for),
      'settings', ${changedSettings},
      'windows', ${windowsOf(sql`j.cluster_id`)},
      'ahead', (select json_build_object('jobId', a.id, 'jobType', a.job_type, 'status', a.status)
        from job a where a.cluster_id = j.cluster_id and a.ended_on is null and a.number < j.number
        order by a.number limit 1),
      'nodes', coalesce((select json_agg(json_build_object(
        'jobNodeId', n.id, 'nodeId', n.node_id, 'name', n.node_name, 'batch', coalesce(n.batch, n.position), 'status', n.status, 'endedMs', ${ms('n.ended_on')}, 'isRetried', n.retried_on is not null,
        'agent', json_build_object(
          'enrolled', g.node_id is not null,
          'connected', g.session_id is not null and coalesce(c.beat_on > ${beatLost}, false),
          'awaySinceMs', case when g.session_id is null then ${ms('g.disconnected_on')}
            when c.beat_on <= ${beatLost} then ${ms('c.beat_on')} end),
        'heldByFencedRun', exists (select 1 from run f
          where f.node_id = n.node_id and f.fenced_on is not null and f.let_go_on is null and f.finished_on is null),
        'isModelled', r.id is not null or coalesce((select ${sql.raw(nearest('config_profile_id'))} is not null
          and (j.job_type not in ('install', 'upgrade') or ${sql.raw(HAS_SOURCE)})
          from node n join datacenter d on d.id = n.datacenter_id join cluster cl on cl.id = d.cluster_id where n.id = at.node_id), true),
        'hasCredential', g.node_id is null and exists (select from node n join datacenter d on d.id = n.datacenter_id join cluster cl on cl.id = d.cluster_id
          where n.id = at.node_id and ${sql.raw(nearest('machine_credential_id'))} is not null),
        'bootstrap', (select json_build_object('createdMs', ${ms('b.created_on')}, 'failedTries', b.failed_tries, 'reason', b.reason,
            'hasBegun', b.tried_on is not null, 'hasEntered', b.entered_on is not null,
            'waits', case when b.waits then case when b.next_try_on = 'infinity' then 'change' else 'while' end end,
            'outcome', b.outcome)
          from bootstrap b where b.job_node_id = n.id and b.outcome is distinct from 'dropped'),
        'run', case when r.id is null then null else json_build_object(
          'id', r.id, 'createdMs', ${ms('r.created_on')}, 'acceptedMs', ${ms('r.accepted_on')},
          'stopRequestedMs', ${ms('r.stop_requested_on')},
          'outcome', r.outcome, 'reason', r.reason, 'step', r.progress ->> 'step',
          'lastActiveMs', ${ms('r.last_active_on')}) end
        ) order by n.position)
        from job_node n cross join lateral (select n.node_id) at
        left join agent g on g.node_id = n.node_id
        left join coordinator c on c.id = g.coordinator_id
        left join lateral (select * from run where run.job_node_id = n.id order by created_on desc limit 1) r on true
        where n.job_id = j.id), '[]'::json)
    ) as world
    from job j where j.id = ${jobId}`.execute(db);
  const row = answer.rows[0]?.world;
  if (row === undefined) return null;
  const { settings: changed, job, ...rest } = row;
  const settings = { ...defaults.settings, ...changed };
  const { idleAfterS, ...known } = job;
  return {
    ...rest,
    // Only runs that are under way ask, and most passes have none: another statement would only be waited for.
    gate: row.nodes.some(({ run }) => run !== null && run.outcome === null) ? await readGate(db, jobId) : [],
    job: {
      ...known,
      idleAfterMs: (idleAfterS ?? settings[`${job.type as JobType}-idle-timeout`]) * 1_000,
    },
    limits: { ...defaults.limits, adoptionWindowMs: settings['adoption-window'] * 1_000 },
  };
}
