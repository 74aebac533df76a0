// Create, read, update, delete of the six model resources, and the lists nested below them.
import { InvalidInput } from '../../shared/errors.ts';
import { MODELS, type Model } from '../../shared/models.ts';
import { deleteModel, insertModel, listModels, readModel, updateModel } from '../store/models.ts';
import { readBody } from './body.ts';
import { idOf, modelFields, pageOf } from './parameters.ts';
import type { RestParts, Routes } from './parts.ts';
import { modelView, pageView } from './views.ts';

const NESTED: readonly { parent: string; child: string; column: string }[] = [
  { parent: 'clusters', child: 'datacenters', column: 'cluster_id' },
  { parent: 'clusters', child: 'nodes', column: 'cluster_id' },
  { parent: 'datacenters', child: 'nodes', column: 'datacenter_id' },
  { parent: 'config_profiles', child: 'clusters', column: 'config_profile_id' },
  { parent: 'config_profiles', child: 'datacenters', column: 'config_profile_id' },
  { parent: 'config_profiles', child: 'nodes', column: 'config_profile_id' },
];

const modelOf = (path: string): Model => {
  const model = MODELS.find((candidate) => candidate.path === path);
  if (model === undefined) throw new Error(`no model ${path}`);
  return model;
};

/** Fields that stand for good may be sent back as they are, not changed. @throws InvalidInput */
function checkFixed(model: Model, before: Record<string, unknown>, values: Record<string, unknown>): void {
  const problems = model.fields
    .filter(
      (field) =>
        field.fixed && field.name in values && values[field.name] !== before[field.name.replaceAll('-', '_')],
    )
    .map((field) => ({ pointer: `/${field.name}`, message: 'cannot be changed after creation' }));
  if (problems.length > 0) throw new InvalidInput(`The ${model.type} cannot be changed like that`, problems);
}

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
      const id = await insertModel(db, model, values, box);
      ctx.status = 201;
      ctx.set('location', `${ctx.state.base.url}/${model.path}/${id}`);
      const view = modelView(model, await readModel(db, model, id), ctx.state.base);
      ctx.body = model.table === 'cluster' ? { ...view, datacenter: [] } : view;
    });
    router.get(`/${model.path}/:id`, async (ctx) => {
      ctx.body = modelView(
        model,
        await readModel(db, model, idOf(model.type, ctx.params['id'])),
        ctx.state.base,
      );
    });
    router.put(`/${model.path}/:id`, async (ctx) => {
      const id = idOf(model.type, ctx.params['id']);
      const values = modelFields(model, await readBody(ctx.req), false);
      checkFixed(model, await readModel(db, model, id), values);
      await updateModel(db, model, id, values, box);
      ctx.body = modelView(model, await readModel(db, model, id), ctx.state.base);
    });
    router.delete(`/${model.path}/:id`, async (ctx) => {
      const id = idOf(model.type, ctx.params['id']);
      await deleteModel(db, model, id);
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
    const { bundle, expiresOn } = await enrolmentBundle(idOf('node', ctx.params['id']));
    ctx.status = 201;
    ctx.body = { bundle, 'expires-on': expiresOn.toISOString() };
  });
}
