// Create, read, update, delete of the six model resources, and the lists nested below them.
import { MODELS, modelOf } from '../../shared/models.ts';
import { deleteModel } from '../store/model-deletes.ts';
import {
  insertModel,
  listModels,
  type ModelRow,
  type ModelValues,
  readModel,
  updateModel,
} from '../store/models.ts';
import { readBody } from './body.ts';
import { answerTagged, checkMayWrite, entityTag } from './entity-tags.ts';
import { modelFields } from './fields.ts';
import { idOf, pageOf } from './parameters.ts';
import type { Context, RestParts, Routes } from './parts.ts';
import { checkFixed, checkWhole } from './record-checks.ts';
import { modelView, pageView } from './views.ts';

export const NESTED: readonly { parent: string; child: string; column: string }[] = [
  { parent: 'clusters', child: 'datacenters', column: 'cluster_id' },
  { parent: 'clusters', child: 'nodes', column: 'cluster_id' },
  { parent: 'datacenters', child: 'nodes', column: 'datacenter_id' },
  { parent: 'config_profiles', child: 'clusters', column: 'config_profile_id' },
  { parent: 'config_profiles', child: 'datacenters', column: 'config_profile_id' },
  { parent: 'config_profiles', child: 'nodes', column: 'config_profile_id' },
];

export function addModelRoutes(router: Routes, { db, box, enrolmentBundle }: RestParts): void {
  for (const model of MODELS) {
    router.get(`/${model.path}`, async (ctx) => {
      const query = pageOf(ctx.query);
      const { base } = ctx.state;
      const { rows, count } = await listModels(db, model, {
        offset: (query.page - 1) * query.perPage,
        limit: query.perPage,
      });
      ctx.body = pageView(
        `${base.url}/${model.path}/`,
        query,
        count,
        rows.map((row) => modelView(model, row, base)),
      );
    });
    router.post(`/${model.path}`, async (ctx) => {
      const values = modelFields(model, await readBody(ctx.req), true);
      checkWhole(model, values, null);
      const { db } = ctx.state.writes;
      const id = await insertModel(db, model, values, box);
      ctx.status = 201;
      ctx.set('location', `${ctx.state.base.url}/${model.path}/${id}`);
      const row = await readModel(db, model, id);
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
      const values = modelFields(model, await readBody(ctx.req), false);
      const decide = (before: ModelRow): ModelValues => {
        mayWrite(ctx, before);
        checkFixed(model, before, values);
        checkWhole(model, values, before);
        return values;
      };
      const row = await updateModel(ctx.state.writes.db, model, id, decide, box);
      answerTagged(ctx, row, modelView(model, row, ctx.state.base));
    };
    router.put(`/${model.path}/:id`, change);
    // One real client changes nodes by POST.
    if (model.table === 'node') router.post(`/${model.path}/:id`, change);
    router.delete(`/${model.path}/:id`, async (ctx) => {
      const id = idOf(model.type, ctx.params['id']);
      await deleteModel(ctx.state.writes.db, model, id, (before) => mayWrite(ctx, before));
      // Real clients parse the answer of a delete as JSON.
      ctx.status = 200;
      ctx.body = { id, type: model.type, deleted: true };
    });
  }
  for (const { parent, child, column } of NESTED) {
    const [above, below] = [modelOf(parent), modelOf(child)];
    router.get(`/${parent}/:id/${child}`, async (ctx) => {
      const query = pageOf(ctx.query);
      const { base } = ctx.state;
      const { id } = await readModel(db, above, idOf(above.type, ctx.params['id']));
      const { rows, count } = await listModels(
        db,
        below,
        { offset: (query.page - 1) * query.perPage, limit: query.perPage },
        { column, id },
      );
      ctx.body = pageView(
        `${base.url}/${parent}/${id}/${child}/`,
        query,
        count,
        rows.map((row) => modelView(below, row, base)),
      );
    });
  }
  router.post('/nodes/:id/enrolment', async (ctx) => {
    const { bundle, expiresOn } = await enrolmentBundle(ctx.state.writes.db, idOf('node', ctx.params['id']));
    ctx.status = 201;
    ctx.body = { bundle, 'expires-on': expiresOn.toISOString() };
  });
}
