// `?dry-run=true` on a write to the model: checked and answered as if it were done, and nothing is.
import { InvalidInput, pointerTo } from '../../shared/errors.ts';
import { MODELS } from '../../shared/models.ts';
import { readText } from './body.ts';
import type { Context, RestParts } from './parts.ts';

const RECORDS = new RegExp(
  `^/api/v[12]/lcm/(?:${MODELS.map(({ path }) => path).join('|')})(?:/[^/]+(?:/clone)?)?/?$`,
);

/** What keeps a write from being done, however it is written: passed over it would be done. */
const HOLDING_BACK = new Map([
  ['dryrun', 'dry-run'],
  ['plan', 'plan'],
  ['plans', 'plan'],
]);
const MAKES_JOB = /^\/api\/v[12]\/lcm\/(?:actions\/[^/]+|jobs\/[^/]+\/retry)\/?$/;

/** @throws InvalidInput for a name that is nearly one of them, and for a plan of what makes no job */
function refuseNearly(ctx: Context): void {
  const problems = Object.keys(ctx.query).flatMap((name) => {
    const meant = HOLDING_BACK.get(name.toLowerCase().replaceAll(/[-_ ]/g, ''));
    return meant === undefined || meant === name
      ? []
      : [{ pointer: pointerTo(name.slice(0, 64)), message: `is not known here: ${meant} may be meant` }];
  });
  const { plan } = ctx.query;
  if (plan !== undefined && plan !== 'false' && !MAKES_JOB.test(ctx.path))
    problems.push({
      pointer: '/plan',
      message: 'is for what makes a job; dry-run=true tries a write to the model',
    });
  if (problems.length > 0) throw new InvalidInput('The query is not valid', problems);
}

/** @throws InvalidInput where nothing can be tried, so that nobody has done what he meant to try */
function isTrial(ctx: Context): boolean {
  if (!['POST', 'PUT', 'DELETE'].includes(ctx.method)) return false;
  refuseNearly(ctx);
  const given = ctx.query['dry-run'];
  if (given === undefined) return false;
  const refuse = (message: string): never => {
    throw new InvalidInput('There is no such dry run', [{ pointer: '/dry-run', message }]);
  };
  if (!RECORDS.test(ctx.path))
    refuse('is for records of the model alone; plan=true tells what a job would do');
  if (given !== 'true' && given !== 'false') refuse('must be true or false, and be said once');
  return given === 'true';
}

/** What was tried, and is to leave no trace. */
class Tried extends Error {}

/** Gives routes a transaction to write with that is rolled back whatever comes of it. @param otherwise for writes that are meant */
export function dryRunOr(
  otherwise: (ctx: Context, next: () => Promise<unknown>) => Promise<void>,
  { db }: Pick<RestParts, 'db'>,
) {
  return async (ctx: Context, next: () => Promise<unknown>): Promise<void> => {
    if (!isTrial(ctx)) return await otherwise(ctx, next);
    // Before the transaction: a slow caller must not keep it open.
    await readText(ctx.req);
    try {
      await db.transaction().execute(async (trx) => {
        ctx.state.writes = { db: trx, wake: () => {} };
        await next();
        throw new Tried();
      });
    } catch (error) {
      if (!(error instanceof Tried)) throw error;
    }
    ctx.status = 200;
    ctx.remove('location');
  };
}
