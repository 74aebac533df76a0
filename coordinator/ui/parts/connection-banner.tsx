// Says that the coordinator or its database is away, or the database's disk full, asks until all is well, then reads everything anew and goes.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { useApi } from '../api/api.ts';

const ASK_EVERY_MS = 2_000;

const WORDS = {
  'coordinator-away':
    'The coordinator does not answer. What is shown may be old; jobs go on without this page, and it catches up by itself.',
  'database-away':
    'The coordinator answers, but its database is away. What is shown may be old, and nothing can be started until it is back.',
  'database-full':
    "The disk of the coordinator's database is full. What is stored can be read, and nothing can be started or recorded until there is room.",
};

export function ConnectionBanner() {
  const api = useApi();
  const queries = useQueryClient();
  const state = useSyncExternalStore(api.connection.subscribe, api.connection.state);
  useEffect(() => {
    if (state === 'fine' || state === 'signed-out') return;
    const timer = setInterval(() => void api.probe(), ASK_EVERY_MS);
    return () => {
      clearInterval(timer);
      // Whoever heard of it, and also where that was another request: what failed meanwhile asks for nothing by itself.
      if (api.connection.state() === 'fine') void queries.invalidateQueries();
    };
  }, [state, api, queries]);
  return (
    <div role="status" aria-live="polite">
      {state !== 'fine' && state !== 'signed-out' && <p className="banner">{WORDS[state]}</p>}
    </div>
  );
}
