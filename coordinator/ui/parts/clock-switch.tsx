// Chooses between UTC and the reader's own time.
import { useZone, type Zone } from './clock.tsx';

const ZONES: readonly { zone: Zone; name: string }[] = [
  { zone: 'utc', name: 'UTC' },
  { zone: 'local', name: 'Local' },
];

export function ClockSwitch() {
  const { zone, setZone } = useZone();
  return (
    <fieldset className="segments clock-switch">
      <legend className="hidden">Times are shown in</legend>
      {ZONES.map((choice) => (
        <label key={choice.zone}>
          <input
            type="radio"
            name="zone"
            checked={zone === choice.zone}
            onChange={() => setZone(choice.zone)}
          />
          <span>{choice.name}</span>
        </label>
      ))}
    </fieldset>
  );
}
