// Jobs over REST as tests ask for them and look at them.
import { expect } from 'chai';
import type { Answer } from './coordinator.ts';
import { eventually } from './eventually.ts';

/** Whoever answers REST: a coordinator in this process, or one of its own by URL. */
export interface Caller {
  call(method: string, path: string, body?: unknown): Promise<Answer>;
}

export const callerOf = (restUrl: string): Caller => ({
  call: async (method, path, body) => {
    const url = path.startsWith('/') ? `${restUrl}${path}` : `${restUrl}/api/v1/lcm/${path}`;
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(url, { method, ...text });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  },
});

/** @returns the id of a restart job on the whole cluster */
export async function postRestart(at: Caller, clusterId: string, options = {}): Promise<string> {
  const scope = { 'job-scope': 'cluster', 'resource-id': clusterId };
  return (await at.call('POST', 'actions/restart', { ...scope, ...options })).body.id;
}

export const terminate = (at: Caller, jobId: string): Promise<Answer> =>
  at.call('POST', 'actions/terminate', { 'job-id': jobId });

export const jobOf = async (at: Caller, jobId: string) => (await at.call('GET', `jobs/${jobId}`)).body;

export const becomes = (at: Caller, jobId: string, status: string, withinMs = 30_000) =>
  eventually(async () => expect((await jobOf(at, jobId)).status).to.equal(status), { withinMs });

export const waitsFor = (at: Caller, jobId: string, kind: string) =>
  eventually(async () => expect((await jobOf(at, jobId))['waiting-for']?.kind).to.equal(kind));

/** The subtypes of a job's events, in their order. */
export const subtypesOf = async (at: Caller, jobId: string): Promise<string[]> =>
  (await at.call('GET', `jobs/${jobId}/job_events/?per-page=500`)).body.results.map(
    (event: Record<string, string>) => event['event-subtype'],
  );

export const sawEvent = (at: Caller, jobId: string, subtype: string, withinMs = 20_000) =>
  eventually(async () => expect(await subtypesOf(at, jobId)).to.include(subtype), { withinMs });

/** `name STATUS` of each job node, in the stored order. */
export const nodesOf = async (at: Caller, jobId: string): Promise<string[]> =>
  (await at.call('GET', `jobs/${jobId}/job_nodes/`)).body.results.map(
    (node: Record<string, string>) => `${node['node-name']} ${node['status']}`,
  );
