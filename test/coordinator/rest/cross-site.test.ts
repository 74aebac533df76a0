// A page of another site in an operator's browser changes nothing; clients that are no browsers are not asked where they come from.
import { expect } from 'chai';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';

describe('writes that a browser sends', () => {
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator({ RINGMASTER_PUBLIC_URL: 'https://desk.example' });
  });
  after(() => coordinator.remove());

  const names = Array.from({ length: 20 }, (_, at) => `site-${at}`);
  const write = async (headers: Record<string, string>) =>
    await coordinator.call('POST', 'clusters/', { name: names.shift() }, headers);
  const count = async (): Promise<number> => (await coordinator.call('GET', 'clusters/')).body.count;

  for (const [what, headers] of Object.entries({
    'from another origin': { origin: 'http://evil.example' },
    'from a sandboxed page': { origin: 'null' },
    'that the browser calls cross-site': { 'sec-fetch-site': 'cross-site' },
    'that the browser calls same-site': { 'sec-fetch-site': 'same-site' },
    'from a name that was made to lead here': {
      origin: 'http://evil.example',
      'sec-fetch-site': 'same-origin',
    },
  })) {
    it(`are refused ${what}, and nothing is made`, async () => {
      const before = await count();
      const { status, body } = await write({ ...headers, 'content-type': 'text/plain' });
      expect(status).to.equal(403);
      expect(body).to.include({ code: 403, type: 'PermissionDenied', msg: body.message });
      expect(await count()).to.equal(before);
    });
  }

  for (const [what, headers] of Object.entries({
    'without a word of where from': {},
    'from our own pages': { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-origin' },
    'from the public URL': { origin: 'https://desk.example' },
    'typed by the user': { 'sec-fetch-site': 'none' },
  })) {
    it(`are taken ${what}`, async () => {
      expect((await write(headers)).status).to.equal(201);
    });
  }

  it('are not needed to read', async () => {
    const { status } = await coordinator.call('GET', 'clusters/', undefined, {
      origin: 'http://evil.example',
    });
    expect(status).to.equal(200);
  });
});
