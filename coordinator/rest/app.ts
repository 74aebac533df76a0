// The Koa application: both base paths over one store, one door for errors, request ids.
import Router from '@koa/router';
import Koa from 'koa';
import { NotFound } from '../../shared/errors.ts';
import { asLcmError } from '../store/database.ts';
import { addActionRoutes } from './action-routes.ts';
import { addCacertRoutes } from './cacert-routes.ts';
import { addCloneRoutes } from './clone-routes.ts';
import { checkSite } from './cross-site.ts';
import { addDefinitionRoutes } from './definition-routes.ts';
import { addDocsRoutes } from './docs-routes.ts';
import { addDriftRoutes } from './drift-routes.ts';
import { dryRunOr } from './dry-run.ts';
import { type ErrorBody, errorBody, methodRefused } from './error-status.ts';
import { addHealthRoutes } from './health-routes.ts';
import { hrefBase } from './hrefs.ts';
import { idempotency } from './idempotency.ts';
import { addJobEventRoutes } from './job-event-routes.ts';
import { addJobRoutes } from './job-routes.ts';
import { addLiveRoutes } from './live-routes.ts';
import { addModelRoutes } from './model-routes.ts';
import type { Json } from './openapi/components.ts';
import { createDocument } from './openapi/document.ts';
import { addOpenapiRoutes } from './openapi-routes.ts';
import type { Context, RestParts, Routes, State } from './parts.ts';
import { addPauseRoutes } from './pause-routes.ts';
import { PROBLEM_JSON, problemOf, wantsProblem } from './problem.ts';
import { sessionGate } from './sessions.ts';
import { addSettingRoutes } from './setting-routes.ts';
import { addSignInRoutes } from './sign-in-routes.ts';
import { traceOf } from './trace.ts';
import { addUiRoutes, pageForStrays } from './ui-routes.ts';

/** Without `vary` a cache would give one caller another one's form. */
function refuse(ctx: Context, body: ErrorBody): void {
  ctx.status = body.code;
  ctx.vary('accept');
  if (wantsProblem(ctx.get('accept'))) {
    ctx.body = problemOf(body);
    ctx.type = PROBLEM_JSON;
  } else ctx.body = body;
}

/** A path that needs no session needs none to be told either that it has no such method. */
async function otherMethodsOfOpen(ctx: Context, next: () => Promise<unknown>): Promise<void> {
  const { matched = [] } = ctx as { matched?: readonly { methods: readonly string[] }[] };
  if (matched.length === 0) return void (await next());
  ctx.set('allow', [...new Set(matched.flatMap(({ methods }) => methods))].join(', '));
  if (ctx.method === 'OPTIONS') ctx.status = 204;
  else refuse(ctx, methodRefused(ctx.method, ctx.path));
}

const BASES = ['v1', 'v2'] as const;

export function createApp(parts: RestParts): Koa<State> {
  const app = new Koa<State>();
  const log = parts.log.child({ component: 'rest' });

  // A caller that left in the middle of its answer; Koa alone would print a stack.
  app.on('error', (err) => log.debug('answer not delivered', { err }));

  app.use(async (ctx, next) => {
    const startedOn = performance.now();
    const { requestId, traceId, spanId, traceparent } = traceOf({
      requestId: ctx.get('x-request-id'),
      traceparent: ctx.get('traceparent'),
    });
    ctx.state.log = log.child({ requestId, traceId, spanId });
    ctx.set({ 'x-request-id': requestId, traceparent });
    ctx.set('x-content-type-options', 'nosniff');
    ctx.set('cache-control', 'no-store');
    try {
      const headers = { origin: ctx.get('origin'), fetchSite: ctx.get('sec-fetch-site') };
      checkSite(ctx.method, headers, parts.hrefs);
      await next();
      if (ctx.status === 404 && ctx.body === undefined) {
        const path = ctx.path.slice(0, 200);
        throw new NotFound('path', path, `There is no such path: ${path}`);
      }
      // The router tells methods that no route has apart (501): to callers they are all the same.
      if (ctx.status === 405 || ctx.status === 501) refuse(ctx, methodRefused(ctx.method, ctx.path));
    } catch (thrown) {
      const error = asLcmError(thrown);
      const body = errorBody(error);
      if (body.code >= 500)
        ctx.state.log.error('request failed', {
          err: error,
          method: ctx.method,
          path: ctx.path,
          status: body.code,
        });
      if (body.code === 415) ctx.set('accept-encoding', 'identity'); // which codings would do (RFC 9110, 15.5.16)
      if (body.code === 401) ctx.set('www-authenticate', 'Bearer');
      refuse(ctx, body);
    } finally {
      ctx.state.log.debug('request answered', {
        method: ctx.method,
        path: ctx.path,
        status: ctx.status,
        durationMs: Math.round(performance.now() - startedOn),
      });
    }
  });

  const open: Routes = new Router<State>();
  const inner: Routes = new Router<State>();
  addHealthRoutes(open, inner, parts);
  addUiRoutes(open, parts);
  // Made when first asked for: half a second that no start has to wait for.
  let document: Json | undefined;
  const documentOf = (): Json => {
    document ??= createDocument(parts.auth.isOn);
    return document;
  };
  addOpenapiRoutes(open, documentOf, parts);
  addDocsRoutes(open, documentOf);
  addSignInRoutes(open, inner, parts);
  // What comes after the gate is for those who are signed in, also what will be added some day.
  app.use(open.routes()).use(otherMethodsOfOpen);
  const isOfApi = (path: string): boolean =>
    /^\/api(?:\/|$)/.test(path) || inner.match(path, 'GET').path.length > 0;
  app.use(pageForStrays(parts, isOfApi)).use(sessionGate(parts));
  app.use(inner.routes()).use(inner.allowedMethods());
  for (const version of BASES) {
    const router: Routes = new Router<State>({ prefix: `/api/${version}/lcm` });
    router.use(async (ctx, next) => {
      ctx.state.base = { url: `${hrefBase(ctx.req, parts.hrefs)}/api/${version}/lcm`, version };
      await next();
    });
    router.use(dryRunOr(idempotency(parts), parts));
    addJobRoutes(router, parts);
    addJobEventRoutes(router, parts);
    addLiveRoutes(router, parts);
    addActionRoutes(router, parts);
    addPauseRoutes(router);
    addModelRoutes(router, parts);
    addCloneRoutes(router, parts);
    addCacertRoutes(router, parts);
    addDriftRoutes(router, parts);
    addDefinitionRoutes(router);
    addSettingRoutes(router, parts);
    router.get('/', (ctx) => {
      const names = [
        'actions',
        'jobs',
        'job_nodes',
        'job_events',
        'repositories',
        'machine_credentials',
        'config_profiles',
        'clusters',
        'datacenters',
        'nodes',
        'maintenance_windows',
        'job_schedules',
        'definitions',
        'settings',
      ];
      ctx.body = Object.fromEntries(names.map((name) => [name, `${ctx.state.base.url}/${name}/`]));
    });
    app.use(router.routes()).use(router.allowedMethods());
  }
  return app;
}
