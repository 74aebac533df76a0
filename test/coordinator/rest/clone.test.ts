// Cloning a config profile: all of it, under a name of its own, with what the body changes.
import { expect } from 'chai';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { expectRefusal } from '../../support/refusals.ts';

describe('cloning a config profile', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let id: string;
  const PROFILE = {
    name: 'prod',
    product: 'cassandra',
    'datastax-version': '5.0.7',
    'config-path': '/etc/cassandra',
    comment: 'tuned',
    json: {
      'cassandra-yaml': {
        num_tokens: 8,
        client_encryption_options: { enabled: true, keystore_password: 'canary' },
      },
    },
  };
  const SHOWN = {
    'cassandra-yaml': {
      num_tokens: 8,
      client_encryption_options: { enabled: true, keystore_password: '********' },
    },
  };
  const clone = async (body?: unknown, from = id, version = 'v2') =>
    await coordinator.call('POST', `/api/${version}/lcm/config_profiles/${from}/clone`, body);
  const made = async (body?: unknown, from = id) => {
    const answer = await clone(body, from);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  };
  const count = async (): Promise<number> => (await coordinator.call('GET', 'config_profiles/')).body.count;

  before(async () => {
    coordinator = await startTestCoordinator();
    id = (await coordinator.call('POST', 'config_profiles/', PROFILE)).body.id;
  });
  after(() => coordinator.remove());

  it('makes a new profile with all that the other one says, secrets in its settings included', async () => {
    const original = (await coordinator.call('GET', `/api/v2/lcm/config_profiles/${id}`)).body;
    const { status, headers, body: copy } = await clone();
    expect(status).to.equal(201);
    expect(copy.id).to.not.equal(id);
    expect(headers.get('location')).to.equal(copy.href);
    expect((await coordinator.call('GET', `/api/v2/lcm/config_profiles/${copy.id}`)).body).to.deep.equal(
      copy,
    );
    const less = ({ name, id: _id, href, 'related-resources': links, ...rest }: Record<string, unknown>) => ({
      ...rest,
      'created-on': null,
      'modified-on': null,
    });
    expect(less(copy)).to.deep.equal(less(original));
    expect(copy).to.include({ name: 'prod (copy)', comment: 'tuned' });
    expect(copy.json).to.deep.equal(SHOWN);
  });

  it('takes a name and any other field from the body, and leaves the original as it was', async () => {
    const before = (await coordinator.call('GET', `config_profiles/${id}`)).body;
    const copy = await made({ name: 'next', 'datastax-version': '5.0.8', comment: null, type: 'ignored' });
    expect(copy).to.include({ name: 'next', 'datastax-version': '5.0.8', comment: null });
    expect(copy.json).to.deep.equal(SHOWN);
    expect((await made({ name: 'bare', json: null })).json).to.deep.equal({});
    expect((await coordinator.call('GET', `config_profiles/${id}`)).body).to.deep.equal(before);
    expect((await clone({ name: 'by v1' }, id, 'v1')).status).to.equal(201);
  });

  it('gives each clone a name of its own, asked for one after the other or all at once, of a clone too', async () => {
    const one = (await coordinator.call('POST', 'config_profiles/', { ...PROFILE, name: 'many' })).body.id;
    const first = await made({}, one);
    expect(first.name).to.equal('many (copy)');
    expect((await made({ name: null }, first.id)).name).to.equal('many (copy 2)');
    const names = (await Promise.all(Array.from({ length: 8 }, () => made({}, one)))).map(({ name }) => name);
    expect(names.sort()).to.deep.equal(Array.from({ length: 8 }, (_, at) => `many (copy ${at + 3})`).sort());
  });

  it('cuts a name that would become too long, never in the middle of a character', async () => {
    const odd = { ...PROFILE, name: `${'x'.repeat(222)}${'\u{1F600}'.repeat(16)}` };
    const ofOdd = (await coordinator.call('POST', 'config_profiles/', odd)).body.id;
    expect((await made({}, ofOdd)).name).to.match(/ \(copy\)$/);
    expect((await made({}, ofOdd)).name).to.match(/ \(copy 2\)$/);
    const name = `${'x'.repeat(247)}\u{1F600}yyyyyy`;
    const long = (await coordinator.call('POST', 'config_profiles/', { ...PROFILE, name })).body.id;
    expect((await made({}, long)).name).to.equal(`${'x'.repeat(247)} (copy)`);
    expect((await made({}, long)).name).to.equal(`${'x'.repeat(246)} (copy 2)`);
  });

  it('refuses a name that is taken, a field that cannot be, and a profile that is not there', async () => {
    const before = await count();
    const path = `/api/v2/lcm/config_profiles/${id}/clone`;
    const refused = (body: unknown, fields: string[], type: string, says: RegExp) =>
      expectRefusal(
        coordinator,
        { method: 'POST', path, body },
        { status: type === 'Conflict' ? 409 : 400, type, fields, says },
      );
    await refused({ name: 'prod' }, ['/name'], 'Conflict', /already a config-profile named "prod"/);
    await refused({ 'datastax-version': 'x' }, ['/datastax-version'], 'InvalidInput', /must be a version/);
    await refused({ colour: 'red' }, ['/colour'], 'InvalidInput', /is not a field of a config-profile/);
    await refused(
      { json: { 'no-file': {} } },
      ['/json/no-file'],
      'InvalidConfigKeys',
      /Invalid config keys for Cassandra/,
    );
    await refused('[', [], 'InvalidInput', /is not JSON/);
    const absent = await clone({}, '00000000-0000-4000-8000-000000000000');
    expect([absent.status, absent.body.type]).to.deep.equal([404, 'NotFound']);
    expect((await clone({}, 'x')).status).to.equal(404);
    expect(await count()).to.equal(before);
  });
});
