// A moment by the chosen clock; the other clock's reading is its title.
import { useZone } from './clock.tsx';
import { timeText } from './times.ts';

export function Time({ at, withDay = true }: { at: string | number; withDay?: boolean }) {
  const { zone } = useZone();
  const ms = typeof at === 'number' ? at : Date.parse(at);
  const other = zone === 'utc' ? 'local' : 'utc';
  const otherName = other === 'utc' ? 'UTC' : 'local time';
  return (
    <time dateTime={new Date(ms).toISOString()} title={`${timeText(ms, other, true)} ${otherName}`}>
      {timeText(ms, zone, withDay)}
    </time>
  );
}
