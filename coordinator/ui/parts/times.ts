// Times and spans as short text.
import type { Zone } from './clock.tsx';

const two = (value: number): string => String(value).padStart(2, '0');

/** `14:02:09`, or with the day in front: `2026-11-24 14:02:09`. */
export function timeText(ms: number, zone: Zone, withDay: boolean): string {
  const at = new Date(ms);
  const [day, time] =
    zone === 'utc'
      ? [at.toISOString().slice(0, 10), at.toISOString().slice(11, 19)]
      : [
          `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
          `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
        ];
  return withDay ? `${day} ${time}` : time;
}

/** `12 s`, `3 min 04 s`, `2 h 10 min`, `5 d 3 h`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${two(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** One unit is enough for an age: `12 s`, `3 min`, `2 h`, `5 d`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
