// What the coordinator lets a real browser write: all that its own desk asks, and nothing that another page does.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { type Desk, startDesk } from '../../support/desk.ts';

describe('what a browser asks of the coordinator', function () {
  this.timeout(60_000);
  let desk: Desk;
  const foreign = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<title>Another page</title>');
  });
  const jobs = async (): Promise<number> => (await desk.coordinator.call('GET', 'jobs/')).body.count;
  const dialogAt = (url: string): string =>
    `${url}/clusters/${desk.cluster.clusterId}?run=cluster:${desk.cluster.clusterId}&action=restart`;
  before(async () => {
    desk = await startDesk(['n1']);
    foreign.listen(0, '127.0.0.1');
    await once(foreign, 'listening');
  });
  after(async () => {
    await desk.close();
    foreign.close();
    await once(foreign, 'close');
  });

  it('is refused from the page of another server on the same machine, without preflight too', async () => {
    const page = await desk.browser.open(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`);
    const answer = page.waitForResponse((response) => response.url().includes('actions/restart'));
    const body = { 'job-scope': 'cluster', 'resource-id': desk.cluster.clusterId };
    await page.evaluate(
      ([url, text]) => fetch(url ?? '', { method: 'POST', mode: 'no-cors', body: text ?? '' }),
      [`${desk.coordinator.restUrl}/api/v2/lcm/actions/restart`, JSON.stringify(body)],
    );
    expect((await answer).status()).to.equal(403);
    expect(await jobs()).to.equal(0);
    await page.close();
    desk.browser.complaints.splice(0);
  });

  it('is refused from a name that is not ours, and the desk says which setting lacks', async () => {
    const { port } = new URL(desk.coordinator.restUrl);
    const page = await desk.browser.open(dialogAt(`http://desk.localhost:${port}`));
    await page.getByRole('button', { name: 'Restart 1 node' }).click();
    const told = page.getByRole('dialog').getByRole('alert');
    await told.waitFor();
    expect(await told.innerText()).to.match(/^Nothing was started\. .* host-names or public-url/);
    expect(await jobs()).to.equal(0);
    await page.close();
    desk.browser.complaints.splice(0);
  });

  it('is done from the desk, which the browser calls our own page', async () => {
    const page = await desk.browser.open(dialogAt(desk.coordinator.restUrl));
    const answer = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: 'Restart 1 node' }).click();
    const headers = await (await answer).request().allHeaders();
    expect(headers).to.include({ origin: desk.coordinator.restUrl, 'sec-fetch-site': 'same-origin' });
    expect((await answer).status()).to.equal(201);
    await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
    expect(await jobs()).to.equal(1);
    expect(desk.browser.complaints).to.deep.equal([]);
  });
});
