// The events that are in sight, out of however many are loaded.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useState } from 'react';
import type { LogEvent } from '../live/log-event.ts';
import { LogRow } from './log-row.tsx';

const USUAL_ROW_PX = 25;

interface Props {
  events: readonly LogEvent[];
  names: ReadonlyMap<string, string>;
  showNode: boolean;
  scroller: RefObject<HTMLElement | null>;
  onResize: () => void;
}

export function LogRows({ events, names, showNode, scroller, onResize }: Props) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((id: string) => {
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => USUAL_ROW_PX,
    getItemKey: (at) => events[at]?.id ?? at,
    overscan: 12,
  });
  const height = rows.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height is what it is about
  useLayoutEffect(onResize, [height, onResize]);
  return (
    <ol className="log-rows" style={{ height }}>
      {rows.getVirtualItems().map(({ key, index, start }) => {
        const event = events[index];
        if (event === undefined) return null;
        return (
          <li
            key={key}
            ref={rows.measureElement}
            data-index={index}
            aria-posinset={index + 1}
            aria-setsize={events.length}
            style={{ transform: `translateY(${start}px)` }}
          >
            <LogRow
              event={event}
              nodeName={showNode ? nameOf(event, names) : null}
              isOpen={open.has(event.id)}
              onToggle={toggle}
            />
          </li>
        );
      })}
    </ol>
  );
}

const nameOf = (event: LogEvent, names: ReadonlyMap<string, string>): string =>
  event.nodeId === null ? 'job' : (names.get(event.nodeId) ?? '');
