// Liveness, readiness, the version that clients ask for first, and the clusters that are monitored, of which there are none.
import { VERSION } from '../../shared/version.ts';
import { standingOf } from '../store/database.ts';
import type { RestParts, Routes } from './parts.ts';

/** @param open routes that need no session @param inner routes that do */
export function addHealthRoutes(open: Routes, inner: Routes, { db }: RestParts): void {
  open.get('/livez', (ctx) => {
    ctx.body = { live: true };
  });
  open.get('/readyz', async (ctx) => {
    const database = await standingOf(db);
    const ready = database === 'answers';
    ctx.status = ready ? 200 : 503;
    ctx.body = { ready, database };
  });
  inner.get('/meta', (ctx) => {
    ctx.body = { version: VERSION, product: 'ringmaster', user: ctx.state.session?.account ?? null };
  });
  // The original's list of what it monitors, by id: scripts that work through it have nothing to do here, and end well.
  inner.get('/cluster-configs', (ctx) => {
    ctx.body = {};
  });
}
