// The clusters in a browser: datacenters and racks as squares, each node's state and its agent's, the filter, the node's panel.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Desk, startDesk } from '../../support/desk.ts';
import { eventually } from '../../support/eventually.ts';

/** Nodes are often named by their hosts, and what tells these apart may stand last. */
const FULL_NAME = 'cassandra-node.rack7.far.example.org';
const HOSTILE = '<b>bold</b> \u202etxt';

describe('the topology of a cluster', function () {
  this.timeout(60_000);
  let desk: Desk;
  let page: Page;
  let jobId: string;
  const square = (name: string) => page.getByRole('button', { name: new RegExp(`^${name}, rack`) });
  before(async () => {
    desk = await startDesk(['n1', 'n2', 'n3'], { away: ['n3'] });
    const { call } = desk.coordinator;
    const dc2 = await call('POST', 'datacenters/', { name: 'dc2', 'cluster-id': desk.cluster.clusterId });
    await call('POST', 'nodes/', {
      name: 'far',
      'datacenter-id': dc2.body.id,
      'ssh-management-address': '10.9.0.1',
      rack: 'r7',
    });
    await call('POST', 'nodes/', {
      name: FULL_NAME,
      'datacenter-id': dc2.body.id,
      'ssh-management-address': '10.9.0.2',
      rack: 'r7',
    });
    if (desk.scripts[1] !== undefined) desk.scripts[1].fails = true;
    for (const nodeId of desk.cluster.nodeIds.slice(0, 2)) {
      jobId = await desk.ask('restart', { 'job-scope': 'node', 'resource-id': nodeId });
      await desk.becomes(jobId, nodeId === desk.cluster.nodeIds[0] ? 'COMPLETE' : 'FAILED');
    }
    page = await desk.browser.open(`${desk.coordinator.restUrl}/clusters`);
  });
  afterEach(() => expect(desk.browser.complaints).to.deep.equal([]));
  after(() => desk.close());

  it('lists the clusters with what their newest jobs came to, and leads into one', async () => {
    const row = page.locator('table.clusters tbody tr');
    await row.getByText('Failed').waitFor();
    await row.getByRole('link', { name: 'c1' }).click();
    await page.waitForURL(`**/clusters/${desk.cluster.clusterId}`);
    await page.getByRole('heading', { name: 'c1', exact: true }).waitFor();
  });

  it("groups nodes by datacenter and rack, and names each node's state and its agent's", async () => {
    expect(await page.locator('.datacenter h2').allInnerTexts()).to.deep.equal(['dc1', 'dc2']);
    expect(await page.locator('.rack h3').allInnerTexts()).to.deep.equal(['rack1', 'r7']);
    const words = await page
      .locator('.square')
      .evaluateAll((squares: { getAttribute(name: string): string | null }[]) =>
        squares.map((own) => own.getAttribute('aria-label')),
      );
    expect(words).to.deep.equal([
      'n1, rack rack1: complete, agent connected',
      'n2, rack rack1: failed, agent connected',
      'n3, rack rack1: no job yet, agent never seen',
      'far, rack r7: no job yet, agent never seen',
      `${FULL_NAME}, rack r7: no job yet, agent never seen`,
    ]);
    expect(await page.locator('.facts').innerText()).to.match(/Agents connected\s+2 of 5/);
  });

  it('shows the whole name of a host', async () => {
    const { width, room } = await square(FULL_NAME)
      .locator('.square-name')
      .evaluate((own: { scrollWidth: number; clientWidth: number }) => ({
        width: own.scrollWidth,
        room: own.clientWidth,
      }));
    expect(width).to.be.at.most(room);
  });

  it('keeps the squares in place and dims those that the filter leaves out', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('failed');
    await eventually(async () => expect(await page.locator('.square:not(.dim)').count()).to.equal(1));
    expect(await square('n2').isEnabled()).to.equal(true);
    expect(await page.locator('.square').count()).to.equal(5);
    await page.getByRole('searchbox').fill('');
    await eventually(async () => expect(await page.locator('.square.dim').count()).to.equal(0));
  });

  it('opens the panel of a node on click, with a URL of its own, and Esc closes it', async () => {
    await square('n2').click();
    const panel = page.getByRole('complementary', { name: 'Node n2' });
    expect(await panel.innerText()).to.match(/connected, version 0[\s\S]*dc1 \/ rack1[\s\S]*127\.0\.0\.2/);
    const again = await desk.browser.open(page.url());
    await again.getByRole('complementary', { name: 'Node n2' }).waitFor();
    await again.close();
    await panel.getByRole('link', { name: 'Failed' }).click();
    await page.waitForURL(`**/jobs/${jobId}?node=${desk.cluster.nodeIds[1]}`);
    await page.goBack();
    await panel.waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  it('says when work is allowed, and what is asked for by itself', async () => {
    const { call } = desk.coordinator;
    const { clusterId, nodeIds } = desk.cluster;
    const times = (title: string) => page.locator('.cluster-times', { hasText: title });
    expect(await page.locator('.cluster-times').count()).to.equal(0);
    const made = async (path: string, fields: Record<string, unknown>) => {
      const { status, body } = await call('POST', path, { 'cluster-id': clusterId, ...fields });
      expect(status, JSON.stringify(body)).to.equal(201);
      return body;
    };
    const yearly = { cron: '0 2 29 2 *', 'time-zone': 'Europe/Berlin' };
    await made('maintenance_windows/', { name: 'leap nights', duration: 240, ...yearly });
    const weekly = { 'job-type': 'restart', 'job-scope': 'node', 'resource-id': nodeIds[1] };
    await made('job_schedules/', { name: 'for the certificates', ...weekly, ...yearly });
    const off = { name: 'put off', 'job-type': 'check', enabled: false, ...yearly };
    const { id } = await made('job_schedules/', { ...off, comment: HOSTILE });
    await page.reload();
    await times('Maintenance windows').getByText('shut now: no node is stopped or started').waitFor();
    expect(await times('Maintenance windows').locator('li').innerText()).to.match(
      /^leap nights\s+Opens \d{4}-02-29 \d\d:00:00\s+Maintenance window, 0 2 29 2 \* Europe\/Berlin for 4 h 00 min$/,
    );
    const [first, second] = await times('Scheduled jobs').locator('li').allInnerTexts();
    expect(first).to.match(/^for the certificates\s+Next \d{4}-02-29 .*\s+Restart of n2, 0 2 29 2 \* Europe/);
    expect(second).to.match(/^put off\s+Off\s+Check of the cluster, .*: <b>bold<\/b> <U\+202E>txt$/);
    const now = { kind: 'freeze', from: new Date(Date.now() - 1_000).toISOString() };
    await made('maintenance_windows/', { name: 'a sale', ...now });
    await times('Maintenance windows').getByText('In force').waitFor();
    for (const path of ['maintenance_windows', 'job_schedules'])
      for (const one of (await call('GET', `clusters/${clusterId}/${path}/`)).body.results)
        expect((await call('DELETE', `${path}/${one.id}`)).status).to.equal(200);
    expect((await call('GET', `job_schedules/${id}`)).status).to.equal(404);
    await times('Maintenance windows').waitFor({ state: 'detached' });
  });

  it('follows nodes and agents without a reload', async () => {
    const id = await desk.ask('configure', { 'job-scope': 'node', 'resource-id': desk.cluster.nodeIds[2] });
    await square('n3')
      .and(page.getByLabel(/pending/))
      .waitFor();
    await desk.coordinator.call('POST', 'actions/terminate', { 'job-id': id });
    // The job ended before it got to the node: nothing was tried there.
    await square('n3')
      .and(page.getByLabel(/no job yet/))
      .waitFor();
  });

  it('says whole what a job waits for, also beside the panel of a node', async () => {
    const id = await desk.ask('configure', { 'job-scope': 'node', 'resource-id': desk.cluster.nodeIds[2] });
    await square('n3').click();
    await page.getByRole('complementary', { name: 'Node n3' }).waitFor();
    const told = page.locator('table.jobs .waits');
    await told.waitFor();
    const { body } = await desk.coordinator.call('GET', `jobs/${id}`);
    expect(await told.innerText()).to.equal(`Waits: ${body['waiting-for'].what}`);
    const { width, room } = await told.evaluate((own: { scrollWidth: number; clientWidth: number }) => ({
      width: own.scrollWidth,
      room: own.clientWidth,
    }));
    expect(width).to.be.at.most(room);
    const columns = page.locator('table.jobs td.cell-description');
    expect((await columns.allInnerTexts()).join('')).to.equal('');
    await told.click({ force: true }); // what takes it is the link of the job, which lies over all of its lines
    await page.waitForURL(`**/jobs/${id}`);
    await desk.coordinator.call('POST', 'actions/terminate', { 'job-id': id });
  });
});
