// Secrets in a config profile over REST: taken in, never shown and never stored in clear, and kept when their masks come back.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { openedSettings } from '../../../coordinator/store/profile-secrets.ts';
import { askDatabase } from '../../support/ask-database.ts';
import { masterBox, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { dumpDatabase, givesAway } from '../../support/dump-database.ts';
import { heardLog } from '../../support/heard-log.ts';
import { expectRefusal } from '../../support/refusals.ts';

const MASK = '********';
const SECRETS = ['Hush-Keystore', 'Hush-Custom', 'Hush-Option', 'Hush-Proxy', '4815162342'];
const JSON_GIVEN = {
  'cassandra-yaml': {
    num_tokens: 8,
    server_encryption_options: { internode_encryption: 'all', keystore_password: 'Hush-Keystore' },
    ours: { token: 'not one', passphrase: 'Hush-Custom', secrets: [4815162342, true] },
    'lcm-custom--cassandra-yaml': ['ours'],
  },
  'jvm-server-options': {
    'additional-jvm-opts': ['-Dx=1', '-Djavax.net.ssl.keyStorePassword=Hush-Option'],
  },
  'package-proxy': { username: 'me', password: 'Hush-Proxy' },
};
const JSON_SHOWN = {
  'cassandra-yaml': {
    num_tokens: 8,
    server_encryption_options: { internode_encryption: 'all', keystore_password: MASK },
    ours: { token: 'not one', passphrase: MASK, secrets: [MASK, true] },
    'lcm-custom--cassandra-yaml': ['ours'],
  },
  'jvm-server-options': { 'additional-jvm-opts': ['-Dx=1', `-Djavax.net.ssl.keyStorePassword=${MASK}`] },
  'package-proxy': { username: 'me', password: MASK },
};

const PLACES = [
  '/json/cassandra-yaml/server_encryption_options/keystore_password',
  '/json/cassandra-yaml/ours/passphrase',
  '/json/cassandra-yaml/ours/secrets/0',
  '/json/jvm-server-options/additional-jvm-opts/1',
  '/json/package-proxy/password',
];

describe('secrets in a config profile', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const { log, lines } = heardLog();
  before(async () => {
    coordinator = await startTestCoordinator({ RINGMASTER_LOG_LEVEL: 'debug' }, { log });
  });
  after(() => coordinator.remove());

  /** As it is stored, the seal opened. */
  const really = async (id: string): Promise<unknown> => {
    const [row] = await askDatabase(coordinator.databaseUrl, 'select * from config_profile where id = $1', [
      id,
    ]);
    return openedSettings(masterBox(), row);
  };
  const profile = (rest: object = {}) => ({
    name: randomUUID(),
    product: 'cassandra',
    'datastax-version': '5.0.8',
    json: JSON_GIVEN,
    ...rest,
  });

  for (const base of ['/api/v1/lcm', '/api/v2/lcm']) {
    const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      coordinator.call(method, `${base}/config_profiles/${path}`, body, headers);
    const made = async (rest: object = {}): Promise<{ id: string; etag: string }> => {
      const { status, body, headers } = await call('POST', '', profile(rest));
      expect(status, JSON.stringify(body)).to.equal(201);
      return { id: body.id, etag: headers.get('etag') ?? '' };
    };
    const changed = async (id: string, body: unknown, headers: Record<string, string> = {}) => {
      const answer = await call('PUT', id, body, headers);
      expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
      return answer;
    };
    const refusal = (method: string, path: string, body: unknown, fields: string[], says: RegExp) =>
      expectRefusal(
        coordinator,
        { method, path: `${base}/config_profiles/${path}`, body },
        { status: 400, type: 'InvalidInput', fields, says },
      );

    describe(base, () => {
      it('are shown as masks by every answer, and are sealed', async () => {
        const key = { 'idempotency-key': randomUUID() };
        const body = profile();
        const answers = [await call('POST', '', body, key), await call('POST', '', body, key)];
        const { id } = answers[0]?.body ?? {};
        answers.push(await call('GET', id), await call('PUT', id, { comment: 'x' }));
        for (const answer of answers) expect(answer.body.json).to.deep.equal(JSON_SHOWN);
        const listed = (await call('GET', '?per-page=500')).body.results;
        expect(listed.find((one: { id: string }) => one.id === id).json).to.deep.equal(JSON_SHOWN);
        expect(await really(id)).to.deep.equal(JSON_GIVEN);
      });

      it('stay when what was read is written back, and nothing is changed by it', async () => {
        const { id, etag } = await made();
        const { id: _id, href: _href, 'related-resources': _links, ...read } = (await call('GET', id)).body;
        const again = await changed(id, read, { 'if-match': etag });
        expect(again.headers.get('etag')).to.equal(etag);
        expect(again.body['modified-on']).to.equal(read['modified-on']);
        expect(await really(id)).to.deep.equal(JSON_GIVEN);
        const same = await changed(id, { json: JSON_GIVEN }, { 'if-match': etag });
        expect(same.headers.get('etag')).to.equal(etag);
      });

      it('stay beside other settings that are changed, in a list that moved, and in a body without settings', async () => {
        const { id } = await made();
        const options = JSON_SHOWN['jvm-server-options']['additional-jvm-opts'];
        await changed(id, {
          json: { ...JSON_SHOWN, 'jvm-server-options': { 'additional-jvm-opts': ['-Dnew', ...options] } },
        });
        await changed(id, { 'datastax-version': '5.0.7' });
        expect(await really(id)).to.deep.equal({
          ...JSON_GIVEN,
          'jvm-server-options': {
            'additional-jvm-opts': ['-Dnew', ...JSON_GIVEN['jvm-server-options']['additional-jvm-opts']],
          },
        });
      });

      it('are changed one by one, which is told by the entity tag, and go when they are left out', async () => {
        const { id, etag } = await made();
        const json = structuredClone(JSON_SHOWN);
        json['package-proxy'].password = 'Hush-Proxy-2';
        const answer = await changed(id, { json }, { 'if-match': etag });
        expect(answer.body.json).to.deep.equal(JSON_SHOWN);
        expect(answer.headers.get('etag')).to.not.equal(etag);
        expect((await call('PUT', id, { json }, { 'if-match': etag })).status).to.equal(412);
        expect(await really(id)).to.deep.equal({
          ...JSON_GIVEN,
          'package-proxy': { username: 'me', password: 'Hush-Proxy-2' },
        });
        await changed(id, { json: { 'package-proxy': { password: MASK } } });
        expect(await really(id)).to.deep.equal({ 'package-proxy': { password: 'Hush-Proxy-2' } });
        await changed(id, { json: null });
        expect(await really(id)).to.deep.equal({});
        const stored = 'select sealed_secrets from config_profile where id = $1';
        expect(await askDatabase(coordinator.databaseUrl, stored, [id])).to.deep.equal([
          { sealed_secrets: null },
        ]);
      });

      it('are checked as they are, not as their masks', async () => {
        const hosts = { secret: { key_cache_millis: 5, keystore_password: 'Hush-Kmip' } };
        const kmip = {
          product: 'dse',
          'datastax-version': '6.8.36',
          json: { 'dse-yaml': { kmip_hosts: hosts } },
        };
        const { id: dse } = await made(kmip);
        await changed(dse, { comment: 'a host that is called secret' });
        expect(await really(dse)).to.deep.equal(kmip.json);
      });

      it('are refused as masks where none is stored, with the place of each', async () => {
        const { id } = await made();
        const json = { 'cassandra-yaml': { client_encryption_options: { truststore_password: MASK } } };
        const field = '/json/cassandra-yaml/client_encryption_options/truststore_password';
        await refusal('PUT', id, { json }, [field], /no secret is stored in its place/);
        await refusal('POST', '', profile({ json }), [field], /is a mask and no secret: .* \(a clone/);
        await refusal('POST', `${id}/clone`, { json: JSON_SHOWN }, PLACES, /give the secret itself/);
        expect(await really(id)).to.deep.equal(JSON_GIVEN);
      });

      it('go along into a clone, sealed for it alone', async () => {
        const { id } = await made();
        const copy = (await call('POST', `${id}/clone`, { 'datastax-version': '5.0.7' })).body;
        expect(copy.json).to.deep.equal(JSON_SHOWN);
        expect(await really(copy.id)).to.deep.equal(JSON_GIVEN);
        const rows = await askDatabase(
          coordinator.databaseUrl,
          'select sealed_secrets from config_profile where id in ($1, $2)',
          [id, copy.id],
        );
        expect(rows[0].sealed_secrets.equals(rows[1].sealed_secrets)).to.equal(false);
        const other = (await call('POST', `${id}/clone`, { json: {} })).body;
        expect(await really(other.id)).to.deep.equal({});
      });
    });
  }

  describe('after all of that', () => {
    it('are in nothing that is in the database and in the log', async () => {
      const dump = await dumpDatabase(coordinator.databaseUrl);
      expect(dump).to.contain('config_profile').and.to.contain('internode_encryption');
      expect(lines.join()).to.contain('"method":"PUT"');
      for (const secret of [...SECRETS, 'Hush-Proxy-2', 'Hush-Kmip'])
        for (const [what, text] of Object.entries({ dump, log: lines.join('\n') }))
          expect(givesAway(text, secret), `${secret} in the ${what}`).to.equal(false);
    });
  });
});
