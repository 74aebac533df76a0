// GET /openapi.json: what this API takes and answers, for machines.
import { hrefBase } from './hrefs.ts';
import type { Json } from './openapi/components.ts';
import type { RestParts, Routes } from './parts.ts';

/** Open: it tells nothing that is not the same everywhere, and a client may need it before it can log in. */
export function addOpenapiRoutes(
  open: Routes,
  documentOf: () => Json,
  { hrefs }: Pick<RestParts, 'hrefs'>,
): void {
  // Written out once: it is long, and everybody may ask for it.
  let text: string | undefined;
  open.get('/openapi.json', (ctx) => {
    const { openapi, ...rest } = documentOf();
    text ??= JSON.stringify(rest).slice(1);
    const servers = [{ url: hrefBase(ctx.req, hrefs) }];
    ctx.type = 'application/json';
    ctx.body = `${JSON.stringify({ openapi, servers }).slice(0, -1)},${text}`;
  });
}
