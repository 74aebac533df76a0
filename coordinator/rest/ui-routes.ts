// Serves the web desk: one page for every deep link, hashed assets for ever, and a policy under which nothing else runs.
import { NotFound } from '../../shared/errors.ts';
import { likingOf, rangesIn } from './accept.ts';
import type { Context, RestParts, Routes } from './parts.ts';
import { PROBLEM_JSON } from './problem.ts';
import type { UiFile } from './ui-files.ts';

/** The desk's own routes (coordinator/ui/app.tsx), and the original's page. */
const PAGES = ['/', '/jobs/:id', '/clusters', '/clusters/:id', '/opscenter/lcm.html'];

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const NOT_BUILT =
  'The web desk is not built: run `npm run build` and start again. The API is at /api/v2/lcm/.\n';

/** A file that is all there is to its page: nothing from elsewhere is let in. */
export function send(ctx: Context, file: UiFile, cacheControl: string): void {
  ctx.set('content-security-policy', CONTENT_SECURITY_POLICY);
  ctx.set('referrer-policy', 'no-referrer');
  ctx.set('cross-origin-opener-policy', 'same-origin');
  ctx.set('cache-control', cacheControl);
  ctx.set('vary', 'accept-encoding');
  ctx.type = file.type;
  if (ctx.acceptsEncodings('gzip', 'identity') === 'gzip') {
    ctx.set('content-encoding', 'gzip');
    ctx.body = file.gzipped;
  } else ctx.body = file.bytes;
}

export function addUiRoutes(router: Routes, { ui }: Pick<RestParts, 'ui'>): void {
  router.get(PAGES, (ctx) => {
    if (ui !== null) send(ctx, ui.page, 'no-cache');
    else {
      ctx.status = 404;
      ctx.type = 'text/plain';
      ctx.body = NOT_BUILT;
    }
  });
  router.get('/ui/:name', (ctx) => {
    const name = ctx.params['name'] ?? '';
    const asset = ui?.assets.get(name);
    if (asset === undefined) throw new NotFound('asset', name.slice(0, 64));
    send(ctx, asset, 'public, max-age=31536000, immutable');
  });
}

/** Who asks for a page rather than for the API: nobody who likes any JSON as much, in whatever order, or takes anything. */
function wantsPage(ctx: Context): boolean {
  const ranges = rangesIn(ctx.get('accept'));
  const json = Math.max(...['application/json', PROBLEM_JSON].map((type) => likingOf(ranges, type)));
  return ['GET', 'HEAD'].includes(ctx.method) && likingOf(ranges, 'text/html') > json;
}

/**
 * The desk's page, as a 404, for a browser that asks for what is nowhere; it says so, and leads back.
 * Comes before the gate, since nothing is told by it: a path of the API is left to the API.
 * @param isOfApi whether a route of the API has this path
 */
export function pageForStrays({ ui }: Pick<RestParts, 'ui'>, isOfApi: (path: string) => boolean) {
  return async (ctx: Context, next: () => Promise<unknown>): Promise<void> => {
    if (ui === null || !wantsPage(ctx) || isOfApi(ctx.path)) return void (await next());
    send(ctx, ui.page, 'no-cache');
    ctx.vary('accept');
    ctx.status = 404;
  };
}
