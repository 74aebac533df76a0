// Liveness, readiness and the version that clients ask for first.
import { VERSION } from '../../shared/version.ts';
import { answers } from '../store/database.ts';
import type { RestParts, Routes } from './parts.ts';

export function addHealthRoutes(router: Routes, { db }: RestParts): void {
  router.get('/livez', (ctx) => {
    ctx.body = { live: true };
  });
  router.get('/readyz', async (ctx) => {
    const ready = await answers(db);
    ctx.status = ready ? 200 : 503;
    ctx.body = { ready, database: ready ? 'answers' : 'away' };
  });
  router.get('/meta', (ctx) => {
    ctx.body = { version: VERSION, product: 'ringmaster' };
  });
}
