// A job's log as a component reads it: the window of events, whether it is live, and a way to earlier events.
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { JobDetail } from '../../../shared/rest-types.ts';
import { useApi } from '../api/api.ts';
import { CHUNK, EventWindow } from './event-window.ts';
import { JobStream, readRange } from './job-stream.ts';
import type { LogEvent } from './log-event.ts';

export interface JobLog {
  events: readonly LogEvent[];
  earlier: number;
  canLoadEarlier: boolean;
  loadEarlier: () => void;
  state: 'live' | 'reconnecting' | 'ended';
  lastAtMs: (nodeId: string) => number | undefined;
}

/** @param eventCount how many there were when the page was opened */
export function useJobLog(jobId: string, eventCount: number): JobLog {
  const api = useApi();
  const queries = useQueryClient();
  const held = useRef(new EventWindow());
  const loading = useRef(false);
  const [events, setEvents] = useState<readonly LogEvent[]>([]);
  const [state, setState] = useState<JobLog['state']>('live');

  // biome-ignore lint/correctness/useExhaustiveDependencies: the count only says where to begin
  useEffect(() => {
    held.current = new EventWindow();
    setEvents([]);
    setState('live');
    const stream = new JobStream(jobId, Math.max(0, eventCount - CHUNK), {
      events: (batch) => {
        held.current.append(batch);
        setEvents(held.current.events);
      },
      job: (job) => {
        const queryKey = ['job', jobId];
        const take = (): void => {
          queries.setQueryData<JobDetail>(queryKey, (old) => (old === undefined ? old : { ...old, ...job }));
          void queries.invalidateQueries({ queryKey: [...queryKey, 'nodes'] });
        };
        // An answer that is on its way may be older, and must not take its place.
        if (queries.getQueryData(queryKey) === undefined) take();
        else void queries.cancelQueries({ queryKey, exact: true }).then(take);
      },
      ended: () => {
        setState('ended');
        void queries.invalidateQueries({ queryKey: ['job', jobId] });
      },
      connected: (connected) => {
        setState(connected ? 'live' : 'reconnecting');
        if (!connected) void api.probe();
      },
    });
    return () => stream.close();
  }, [jobId, api, queries]);

  const loadEarlier = useCallback(() => {
    const { earlier } = held.current;
    if (loading.current || earlier === 0) return;
    loading.current = true;
    readRange(jobId, Math.max(0, earlier - CHUNK), earlier + 1)
      .then((batch) => {
        held.current.prepend(batch);
        setEvents(held.current.events);
      })
      .catch(() => void api.probe())
      .finally(() => {
        loading.current = false;
      });
  }, [jobId, api]);

  return {
    events,
    earlier: held.current.earlier,
    canLoadEarlier: held.current.canGrow,
    loadEarlier,
    state,
    lastAtMs: (nodeId) => held.current.lastAtMs(nodeId),
  };
}
