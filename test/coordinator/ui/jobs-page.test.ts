// The jobs list in a browser: empty, filled, live, paged, by keys.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Desk, startDesk } from '../../support/desk.ts';
import { eventually } from '../../support/eventually.ts';

describe('the jobs list', function () {
  this.timeout(60_000);
  let desk: Desk;
  let page: Page;
  const rows = () => page.locator('table.jobs tbody');
  before(async () => {
    desk = await startDesk(['n1', 'n2']);
    page = await desk.browser.open(desk.coordinator.restUrl);
  });
  afterEach(() => expect(desk.browser.complaints).to.deep.equal([]));
  after(() => desk.close());

  it('says what to run next while there is no job', async () => {
    await page.getByText('No job has been asked for yet').waitFor();
    const command = await page.getByLabel('Ask for a restart').innerText();
    expect(command).to.contain(`ringmaster --server ${desk.coordinator.restUrl} job run restart --cluster `);
  });

  it('shows a job that was asked for elsewhere, and follows it to its end, without a reload', async () => {
    desk.scripts[0]?.hold();
    const id = await desk.ask('restart', {
      'job-scope': 'cluster',
      'resource-id': desk.cluster.clusterId,
      description: 'Kernel update',
    });
    const row = rows().first();
    await row.getByText('Running', { exact: true }).waitFor();
    expect(await row.innerText()).to.match(/Restart[\s\S]*c1[\s\S]*Kernel update/);
    desk.scripts[0]?.release();
    await desk.becomes(id, 'COMPLETE');
    await row.getByText('Complete', { exact: true }).waitFor();
    expect(await row.locator('.nodes-bar').innerText()).to.contain('2/2');
  });

  it('tells statuses apart by shape and word, not by colour alone', async () => {
    if (desk.scripts[1] !== undefined) desk.scripts[1].fails = true;
    const nodeId = desk.cluster.nodeIds[1];
    const id = await desk.ask('configure', { 'job-scope': 'node', 'resource-id': nodeId });
    await desk.becomes(id, 'FAILED');
    const failed = rows().filter({ hasText: 'Failed' });
    await failed.waitFor();
    expect(await failed.innerText()).to.match(/c1\s*\/\s*dc1\s*\/\s*n2/);
    const shapeOf = (word: string) =>
      rows().filter({ hasText: word }).first().locator('.status-icon').innerHTML();
    expect(await shapeOf('Failed')).to.not.equal(await shapeOf('Complete'));
  });

  it('goes from row to row by j and k, and into a job by Enter', async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
    await page.getByRole('heading', { name: /^Configure/ }).waitFor();
    await page.goBack();
  });

  it('is paged by the server, and every page has a URL of its own', async () => {
    for (let at = 0; at < 26; at += 1)
      await desk.ask('restart', { 'job-scope': 'node', 'resource-id': desk.cluster.nodeIds[0] });
    await page.getByLabel('Rows').selectOption('25');
    await page.getByText('1–25 of 28').waitFor();
    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByText('26–28 of 28').waitFor();
    await eventually(async () => expect(await rows().count()).to.equal(3));
    expect(page.url()).to.match(/\?page=2&per-page=25$/);
    const again = await desk.browser.open(page.url());
    await again.getByText('26–28 of 28').waitFor();
    await again.close();
  });

  it('shows the jobs of one status, by a URL of its own that the pages keep', async () => {
    await page.getByLabel('Status').selectOption('Failed');
    await page.getByText('1–1 of 1').waitFor();
    await eventually(async () => expect(await rows().count()).to.equal(1));
    expect(await rows().innerText()).to.contain('Configure');
    expect(page.url()).to.match(/\/\?per-page=25&status=FAILED$/);
    await page.goto(`${desk.coordinator.restUrl}/?status=COMPLETE&per-page=25`);
    await page.getByText('1–25 of 27').waitFor({ timeout: 30_000 });
    expect(await page.getByLabel('Status').inputValue()).to.equal('COMPLETE');
    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByText('26–27 of 27').waitFor();
    await page.getByLabel('Status').selectOption('Orphaned');
    await page.getByText('No job has the status “Orphaned”').waitFor();
    const whileAsked: string[] = [];
    await page.route('**/jobs/?page=1&per-page=50', async (route) => {
      whileAsked.push(await page.locator('main').innerText());
      await route.continue();
    });
    await page.getByRole('link', { name: 'Show all jobs' }).click();
    await page.getByText('1–28 of 28').waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    expect(whileAsked[0]).to.be.a('string').and.not.contain('No job');
    expect(page.url()).to.equal(`${desk.coordinator.restUrl}/`);
  });

  it('does not pass the jobs of one status for those of another while these are on their way', async () => {
    await page.goto(`${desk.coordinator.restUrl}/?status=FAILED`);
    await page.getByText('1–1 of 1').waitFor();
    const former = page.locator('table.jobs[aria-busy=true]');
    expect(await former.count()).to.equal(0);
    let answer: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/jobs/?*status=COMPLETE', async (route) => {
      await held;
      await route.continue();
    });
    await page.getByLabel('Status').selectOption('Complete');
    await former.waitFor();
    expect(await page.getByRole('navigation', { name: 'Pages of jobs' }).innerText()).to.not.contain('of 1');
    answer();
    await page.getByText('1–27 of 27').waitFor();
    expect(await former.count()).to.equal(0);
    await page.unrouteAll({ behavior: 'wait' });
    await page.goto(desk.coordinator.restUrl);
  });

  for (const { query, says, link, shows } of [
    {
      query: 'page=99&per-page=25',
      says: /has no page 99: page must be from 1 to 2/,
      link: 'first page',
      shows: '1–25 of 28',
    },
    {
      query: 'page=1e9',
      says: /page must be a whole number from 1 to/,
      link: 'first page',
      shows: '1–28 of 28',
    },
    {
      query: 'status=BROKEN',
      says: /status must be one of PENDING, RUNNING/,
      link: 'all jobs',
      shows: '1–28 of 28',
    },
  ])
    it(`says what is wrong with ?${query}, and leads on`, async () => {
      const other = await desk.browser.open(`${desk.coordinator.restUrl}/?${query}`);
      const alert = other.getByRole('alert');
      await alert.getByText(says).waitFor();
      await alert.getByRole('link', { name: link }).click();
      await other.getByText(shows).waitFor();
      await other.close();
      desk.browser.complainedOf(/40[04]/);
    });

  it('leads back from a page that is nowhere', async () => {
    const stray = await desk.browser.context.newPage();
    const answer = await stray.goto(`${desk.coordinator.restUrl}/nonsense`);
    expect(answer?.status()).to.equal(404);
    await stray.getByRole('heading', { name: 'There is no such page' }).waitFor();
    expect(await stray.title()).to.equal('There is no such page · Ringmaster');
    await stray.locator('main').getByRole('link', { name: 'jobs' }).click();
    await stray.getByRole('heading', { name: 'Jobs' }).waitFor();
    await stray.close();
    desk.browser.complainedOf(/404/);
  });

  it('shows times by UTC or the own clock, and remembers which', async () => {
    const at = page.locator('.cell-created time').first();
    const iso = (await at.getAttribute('datetime')) ?? '';
    await eventually(async () => expect(await at.innerText()).to.equal(iso.slice(0, 19).replace('T', ' ')));
    await page.locator('.clock-switch label', { hasText: 'Local' }).click();
    await page.reload();
    expect(await page.getByRole('radio', { name: 'Local' }).isChecked()).to.equal(true);
    expect(await at.getAttribute('title')).to.match(/UTC$/);
    await page.locator('.clock-switch label', { hasText: 'UTC' }).click();
  });
});
