// GET /openapi.json: what this API takes and answers, for machines.
import { hrefBase } from './hrefs.ts';
import { createDocument } from './openapi/document.ts';
import type { RestParts, Routes } from './parts.ts';

/** Open: it tells nothing that is not the same everywhere, and a client may need it before it can log in. */
export function addOpenapiRoutes(open: Routes, { auth, hrefs }: Pick<RestParts, 'auth' | 'hrefs'>): void {
  const { openapi, ...rest } = createDocument(auth.isOn);
  // Told once: it is long, and everybody may ask for it.
  const text = JSON.stringify(rest).slice(1);
  open.get('/openapi.json', (ctx) => {
    const servers = [{ url: hrefBase(ctx.req, hrefs) }];
    ctx.type = 'application/json';
    ctx.body = `${JSON.stringify({ openapi, servers }).slice(0, -1)},${text}`;
  });
}
