// The desk while its database or its coordinator is away: a banner that says so and goes by itself, and a log that goes on.
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Browser, startBrowser } from '../../support/browser.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type DatabaseGate, startDatabaseGate } from '../../support/database-gate.ts';
import { freePort } from '../../support/free-port.ts';
import { buildDesk } from '../../support/web-desk.ts';

const DATABASE_AWAY = /its database is away/;
const COORDINATOR_AWAY = /The coordinator does not answer/;

describe('the desk while something is away', function () {
  this.timeout(60_000);
  const masterKey = randomBytes(32).toString('base64');
  let database: TestDatabase;
  let gate: DatabaseGate;
  let coordinator: TestCoordinator;
  let browser: Browser;
  let page: Page;
  const start = (port: string) =>
    startTestCoordinator({
      RINGMASTER_DATABASE_URL: gate.url,
      RINGMASTER_MASTER_KEY: masterKey,
      RINGMASTER_REST_PORT: port,
    });
  const ask = async () => {
    const { body } = await coordinator.call('GET', 'clusters/');
    const target = { 'job-scope': 'cluster', 'resource-id': body.results[0].id };
    return (await coordinator.call('POST', 'actions/restart', target)).body.id;
  };
  before(async () => {
    await buildDesk();
    database = await createTestDatabase();
    gate = await startDatabaseGate(database.url);
    coordinator = await start(String(await freePort()));
    await modelCluster(coordinator, 'c1', ['n1']);
    await ask();
    browser = await startBrowser();
    page = await browser.open(coordinator.restUrl);
    await page.locator('table.jobs tbody').waitFor();
  });
  after(async () => {
    await browser.close();
    await coordinator.remove();
    await gate.close();
    await database.drop();
  });

  it('says that the database is away, keeps what it shows, and clears itself', async () => {
    gate.shut();
    await page.locator('.banner', { hasText: DATABASE_AWAY }).waitFor();
    expect(await page.locator('table.jobs tbody').count()).to.equal(1);
    gate.open();
    await page.locator('.banner').waitFor({ state: 'detached' });
    await ask();
    await page.locator('table.jobs tbody').nth(1).waitFor();
  });

  it('says that the disk of the database is full, while reading works too, until there is room', async () => {
    const { body } = await coordinator.call('GET', 'jobs/?per-page=1');
    const job = await browser.open(`${coordinator.restUrl}/jobs/${body.results[0].id}`);
    await job.route('**/readyz', (route) =>
      route.fulfill({ status: 503, json: { ready: false, database: 'full' } }),
    );
    await job.route('**/actions/terminate', (route) =>
      route.fulfill({ status: 503, json: { message: 'The disk is full' } }),
    );
    await job.getByRole('button', { name: 'Terminate…' }).click();
    await job.getByRole('button', { name: 'Terminate the job' }).click();
    await job.locator('.banner', { hasText: /The disk of .* database is full/ }).waitFor();
    await job.getByRole('button', { name: 'Leave it running' }).click();
    const read = job.waitForResponse((answer) => answer.url().includes('/jobs/?') && answer.ok());
    await job.getByRole('link', { name: 'Jobs', exact: true }).click();
    await read;
    await job.locator('table.jobs tbody').first().waitFor();
    expect(await job.locator('.banner').innerText()).to.match(/database is full/);
    await job.unroute('**/readyz');
    await job.locator('.banner').waitFor({ state: 'detached' });
    await job.close();
  });

  it('reads what could not be read once the database is back, without being asked', async () => {
    const { body } = await coordinator.call('GET', 'jobs/?per-page=1');
    gate.shut();
    const job = await browser.open(`${coordinator.restUrl}/jobs/${body.results[0].id}`);
    await job.getByText('The job could not be read.').waitFor();
    gate.open();
    await job.getByRole('heading', { name: 'Restart c1' }).waitFor();
    await job.locator('.banner').waitFor({ state: 'detached' });
    await job.close();
  });

  it("says that the coordinator is away, and goes on with a job's log when it is back", async () => {
    const { body } = await coordinator.call('GET', 'jobs/?per-page=1');
    const jobId = body.results[0].id;
    const job = await browser.open(`${coordinator.restUrl}/jobs/${jobId}`);
    await job.getByText('Live: new events appear').waitFor();
    const { port } = new URL(coordinator.restUrl);
    await coordinator.stop();
    await job.locator('.banner', { hasText: COORDINATOR_AWAY }).waitFor();
    await job.getByText('The connection is lost.').waitFor();
    coordinator = await start(port);
    await job.locator('.banner').waitFor({ state: 'detached' });
    await job.getByText('Live: new events appear').waitFor();
    await coordinator.call('POST', 'actions/terminate', { 'job-id': jobId });
    await job.getByText(/^End of the log: terminated/).waitFor();
    await page.locator('table.jobs tbody').first().getByText('Terminated', { exact: true }).waitFor();
    expect(browser.complaints.filter((text) => !/ERR_|503/.test(text))).to.deep.equal([]);
  });
});
