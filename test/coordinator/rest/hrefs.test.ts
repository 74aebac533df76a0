// Where links lead: to the public URL, or to a name that is ours, never to what a caller put into a header.
import { request } from 'node:http';
import { expect } from 'chai';
import { readConfig } from '../../../coordinator/config.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { becomes, postRestart, terminate } from '../../support/jobs.ts';

interface Raw {
  status: number;
  location: string | undefined;
  text: string;
}

/** A request with headers that fetch would not send. */
const ask = (
  { restUrl }: TestCoordinator,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const sent = request(`${restUrl}${path}`, { method, headers, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, location: answer.headers.location, text }),
      );
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });

const HOSTILE = {
  host: 'evil.example:1234',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'evil',
  forwarded: 'host=evil.example',
  referer: 'http://evil.example/',
};

/** Every string in it that looks like a link. */
function linksIn(text: string): string[] {
  return text.match(/[a-z]+:\/\/[^"\\\s]+/g) ?? [];
}

/** All kinds of answers with links: lists in the middle of their pages, single records, a POST, a live stream. */
async function walk(coordinator: TestCoordinator, headers: Record<string, string>): Promise<string[]> {
  const links: string[] = [];
  for (const version of ['v1', 'v2']) {
    const base = `/api/${version}/lcm`;
    const { clusterId, datacenterId, nodeIds, profileId, repositoryId } = await modelCluster(
      coordinator,
      `walk-${version}`,
      ['n1', 'n2', 'n3'],
    );
    const scope = { 'job-scope': 'cluster', 'resource-id': clusterId };
    const posted = await ask(coordinator, 'POST', `${base}/actions/restart`, headers, scope);
    expect(posted.status).to.equal(201);
    links.push(String(posted.location));
    const { id } = JSON.parse(posted.text);
    for (let more = 0; more < 2; more += 1) await postRestart(coordinator, clusterId);
    await terminate(coordinator, id);
    await becomes(coordinator, id, 'TERMINATED');
    const made = await ask(coordinator, 'POST', `${base}/repositories/`, headers, { name: `r-${version}` });
    links.push(String(made.location), ...linksIn(made.text));
    const results = async (path: string) =>
      (await coordinator.call('GET', `${base}/${path}`)).body.results.map((one: { id: string }) => one.id);
    const [jobNode] = await results(`jobs/${id}/job_nodes/`);
    const [event] = await results(`jobs/${id}/job_events/`);
    const middle = '?page=2&per-page=1';
    for (const path of [
      '',
      '/actions/',
      '/actions/install',
      `/jobs/${middle}`,
      `/jobs/${id}`,
      `/jobs/${id}/job_nodes/${middle}`,
      `/jobs/${id}/job_events/`,
      `/jobs/${id}/stream`,
      `/job_nodes/${middle}`,
      `/job_nodes/${jobNode}`,
      `/job_events/${event}`,
      `/clusters/${clusterId}`,
      `/clusters/${clusterId}/nodes/${middle}`,
      `/clusters/${clusterId}/jobs/${middle}`,
      `/datacenters/${datacenterId}`,
      `/nodes/${nodeIds[0]}`,
      `/nodes/${middle}`,
      `/config_profiles/${profileId}`,
      `/repositories/${repositoryId}`,
    ]) {
      const answer = await ask(coordinator, 'GET', `${base}${path}`, headers);
      expect(answer.status, path).to.equal(200);
      expect(answer.text, path).to.not.contain('evil');
      const found = linksIn(answer.text).filter((link) => !link.startsWith('file:'));
      expect(found, path).to.not.deep.equal([]);
      if (path.endsWith(middle)) {
        const page = JSON.parse(answer.text);
        expect(found, path).to.include.members([page.next, page.previous]);
      }
      links.push(...found);
    }
  }
  return links;
}

describe('links', function () {
  this.timeout(60_000);
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  const start = async (env: Record<string, string> = {}): Promise<TestCoordinator> => {
    const coordinator = await startTestCoordinator(env);
    ends.push(() => coordinator.remove());
    return coordinator;
  };
  const beginning = (links: readonly string[]): string[] => [
    ...new Set(links.map((link) => link.replace(/\/api\/v[12]\/lcm.*$/, ''))),
  ];

  it('lead to the listener, whatever hostile names a caller sends', async () => {
    const coordinator = await start();
    expect(beginning(await walk(coordinator, HOSTILE))).to.deep.equal([coordinator.restUrl]);
  });

  it('lead to the public URL when there is one, whatever a caller sends', async () => {
    const coordinator = await start({ RINGMASTER_PUBLIC_URL: 'https://lcm.example.com/ringmaster/' });
    const expected = ['https://lcm.example.com/ringmaster'];
    expect(beginning(await walk(coordinator, HOSTILE))).to.deep.equal(expected);
  });

  it('lead to the name by which the caller reached us when that is ours', async () => {
    const coordinator = await start({ RINGMASTER_HOST_NAMES: 'lcm.internal' });
    for (const [host, expected] of [
      ['lcm.internal', 'http://lcm.internal'],
      ['LCM.internal:80', 'http://lcm.internal:80'],
      ['localhost:8888', 'http://localhost:8888'],
      ['127.0.0.1:8888', 'http://127.0.0.1:8888'],
      ['lcm.internal.evil', coordinator.restUrl],
      ['lcm.internal@evil', coordinator.restUrl],
      ['localhost:8888:evil', coordinator.restUrl],
      ['localhost:999999', coordinator.restUrl],
      ['', coordinator.restUrl],
    ] as const) {
      const { text } = await ask(coordinator, 'GET', '/api/v1/lcm/', { host });
      expect(beginning(linksIn(text)), host).to.deep.equal([expected]);
    }
  });

  it('need a public URL that can begin them', () => {
    for (const url of [
      'lcm.example.com',
      'ftp://lcm.example.com',
      'https://a/?b',
      'https://a/#b',
      'https://u:p@a/',
    ])
      expect(() => readConfig(['--public-url', url], {}), url).to.throw(
        /--public-url: .* must be a URL such as/,
      );
  });
});
