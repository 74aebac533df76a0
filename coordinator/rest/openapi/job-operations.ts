// Jobs, their nodes and events, and the actions that make them, as the API's document tells them.
import { z } from 'zod';
import { ACTIONS, isActionOf } from '../../../shared/actions.ts';
import {
  EVENT_LIST,
  EVENTS_OF_JOB,
  EVENTS_OF_JOB_NODE,
  JOB_LIST,
  JOB_NODE_LIST,
  JOBS_OF_CLUSTER,
  type ListKind,
  NODES_OF_JOB,
} from '../../../shared/lists.ts';
import { retrySchema, withPlan } from '../job-plans.ts';
import { actionSchema } from '../parameters.ts';
import { resumeSchema } from '../pause-routes.ts';
import { nothingSchema } from '../schemas.ts';
import type { Link, OkAnswer, Operation, Parameter } from './operation.ts';
import { ID, listParameters, PAGE, PREFER } from './parameters.ts';
import { jobPlan } from './plan-record.ts';
import {
  action,
  job,
  jobCreated,
  jobEvent,
  jobEventListed,
  jobListed,
  jobNode,
  jobNodeListed,
  pageOfRecords,
  type Version,
} from './records.ts';
import { STREAM } from './stream-operation.ts';

/** Lists that more than one route answers with, by the names of their components. */
export const JOB_SCHEMAS = {
  Job: job,
  JobCreated: jobCreated,
  JobListed: jobListed,
  JobPlan: jobPlan,
  JobList: pageOfRecords(jobListed),
  JobNode: jobNode,
  JobNodeListed: jobNodeListed,
  JobNodeList: pageOfRecords(jobNodeListed),
  JobEvent: jobEvent,
  JobEventListed: jobEventListed,
  JobEventList: pageOfRecords(jobEventListed),
  Action: action,
  ActionList: pageOfRecords(action),
} satisfies Record<string, z.ZodType>;

const page = (schema: z.ZodType, links: readonly Link[] = []): Record<number, OkAnswer> => ({
  200: { description: 'A page of the list.', schema, headers: ['link'], links },
});
const record = (schema: z.ZodType, links: readonly Link[] = []): Record<number, OkAnswer> => ({
  200: { description: 'The record.', schema, links },
});

/** What the first record of a list leads to. */
const OF_FIRST: ReadonlyMap<z.ZodType, readonly string[]> = new Map<z.ZodType, readonly string[]>([
  [JOB_SCHEMAS.JobList, ['read-job', 'list-nodes-of-job', 'list-events-of-job', 'follow-job']],
  [JOB_SCHEMAS.JobNodeList, ['read-job-node', 'list-events-of-job-node']],
  [JOB_SCHEMAS.JobEventList, ['read-job-event']],
]);
const OF_JOB: readonly Link[] = [
  ...['list-nodes-of-job', 'list-events-of-job', 'follow-job', 'pause-job', 'resume-job', 'retry-job'].map(
    (to) => ({ to, id: '#/id' }),
  ),
  { to: 'read-cluster', id: '#/cluster-id' },
  { to: 'terminate', body: { 'job-id': '#/id' } },
];

const made: OkAnswer = {
  description: 'The job.',
  schema: jobCreated,
  headers: ['location'],
  links: [{ to: 'read-job', id: '#/id' }, ...OF_JOB],
};

const planned: OkAnswer = {
  description: 'With plan=true: what the job would do.',
  schema: JOB_SCHEMAS.JobPlan,
};
const PLAN: Parameter = {
  name: 'plan',
  in: 'query',
  description: 'Make no job: answer with what it would do.',
  schema: z.enum(['true', 'false']).meta({ default: 'false' }),
};

/** What is said to a job by its id. */
const SAID: readonly Operation[] = [
  {
    method: 'post',
    path: '/jobs/{id}/pause',
    id: 'pause-job',
    tag: 'Jobs',
    summary: 'Has a job start and stop no node until it is resumed; of one that is paused nothing is changed',
    description:
      'What is under way goes on up to the stop of its node, and waits there. No time runs out meanwhile.',
    parameters: [ID],
    body: { schema: nothingSchema, required: false },
    refusals: ['InvalidInput'],
    answers: record(job, OF_JOB),
  },
  {
    method: 'post',
    path: '/jobs/{id}/resume',
    id: 'resume-job',
    tag: 'Jobs',
    summary:
      'Has a job go on that was paused, that holds since a node failed, or that waits after its canaries',
    description:
      'With retry it tries the nodes again first for which it holds, each by a further job node behind the one that failed.',
    parameters: [ID],
    body: { schema: resumeSchema, required: false },
    refusals: ['InvalidInput'],
    answers: record(job, OF_JOB),
  },
  {
    method: 'post',
    path: '/jobs/{id}/retry',
    id: 'retry-job',
    tag: 'Jobs',
    summary: 'Makes a job of the same type, target and options, on those nodes that were not COMPLETE',
    parameters: [ID, PREFER, PLAN],
    body: { schema: retrySchema, required: false },
    refusals: ['InvalidInput'],
    answers: { 200: planned, 201: made },
  },
];

const LISTS: readonly (Pick<Operation, 'path' | 'id' | 'summary'> & { of: z.ZodType; kind: ListKind })[] = [
  {
    path: '/jobs/',
    id: 'list-jobs',
    summary: 'All jobs, newest first',
    kind: JOB_LIST,
    of: JOB_SCHEMAS.JobList,
  },
  {
    path: '/clusters/{id}/jobs/',
    id: 'list-jobs-of-cluster',
    summary: 'The jobs of a cluster, also once it is deleted',
    kind: JOBS_OF_CLUSTER,
    of: JOB_SCHEMAS.JobList,
  },
  {
    path: '/jobs/{id}/job_nodes/',
    id: 'list-nodes-of-job',
    summary: 'The nodes of a job, in the order in which it comes to them',
    kind: NODES_OF_JOB,
    of: JOB_SCHEMAS.JobNodeList,
  },
  {
    path: '/job_nodes/',
    id: 'list-job-nodes',
    summary: 'The nodes of all jobs',
    kind: JOB_NODE_LIST,
    of: JOB_SCHEMAS.JobNodeList,
  },
  {
    path: '/jobs/{id}/job_events/',
    id: 'list-events-of-job',
    summary: 'The events of a job, oldest first',
    kind: EVENTS_OF_JOB,
    of: JOB_SCHEMAS.JobEventList,
  },
  {
    path: '/job_nodes/{id}/job_events/',
    id: 'list-events-of-job-node',
    summary: 'The events of one node of a job, oldest first',
    kind: EVENTS_OF_JOB_NODE,
    of: JOB_SCHEMAS.JobEventList,
  },
  {
    path: '/job_events/',
    id: 'list-job-events',
    summary: 'The events of all jobs, oldest first',
    kind: EVENT_LIST,
    of: JOB_SCHEMAS.JobEventList,
  },
];

function actionOperations(at: Version): Operation[] {
  const actions = Object.values(ACTIONS).filter(({ name }) => isActionOf(name, at));
  return actions.flatMap((one): Operation[] => [
    {
      method: 'get',
      path: `/actions/${one.name}`,
      id: `describe-${one.name}`,
      tag: 'Actions',
      summary: `What ${one.name} can be told`,
      answers: record(action),
    },
    {
      method: 'post',
      path: `/actions/${one.name}`,
      id: one.name,
      tag: 'Actions',
      summary: one.description,
      parameters: one.name === 'terminate' || one.name === 'check' ? [PREFER] : [PREFER, PLAN],
      body: { schema: actionSchema(withPlan(one)), required: true },
      refusals: ['NotFound'],
      answers:
        one.name === 'terminate'
          ? { 200: { description: 'It was asked to end.', schema: z.literal('Termination in progress') } }
          : { ...(one.name === 'check' ? {} : { 200: planned }), 201: made },
    },
  ]);
}

export const jobOperations = (at: Version): Operation[] => [
  ...LISTS.map(
    ({ of, kind, ...list }): Operation => ({
      ...list,
      method: 'get',
      tag: 'Jobs',
      parameters: [...(list.path.includes('{id}') ? [ID] : []), ...listParameters(kind)],
      answers: page(
        of,
        OF_FIRST.get(of)?.map((to) => ({ to, id: '#/results/0/id' })),
      ),
      refusals: ['InvalidInput'],
    }),
  ),
  {
    method: 'get',
    path: '/jobs/{id}',
    id: 'read-job',
    tag: 'Jobs',
    summary: 'A job',
    parameters: [ID],
    answers: record(job, OF_JOB),
  },
  {
    method: 'get',
    path: '/job_nodes/{id}',
    id: 'read-job-node',
    tag: 'Jobs',
    summary: 'One node of a job',
    parameters: [ID],
    answers: record(jobNode),
  },
  {
    method: 'get',
    path: '/job_events/{id}',
    id: 'read-job-event',
    tag: 'Jobs',
    summary: 'An event, with all that it tells',
    parameters: [ID],
    answers: record(jobEvent),
  },
  STREAM,
  ...SAID,
  {
    method: 'get',
    path: '/actions/',
    id: 'list-actions',
    tag: 'Actions',
    summary: 'The actions and their parameters',
    parameters: PAGE,
    answers: page(JOB_SCHEMAS.ActionList),
    refusals: ['InvalidInput'],
  },
  ...actionOperations(at),
];
