// Every link that the API shows, followed from the base route on: none leads nowhere, and lists hold what belongs to them.
import { expect } from 'chai';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { becomes, postRestart, terminate } from '../../support/jobs.ts';

/** Our own links anywhere in an answer, whatever the field is called. */
function linksIn(value: unknown, restUrl: string): string[] {
  if (typeof value === 'string') return value.startsWith(`${restUrl}/`) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((inner) => linksIn(inner, restUrl));
}

/** `/clusters/{id}/nodes/` of a link. */
const kindOf = (link: string): string =>
  new URL(link).pathname
    .replace(/^\/api\/v[12]\/lcm/, '')
    .replace(/(?<=^\/definitions\/)[\d.]+/, '{version}')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '{id}');

describe('every link of the API', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let ids: Awaited<ReturnType<typeof modelCluster>>;
  let own: { profile: string; datacenter: string; node: string };
  const get = async (path: string) => (await coordinator.call('GET', path)).body;
  const made = async (path: string, body: unknown): Promise<string> => {
    const answer = await coordinator.call('POST', path, body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body.id;
  };

  before(async () => {
    coordinator = await startTestCoordinator();
    ids = await modelCluster(coordinator, 'c1', ['n1', 'n2']);
    await modelCluster(coordinator, 'c2', ['n1']);
    const profile = await made('config_profiles/', { name: 'own', 'datastax-version': '6.8.36' });
    const datacenter = await made('datacenters/', {
      name: 'dc2',
      'cluster-id': ids.clusterId,
      'config-profile-id': profile,
      'machine-credential-id': await made('machine_credentials/', { name: 'ops' }),
    });
    const node = await made('nodes/', {
      'datacenter-id': datacenter,
      'ssh-management-address': '10.0.0.9',
      'config-profile-id': profile,
    });
    own = { profile, datacenter, node };
    const freeze = {
      name: 'far off',
      kind: 'freeze',
      from: '2099-01-01T00:00:00Z',
      until: '2099-01-02T00:00:00Z',
    };
    await made('maintenance_windows/', { ...freeze, 'cluster-id': ids.clusterId });
    const nightly = { name: 'nightly', 'job-type': 'restart', cron: '0 1 * * *' };
    await made('job_schedules/', { ...nightly, 'cluster-id': ids.clusterId });
    // A second one behind the first, so that lists have a further page; both have events once they were terminated.
    const jobs = [
      await postRestart(coordinator, ids.clusterId),
      await made('actions/restart', { 'job-scope': 'node', 'resource-id': node }),
    ];
    for (const job of jobs) {
      await terminate(coordinator, job);
      await becomes(coordinator, job, 'TERMINATED');
    }
  });
  after(() => coordinator.remove());

  for (const version of ['v1', 'v2']) {
    const kinds = () => KINDS.filter((kind) => version === 'v2' || kind !== '/actions/upgrade');

    it(`leads somewhere on ${version}, from the base route on`, async () => {
      const seen = new Set([`${coordinator.restUrl}/api/${version}/lcm/`]);
      const broken: string[] = [];
      for (const link of seen) {
        const answer = await fetch(link);
        if (answer.status !== 200) broken.push(`${link} ${answer.status}`);
        for (const found of linksIn(await answer.json(), coordinator.restUrl)) {
          seen.add(found);
          expect(new URL(found).pathname, `on ${link}`).to.match(new RegExp(`^/api/${version}/lcm/`));
        }
      }
      expect(broken).to.deep.equal([]);
      expect([...new Set([...seen].map(kindOf))].sort()).to.deep.equal(kinds());
    });

    it(`lists on ${version} below a record what refers to it, and nothing else`, async () => {
      const base = `/api/${version}/lcm`;
      const { clusterId, datacenterId, nodeIds, profileId } = ids;
      const idsAt = async (path: string) => {
        const list = await get(`${base}/${path}`);
        const results: { id: string }[] = list.results;
        expect(list.count, path).to.equal(results.length);
        return results.map(({ id }) => id);
      };
      expect(await idsAt(`clusters/${clusterId}/datacenters/`)).to.deep.equal([datacenterId, own.datacenter]);
      expect(await idsAt(`clusters/${clusterId}/nodes/`)).to.deep.equal([...nodeIds, own.node]);
      expect(await idsAt(`clusters/${clusterId}/jobs/`)).to.have.length(2);
      expect(await idsAt(`clusters/${clusterId}/maintenance_windows/`)).to.have.length(1);
      expect(await idsAt(`clusters/${clusterId}/job_schedules/`)).to.have.length(1);
      expect(await idsAt(`datacenters/${datacenterId}/nodes/`)).to.deep.equal(nodeIds);
      expect(await idsAt(`config_profiles/${profileId}/clusters`)).to.deep.equal([clusterId]);
      expect(await idsAt(`config_profiles/${profileId}/datacenters/`)).to.deep.equal([]);
      expect(await idsAt(`config_profiles/${own.profile}/clusters`)).to.deep.equal([]);
      expect(await idsAt(`config_profiles/${own.profile}/datacenters/`)).to.deep.equal([own.datacenter]);
      expect(await idsAt(`config_profiles/${own.profile}/nodes/`)).to.deep.equal([own.node]);
      const absent = '00000000-0000-4000-8000-000000000000';
      for (const path of kinds().filter((kind) => /\{id\}\/./.test(kind))) {
        const answer = await coordinator.call('GET', `${base}${path.replace('{id}', absent)}`);
        expect([path, answer.status, answer.body.type]).to.deep.equal([path, 404, 'NotFound']);
      }
    });
  }
});

/** Whatever leads somewhere, as the walk comes by it: a route that no link leads to is one that nobody finds. */
const KINDS = [
  '/',
  '/actions/',
  '/actions/check',
  '/actions/configure',
  '/actions/install',
  '/actions/restart',
  '/actions/terminate',
  '/actions/upgrade',
  '/clusters/',
  '/clusters/{id}',
  '/clusters/{id}/datacenters/',
  '/clusters/{id}/job_schedules/',
  '/clusters/{id}/jobs/',
  '/clusters/{id}/maintenance_windows/',
  '/clusters/{id}/nodes/',
  '/config_profiles/',
  '/config_profiles/{id}',
  '/config_profiles/{id}/clusters/',
  '/config_profiles/{id}/datacenters/',
  '/config_profiles/{id}/nodes/',
  '/datacenters/',
  '/datacenters/{id}',
  '/datacenters/{id}/nodes/',
  '/definitions/',
  '/definitions/{version}/',
  '/job_events/',
  '/job_events/{id}',
  '/job_nodes/',
  '/job_nodes/{id}',
  '/job_nodes/{id}/job_events/',
  '/job_schedules/',
  '/job_schedules/{id}',
  '/jobs/',
  '/jobs/{id}',
  '/jobs/{id}/job_events/',
  '/jobs/{id}/job_nodes/',
  '/machine_credentials/',
  '/machine_credentials/{id}',
  '/maintenance_windows/',
  '/maintenance_windows/{id}',
  '/nodes/',
  '/nodes/{id}',
  '/repositories/',
  '/repositories/{id}',
  '/settings/',
];
