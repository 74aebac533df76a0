// How the web desk is served: from memory, by known names alone, under a policy that runs nothing else.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import { expect } from 'chai';
import Koa from 'koa';
import type { State } from '../../../coordinator/rest/parts.ts';
import { addUiRoutes } from '../../../coordinator/rest/ui-routes.ts';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { buildDesk } from '../../support/web-desk.ts';

const JOB = '7064583a-0656-4914-819e-937863793ab5';

describe('the web desk as it is served', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const get = (path: string, headers = {}) => fetch(`${coordinator.restUrl}${path}`, { headers });
  const assetPaths = async (): Promise<string[]> => {
    const html = await (await get('/')).text();
    return [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
  };
  before(async () => {
    await buildDesk();
    coordinator = await startTestCoordinator();
  });
  after(() => coordinator.remove());

  it('gives the same page at every deep link, never from a cache that was not asked again', async () => {
    const first = await (await get('/')).text();
    for (const path of [`/jobs/${JOB}`, '/clusters', `/clusters/${JOB}`, '/opscenter/lcm.html', '/?page=2']) {
      const answer = await get(path);
      expect(answer.status, path).to.equal(200);
      expect(answer.headers.get('content-type')).to.equal('text/html; charset=utf-8');
      expect(answer.headers.get('cache-control')).to.equal('no-cache');
      expect(await answer.text()).to.equal(first);
    }
  });

  it('lets nothing run or load but what it serves itself', async () => {
    const { headers } = await get('/');
    expect(headers.get('content-security-policy')).to.equal(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
    expect(headers.get('referrer-policy')).to.equal('no-referrer');
    const html = await (await get('/')).text();
    expect(html).to.not.match(/<script(?![^>]*\ssrc=)/);
    expect(html).to.not.match(/\s(?:style|on\w+)=/);
  });

  it('names its assets by their contents and lets them be kept for ever', async () => {
    const paths = await assetPaths();
    expect(paths.length).to.be.greaterThan(1);
    for (const path of paths) {
      expect(path).to.match(/^\/ui\/[a-z]+-[\w-]{8}\.(?:js|css|svg)$/);
      const answer = await get(path);
      expect(answer.status, path).to.equal(200);
      expect(answer.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
      expect(answer.headers.get('content-encoding')).to.equal('gzip');
      const plain = await get(path, { 'accept-encoding': 'identity' });
      expect(plain.headers.get('content-encoding')).to.equal(null);
      expect(await plain.text()).to.equal(await answer.text());
    }
  });

  it('serves nothing that is not of the build, whatever the path says', async () => {
    for (const path of [
      '/opscenter/',
      '/ui/',
      '/ui/index.html',
      '/ui/..%2findex.html',
      '/ui/%2e%2e%2f%2e%2e%2fpackage.json',
      '/ui/__proto__',
      '/jobs',
      `/jobs/${JOB}/more`,
      '/anything',
    ]) {
      const answer = await get(path);
      expect(answer.status, path).to.equal(404);
      expect(await answer.json(), path).to.include({ type: 'NotFound' });
    }
  });

  it('answers a browser that asks for no page of ours with a page, as 404, and callers of the API as ever', async () => {
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const page = await (await get('/')).text();
    for (const path of ['/nonsense', '/jobs', `/jobs/${JOB}/more`, '/opscenter/', '/apiary']) {
      const answer = await get(path, { accept });
      expect(answer.status, path).to.equal(404);
      expect(answer.headers.get('content-type')).to.equal('text/html; charset=utf-8');
      expect(answer.headers.get('content-security-policy')).to.contain("default-src 'none'");
      expect(answer.headers.get('vary')).to.match(/accept-encoding, accept$/i);
      expect(await answer.text()).to.equal(page);
    }
    for (const path of [
      '/api',
      '/api/',
      '/api/v2/lcm/nonsense',
      `/api/v2/lcm/jobs/${JOB}`,
      '/ui/none.js',
      '/docs/none.css',
    ]) {
      const answer = await get(path, { accept });
      expect(answer.status, path).to.equal(404);
      expect(await answer.json(), path).to.include({ type: 'NotFound' });
    }
    const [json, html] = ['application/json', 'text/html'];
    for (const other of [
      '*/*',
      json,
      `${json}, ${html}`,
      `${html}, ${json}`,
      `${html}, */*`,
      'text/html;q=0, */*',
    ]) {
      const answer = await get('/nonsense', { accept: other });
      expect(answer.status).to.equal(404);
      expect(await answer.json(), other).to.include({ type: 'NotFound' });
    }
    for (const better of [html, `${json};q=0.9, ${html}`, `*/*;q=0.1, ${html}`, 'text/*'])
      expect((await get('/nonsense', { accept: better })).headers.get('content-type'), better).to.contain(
        html,
      );
    const posted = await fetch(`${coordinator.restUrl}/nonsense`, { method: 'POST', headers: { accept } });
    expect(posted.status).to.equal(404);
    expect(await posted.json()).to.include({ type: 'NotFound' });
    expect(await (await get('/meta', { accept })).json()).to.have.property('version');
  });

  it('says how to build it when it is not built', async () => {
    const app = new Koa<State>();
    const router = new Router<State>();
    addUiRoutes(router, { ui: null });
    const server = createServer(app.use(router.routes()).callback());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    server.close();
    expect(answer.status).to.equal(404);
    expect(await answer.text()).to.match(/^The web desk is not built: run `npm run build`[^\n]*\n$/);
  });
});
