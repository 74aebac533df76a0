// Which clock times are shown by, UTC or the reader's own, and a second hand that ages move by.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useApi } from '../api/api.ts';

export type Zone = 'utc' | 'local';

const KEPT_AS = 'ringmaster.zone';
const ZoneContext = createContext<{ zone: Zone; setZone: (zone: Zone) => void }>({
  zone: 'utc',
  setZone: () => {},
});
const NowContext = createContext(0);

export function ClockProvider({ children }: { children: ReactNode }) {
  const api = useApi();
  const [zone, setZone] = useState<Zone>(() => (localStorage.getItem(KEPT_AS) === 'local' ? 'local' : 'utc'));
  const [nowMs, setNowMs] = useState(api.nowMs);
  useEffect(() => localStorage.setItem(KEPT_AS, zone), [zone]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNowMs(api.nowMs());
    }, 1_000);
    return () => clearInterval(timer);
  }, [api]);
  const choice = useMemo(() => ({ zone, setZone }), [zone]);
  return (
    <ZoneContext value={choice}>
      <NowContext value={nowMs}>{children}</NowContext>
    </ZoneContext>
  );
}

export const useZone = () => useContext(ZoneContext);
/** The coordinator's time, once a second. */
export const useNow = (): number => useContext(NowContext);
