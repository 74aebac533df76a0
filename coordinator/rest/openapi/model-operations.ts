// The resources of the model and the lists below them, as the API's document tells them.
import type { z } from 'zod';
import { isActionOf, JOB_TYPES, scopesOf } from '../../../shared/actions.ts';
import { modelList } from '../../../shared/lists.ts';
import { MODELS, type Model, modelOf, settingsField } from '../../../shared/models.ts';
import { modelSchema } from '../fields.ts';
import { NESTED } from '../model-routes.ts';
import { nothingSchema } from '../schemas.ts';
import type { Link, OkAnswer, Operation } from './operation.ts';
import { DRY_RUN, ID, IF_MATCH, IF_NONE_MATCH, listParameters, PREFER } from './parameters.ts';
import { deleted, enrolment, modelRecord, pageOfRecords, type Version } from './records.ts';

/** `MachineCredential` */
const nameOf = ({ type }: Model): string =>
  type
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');

export interface Shapes {
  one: z.ZodObject;
  list: z.ZodType;
  create: z.ZodType;
  change: z.ZodType;
}
type Records = Readonly<Record<Model['table'], Shapes>>;

const differs = ({ fields }: Model): boolean =>
  fields.some(({ name, v1 }) => v1 !== undefined || name === 'has-default-password');

/** What is the same in both versions is one and the same object. */
export function modelRecords(): Record<Version, Records> {
  const shapes = (model: Model, version: Version): Shapes => {
    const one = modelRecord(model, version);
    const create = modelSchema(model, true);
    return { one, list: pageOfRecords(one), create, change: modelSchema(model, false) };
  };
  const v2 = Object.fromEntries(MODELS.map((model) => [model.table, shapes(model, 'v2')])) as Records;
  const own = MODELS.filter(differs).map((model) => {
    const { create, change } = v2[model.table];
    return [model.table, { ...shapes(model, 'v1'), create, change }];
  });
  return { v1: { ...v2, ...(Object.fromEntries(own) as Records) }, v2 };
}

/** By the names of their components. */
export function modelSchemas({ v1, v2 }: Record<Version, Records>): Record<string, z.ZodType> {
  const named: Record<string, z.ZodType> = {};
  for (const model of MODELS) {
    const name = nameOf(model);
    const { one, list, create, change } = v2[model.table];
    Object.assign(named, {
      [name]: one,
      [`${name}List`]: list,
      [`${name}ToCreate`]: create,
      [`${name}Changes`]: change,
    });
    if (differs(model))
      Object.assign(named, { [`${name}V1`]: v1[model.table].one, [`${name}V1List`]: v1[model.table].list });
  }
  return named;
}

const said = ({ type }: Model): string => type.replaceAll('-', ' ');
const plural = ({ path }: Model): string => path.replaceAll('_', ' ');

/** What can be done with a record that was just made or read: all that its own routes offer, and what refers to it. */
function linksOf(model: Model, version: Version): Link[] {
  const { path, table, type } = model;
  const lists = NESTED.filter(({ parent }) => parent === path).map(({ child }) => `list-${child}-of-${type}`);
  const own: Partial<Record<Model['table'], readonly string[]>> = {
    cluster: ['list-jobs-of-cluster', 'read-cluster-cacert'],
    config_profile: ['clone-config-profile'],
    node: ['change-node-by-post', 'enrol-node', 'read-node-drift'],
  };
  const below = MODELS.filter(({ fields }) => fields.some(({ name }) => name === `${type}-id`));
  const actions = JOB_TYPES.filter(
    (job) => isActionOf(job, version) && (scopesOf(job) as readonly string[]).includes(type),
  );
  return [
    ...[...lists, ...(own[table] ?? [])].map((to) => ({ to, id: '#/id' })),
    { to: `read-${type}`, id: '#/id', tag: 'If-None-Match' },
    ...[`change-${type}`, `delete-${type}`].map((to) => ({ to, id: '#/id', tag: 'If-Match' }) as const),
    ...below.map((child) => ({ to: `create-${child.type}`, body: { [`${type}-id`]: '#/id' } })),
    ...actions.map((to) => ({ to, body: { 'job-scope': type, 'resource-id': '#/id' } })),
  ];
}

/** Nothing leads on from it: there is no such record. */
const tried = (schema: z.ZodType): OkAnswer => ({
  description: 'The record as it would be made, where `dry-run` is given.',
  schema,
  headers: ['etag'],
});

function ofModel(model: Model, records: Records, version: Version): Operation[] {
  const { one, list } = records[model.table];
  const at = { tag: plural(model).replace(/^./, (letter) => letter.toUpperCase()) };
  const links = linksOf(model, version);
  const record = { description: 'The record.', schema: one, headers: ['etag'], links } as const;
  const strictness = model.table === 'config_profile' ? [PREFER] : [];
  const change: Omit<Operation, 'method' | 'id'> = {
    ...at,
    path: `/${model.path}/{id}`,
    summary: `Changes what the body gives of a ${said(model)}`,
    description: `A secret that the body does not give stays as it is.${
      settingsField(model) === undefined
        ? ''
        : ' So does one among the settings that comes back as the mask it is shown as.'
    }`,
    parameters: [ID, DRY_RUN, IF_MATCH, ...strictness],
    body: { schema: records[model.table].change, required: true },
    answers: { 200: record },
    refusals: ['Conflict', 'PreconditionFailed'],
  };
  return [
    {
      ...at,
      method: 'get',
      path: `/${model.path}/`,
      id: `list-${model.path}`,
      summary: `All ${plural(model)}, oldest first`,
      parameters: listParameters(modelList(model)),
      answers: {
        200: {
          description: 'A page of the list.',
          schema: list,
          headers: ['link'],
        },
      },
      refusals: ['InvalidInput'],
    },
    {
      ...at,
      method: 'post',
      path: `/${model.path}/`,
      id: `create-${model.type}`,
      summary: `Makes a ${said(model)}`,
      parameters: [DRY_RUN, ...strictness],
      body: { schema: records[model.table].create, required: true },
      answers: { 200: tried(one), 201: { ...record, headers: ['etag', 'location'] } },
    },
    {
      ...at,
      method: 'get',
      path: `/${model.path}/{id}`,
      id: `read-${model.type}`,
      summary: `A ${said(model)}`,
      parameters: [ID, IF_NONE_MATCH],
      answers: { 200: record },
      refusals: ['InvalidInput'],
    },
    { ...change, method: 'put', id: `change-${model.type}` },
    ...(model.table === 'node' ? [{ ...change, method: 'post', id: 'change-node-by-post' } as const] : []),
    {
      ...at,
      method: 'delete',
      path: `/${model.path}/{id}`,
      id: `delete-${model.type}`,
      summary: `Deletes a ${said(model)}; no machine is touched`,
      ...(model.table === 'cluster'
        ? { description: 'With its datacenters, nodes, maintenance windows and schedules.' }
        : {}),
      parameters: [ID, DRY_RUN, IF_MATCH],
      answers: { 200: { description: 'It is gone.', schema: deleted } },
      refusals: ['InvalidInput', 'Conflict', 'PreconditionFailed'],
    },
  ];
}

const nested = (records: Records): Operation[] =>
  NESTED.map(({ parent, child, field }) => ({
    method: 'get',
    path: `/${parent}/{id}/${child}/`,
    id: `list-${child}-of-${modelOf(parent).type}`,
    tag: plural(modelOf(parent)).replace(/^./, (letter) => letter.toUpperCase()),
    summary: `The ${child} of a ${said(modelOf(parent))}`,
    parameters: [ID, ...listParameters(modelList(modelOf(child), field))],
    answers: {
      200: {
        description: 'A page of the list.',
        schema: records[modelOf(child).table].list,
        headers: ['link'],
      },
    },
    refusals: ['InvalidInput'],
  }));

export function modelOperations(records: Records, version: Version): Operation[] {
  return [
    ...MODELS.flatMap((model) => ofModel(model, records, version)),
    ...nested(records),
    {
      method: 'post',
      path: '/config_profiles/{id}/clone',
      id: 'clone-config-profile',
      tag: 'Config profiles',
      summary: 'A copy of a config profile, with what the body changes of it',
      description: 'Without a name of its own it is called after the original: `X (copy)`.',
      parameters: [ID, DRY_RUN, PREFER],
      body: { schema: records.config_profile.change, required: false },
      answers: {
        200: tried(records.config_profile.one),
        201: {
          description: 'The copy.',
          schema: records.config_profile.one,
          headers: ['etag', 'location'],
          links: linksOf(modelOf('config_profiles'), version),
        },
      },
    },
    {
      method: 'post',
      path: '/nodes/{id}/enrolment',
      id: 'enrol-node',
      tag: 'Nodes',
      summary: 'A secret with which the agent of this node can enrol itself, once',
      parameters: [ID],
      body: { schema: nothingSchema, required: false },
      refusals: ['InvalidInput'],
      answers: { 201: { description: 'The enrolment bundle.', schema: enrolment } },
    },
  ];
}
