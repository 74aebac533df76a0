// What of a job's log is shown, kept in the URL.
import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import type { LogEvent } from '../live/log-event.ts';

export const ONLY = ['all', 'changes', 'errors'] as const;
export type Only = (typeof ONLY)[number];

export interface LogFilter {
  nodeId: string | null;
  only: Only;
  text: string;
}

export function useLogFilter(): [LogFilter, (change: Partial<LogFilter>) => void] {
  const [search, setSearch] = useSearchParams();
  const nodeId = search.get('node');
  const only = ONLY.find((choice) => choice === search.get('only')) ?? 'all';
  const text = search.get('text') ?? '';
  const filter = useMemo(() => ({ nodeId, only, text }), [nodeId, only, text]);
  const change = (part: Partial<LogFilter>): void => {
    const next = { ...filter, ...part };
    setSearch(
      () =>
        new URLSearchParams(
          Object.entries({
            ...(next.nodeId === null ? {} : { node: next.nodeId }),
            ...(next.only === 'all' ? {} : { only: next.only }),
            ...(next.text === '' ? {} : { text: next.text }),
          }),
        ),
      { replace: true },
    );
  };
  return [filter, change];
}

const holds = (event: LogEvent, words: string): boolean =>
  event.message.toLowerCase().includes(words) ||
  event.subtype.includes(words) ||
  (event.resource?.toLowerCase().includes(words) ?? false) ||
  event.diff.toLowerCase().includes(words) ||
  (event.traceback?.toLowerCase().includes(words) ?? false);

export function filtered(events: readonly LogEvent[], filter: LogFilter): readonly LogEvent[] {
  const { nodeId, only } = filter;
  const words = filter.text.trim().toLowerCase();
  if (nodeId === null && only === 'all' && words === '') return events;
  return events.filter(
    (event) =>
      (nodeId === null || event.nodeId === nodeId) &&
      (only !== 'changes' || event.changes) &&
      (only !== 'errors' || event.type === 'error') &&
      (words === '' || holds(event, words)),
  );
}
