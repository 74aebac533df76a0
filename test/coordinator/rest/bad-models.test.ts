// Records that cannot be: refused when they are made and when they are changed, with the field and the reason.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { expectRefusal, type Refusal } from '../../support/refusals.ts';
import { type Fields, type Path, SPOILT } from './spoilt-fields.ts';

const invalid = (fields: string[], says: RegExp): Refusal => ({
  status: 400,
  type: says.source.startsWith('Invalid config keys') ? 'InvalidConfigKeys' : 'InvalidInput',
  fields,
  says,
});
const conflict = (says: RegExp, fields: string[] = []): Refusal => ({
  status: 409,
  type: 'Conflict',
  says,
  fields,
});
describe('a record that cannot be', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const ids = {} as Record<Path, string>;
  /** A sound record of each kind, to be made under another name and spoilt. */
  const sound: Record<Path, Fields> = {
    repositories: { name: 'repository' },
    machine_credentials: { name: 'credential' },
    config_profiles: { name: 'profile', product: 'cassandra', 'datastax-version': '5.0.8' },
    clusters: { name: 'cluster' },
    datacenters: { name: 'dc1' },
    nodes: { name: 'n1', 'ssh-management-address': '10.0.0.1' },
    maintenance_windows: { name: 'nights', cron: '0 1 * * *', duration: 240 },
    job_schedules: { name: 'nightly', 'job-type': 'restart', cron: '0 1 * * *' },
  };
  const made = async (path: Path, body: Fields): Promise<string> =>
    (await coordinator.call('POST', `${path}/`, body)).body.id;
  const refused = (method: string, path: string, body: unknown, refusal: Refusal) =>
    expectRefusal(coordinator, { method, path, body }, refusal);

  before(async () => {
    coordinator = await startTestCoordinator();
    ids.repositories = await made('repositories', sound.repositories);
    ids.machine_credentials = await made('machine_credentials', sound.machine_credentials);
    ids.config_profiles = await made('config_profiles', sound.config_profiles);
    ids.clusters = await made('clusters', sound.clusters);
    sound.datacenters['cluster-id'] = ids.clusters;
    ids.datacenters = await made('datacenters', sound.datacenters);
    sound.nodes['datacenter-id'] = ids.datacenters;
    ids.nodes = await made('nodes', sound.nodes);
    sound.maintenance_windows['cluster-id'] = ids.clusters;
    ids.maintenance_windows = await made('maintenance_windows', sound.maintenance_windows);
    sound.job_schedules['cluster-id'] = ids.clusters;
    ids.job_schedules = await made('job_schedules', sound.job_schedules);
  });
  after(() => coordinator.remove());

  for (const [path, title, fields, field, says] of SPOILT) {
    it(`is refused whole, new or changed: ${path} with ${title}`, async () => {
      const spoilt = JSON.parse(JSON.stringify(fields).replace('"CLUSTER"', `"${ids.clusters}"`));
      await refused(
        'POST',
        `${path}/`,
        { ...sound[path], name: 'another', ...spoilt },
        invalid([field], says),
      );
      await refused('PUT', `${path}/${ids[path]}`, spoilt, invalid([field], says));
    });
  }

  it('is refused without what it needs, all of it named', async () => {
    await refused('POST', 'clusters/', {}, invalid(['/name'], /is required/));
    await refused(
      'POST',
      'config_profiles/',
      { name: null },
      invalid(['/name', '/datastax-version'], /is required/),
    );
    const needed = ['/datacenter-id', '/ssh-management-address'];
    await refused('POST', 'nodes/', { rack: 'r1' }, invalid(needed, /is required/));
  });

  it('is refused under a name that is taken', async () => {
    for (const path of Object.keys(sound) as Path[])
      await refused('POST', `${path}/`, sound[path], conflict(/already a .* named/, ['/name']));
    const other = await made('repositories', { name: 'other' });
    await refused(
      'PUT',
      `repositories/${other}`,
      { name: 'repository' },
      conflict(/named "repository"/, ['/name']),
    );
  });

  it('cannot be changed where it stands for good', async () => {
    const fixed = (field: string) => invalid([field], /cannot be changed after creation/);
    await refused('PUT', `clusters/${ids.clusters}`, { name: 'renamed' }, fixed('/name'));
    const cluster = await made('clusters', { name: 'elsewhere' });
    await refused('PUT', `datacenters/${ids.datacenters}`, { 'cluster-id': cluster }, fixed('/cluster-id'));
    await refused('PUT', `nodes/${ids.nodes}`, { 'datacenter-id': randomUUID() }, fixed('/datacenter-id'));
  });

  it('is refused as a whole record: a change that its other fields do not allow', async () => {
    const json = { 'jvm17-server-options': {} };
    const id = await made('config_profiles', { ...sound.config_profiles, name: 'of cassandra', json });
    await refused(
      'PUT',
      `config_profiles/${id}`,
      { product: 'dse' },
      invalid(
        ['/json/jvm17-server-options'],
        /Invalid config keys for DSE version 5\.0\.8: jvm17-server-options/,
      ),
    );
  });

  it('cannot be deleted while others refer to it, and they are named', async () => {
    const refer = {
      'machine-credential-id': ids.machine_credentials,
      'config-profile-id': ids.config_profiles,
    };
    await coordinator.call('PUT', `clusters/${ids.clusters}`, {
      ...refer,
      'repository-id': ids.repositories,
    });
    await coordinator.call('PUT', `datacenters/${ids.datacenters}`, refer);
    await coordinator.call('PUT', `nodes/${ids.nodes}`, refer);
    const path = (of: Path) => `${of}/${ids[of]}`;
    await refused('DELETE', path('repositories'), undefined, conflict(/referred to by cluster cluster: /));
    const all = /referred to by cluster cluster, datacenter dc1, node n1: /;
    await refused('DELETE', path('machine_credentials'), undefined, conflict(all));
    await refused('DELETE', path('config_profiles'), undefined, conflict(all));
    for (const of of ['clusters', 'datacenters', 'nodes'] as const)
      await coordinator.call('PUT', path(of), { 'machine-credential-id': null, 'config-profile-id': null });
    expect((await coordinator.call('DELETE', path('machine_credentials'))).status).to.equal(200);
  });
});
