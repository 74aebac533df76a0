// Create, read, update, delete of the model resources, and the lists nested below them.
import { modelList } from '../../shared/lists.ts';
import { MODELS, type Model, modelOf } from '../../shared/models.ts';
import { readClock } from '../store/clock.ts';
import { openJobsOfCluster } from '../store/jobs.ts';
import { deleteModel } from '../store/model-deletes.ts';
import { listModels } from '../store/model-lists.ts';
import { insertModel, type ModelRow, type ModelValues, readModel, updateModel } from '../store/models.ts';
import { readBody } from './body.ts';
import { answerTagged, checkMayWrite, entityTag } from './entity-tags.ts';
import { modelFields } from './fields.ts';
import { sendPage } from './list-pages.ts';
import { listQuery } from './list-queries.ts';
import { idOf } from './parameters.ts';
import type { Context, RestParts, Routes } from './parts.ts';
import { prefersStrict } from './prefer.ts';
import { checkFixed, checkWhole, meantRecord } from './record-checks.ts';
import { onlyFlag } from './schemas.ts';
import { modelView } from './views.ts';

export const NESTED: readonly { parent: string; child: string; field: string }[] = [
  { parent: 'clusters', child: 'datacenters', field: 'cluster-id' },
  { parent: 'clusters', child: 'nodes', field: 'cluster-id' },
  { parent: 'clusters', child: 'maintenance_windows', field: 'cluster-id' },
  { parent: 'clusters', child: 'job_schedules', field: 'cluster-id' },
  { parent: 'datacenters', child: 'nodes', field: 'datacenter-id' },
  { parent: 'config_profiles', child: 'clusters', field: 'config-profile-id' },
  { parent: 'config_profiles', child: 'datacenters', field: 'config-profile-id' },
  { parent: 'config_profiles', child: 'nodes', field: 'config-profile-id' },
];

const strictnessOf = (ctx: Context) => ({ strict: prefersStrict(ctx) });

/** What its windows and freezes say now may be for a job of the cluster to go on, or to stop no more nodes. */
async function wakeJobsUnder(ctx: Context, model: Model, row: ModelRow): Promise<void> {
  if (model.table !== 'maintenance_window') return;
  const { db, wake } = ctx.state.writes;
  for (const jobId of await openJobsOfCluster(db, String(row['cluster_id']))) wake('job', jobId);
}

export function addModelRoutes(router: Routes, { db, box, enrolmentBundle }: RestParts): void {
  const writerOf = (ctx: Context) => ({ box, by: ctx.state.session?.account ?? null });
  const list = async (
    ctx: Context,
    model: Model,
    path: string,
    within: { field: string; id: string } | null,
  ): Promise<void> => {
    const query = listQuery(ctx.query, modelList(model, within?.field));
    const asked = [...query.filters, ...(within === null ? [] : [[within.field, within.id] as const])];
    const filters = Object.fromEntries(asked.map(([name, value]) => [name.replaceAll('-', '_'), value]));
    const order = {
      by: query.sort === 'name' ? 'name' : 'created_on',
      descending: query.descending,
    } as const;
    const page = await listModels(db, model, filters, order, query);
    sendPage(ctx, path, query, page, (row) => modelView(model, row, ctx.state.base));
  };
  for (const model of MODELS) {
    router.get(`/${model.path}`, async (ctx) => {
      await list(ctx, model, `${model.path}/`, null);
    });
    router.post(`/${model.path}`, async (ctx) => {
      const given = modelFields(model, await readBody(ctx.req), true);
      const { db } = ctx.state.writes;
      const values = meantRecord(model, given, null, await readClock(db), box);
      checkWhole(model, values, null, strictnessOf(ctx));
      const row = await insertModel(db, model, values, writerOf(ctx));
      ctx.status = 201;
      ctx.set('location', `${ctx.state.base.url}/${model.path}/${row.id}`);
      await wakeJobsUnder(ctx, model, row);
      answerTagged(ctx, row, modelView(model, row, ctx.state.base));
    });
    router.get(`/${model.path}/:id`, async (ctx) => {
      const row = await readModel(db, model, idOf(model.type, ctx.params['id']));
      answerTagged(ctx, row, modelView(model, row, ctx.state.base));
    });
    const mayWrite = (ctx: Context, before: ModelRow): void =>
      checkMayWrite(ctx, entityTag(before, modelView(model, before, ctx.state.base)));
    const change = async (ctx: Context): Promise<void> => {
      const id = idOf(model.type, ctx['params']['id']);
      const given = modelFields(model, await readBody(ctx.req), false);
      const decide = (before: ModelRow): ModelValues => {
        mayWrite(ctx, before);
        const values = meantRecord(model, given, before, Number(before['now_ms']), box);
        checkFixed(model, before, values);
        checkWhole(model, values, before, strictnessOf(ctx));
        return values;
      };
      const row = await updateModel(ctx.state.writes.db, model, id, decide, writerOf(ctx));
      await wakeJobsUnder(ctx, model, row);
      answerTagged(ctx, row, modelView(model, row, ctx.state.base));
    };
    router.put(`/${model.path}/:id`, change);
    // One real client changes nodes by POST.
    if (model.table === 'node') router.post(`/${model.path}/:id`, change);
    router.delete(`/${model.path}/:id`, async (ctx) => {
      const id = idOf(model.type, ctx.params['id']);
      let deleted: ModelRow | null = null;
      await deleteModel(ctx.state.writes.db, model, id, (before) => {
        mayWrite(ctx, before);
        deleted = before;
      });
      if (deleted !== null) await wakeJobsUnder(ctx, model, deleted);
      // Real clients parse the answer of a delete as JSON.
      ctx.status = 200;
      ctx.body = { id, type: model.type, deleted: true };
    });
  }
  for (const { parent, child, field } of NESTED) {
    const [above, below] = [modelOf(parent), modelOf(child)];
    router.get(`/${parent}/:id/${child}`, async (ctx) => {
      const { id } = await readModel(db, above, idOf(above.type, ctx.params['id']));
      await list(ctx, below, `${parent}/${id}/${child}/`, { field, id });
    });
  }
  router.post('/nodes/:id/enrolment', async (ctx) => {
    onlyFlag('an enrolment', null, await readBody(ctx.req, 'may be empty'));
    const { bundle, expiresOn } = await enrolmentBundle(ctx.state.writes.db, idOf('node', ctx.params['id']));
    ctx.status = 201;
    ctx.body = { bundle, 'expires-on': expiresOn.toISOString() };
  });
}
