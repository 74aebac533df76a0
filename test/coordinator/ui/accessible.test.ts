// Every screen by axe, in light and dark, at a desk's width and a phone's: nothing wrong, and nothing wider than the screen.
import { expect } from 'chai';
import { axeViolations } from '../../support/axe.ts';
import { type Desk, looked, startDesk } from '../../support/desk.ts';

const LONG = 'a-name-without-any-place-to-break-it-'.repeat(4);
const FILE = 'cassandra.yaml';
/** as long as that of a datacenter may be */
const LONG_PLACE = LONG.slice(0, 100);

interface Boxed {
  textContent: string;
  closest(selector: string): Boxed | null;
  getBoundingClientRect(): { left: number; right: number };
}
/** What has to be whole, though the page is no wider for it: buttons of a dialog, and words in their columns. */
const BOXED = 'dialog button, table.jobs .word';
const thoseCut = (all: Boxed[]): string[] =>
  all
    .filter((one) => {
      const own = one.getBoundingClientRect();
      const box = one.closest('dialog, td')?.getBoundingClientRect() ?? own;
      return own.left < box.left || own.right > box.right;
    })
    .map(({ textContent }) => textContent);

describe('every screen', function () {
  this.timeout(120_000);
  let desk: Desk;
  let empty: Desk;
  const screens: { name: string; path: string; see: string; press?: string; desk?: () => Desk }[] = [];
  before(async () => {
    desk = await startDesk(['n1', 'n2', 'n3', LONG], { away: ['n3'] });
    empty = await startDesk([]);
    const [, failing] = desk.scripts;
    if (failing === undefined) throw new Error('scripts');
    failing.events = [
      looked(`Looked at /${LONG}/${LONG}`),
      looked(`Wrote /${LONG}/${FILE}`, {
        changes: true,
        after: { diff: `--- a\n+++ a\n@@ -1 +1 @@\n-${LONG}\n+b\n` },
      }),
    ];
    failing.fails = true;
    const target = { 'job-scope': 'cluster', 'resource-id': desk.cluster.clusterId, description: LONG };
    const failed = await desk.ask('restart', target);
    await desk.becomes(failed, 'FAILED');
    desk.scripts[0]?.hold();
    const running = await desk.ask('restart', {
      'job-scope': 'node',
      'resource-id': desk.cluster.nodeIds[0],
    });
    await desk.becomes(running, 'RUNNING');
    const waiting = await desk.ask('configure', target);
    const cluster = `/clusters/${desk.cluster.clusterId}`;
    const yearly = { 'cluster-id': desk.cluster.clusterId, cron: '0 2 29 2 *', comment: LONG };
    const { call } = desk.coordinator;
    await call('POST', 'maintenance_windows/', { name: 'leap nights', duration: 240, ...yearly });
    await call('POST', 'job_schedules/', { name: 'leap restart', 'job-type': 'restart', ...yearly });
    const { body: datacenter } = await call('POST', 'datacenters/', {
      name: LONG_PLACE,
      'cluster-id': desk.cluster.clusterId,
    });
    for (let at = 1; at <= 8; at += 1)
      await call('POST', 'nodes/', {
        name: `m${at}`,
        'datacenter-id': datacenter.id,
        'ssh-management-address': `10.9.0.${at}`,
      });
    const { body: own } = await call('GET', `clusters/${desk.cluster.clusterId}`);
    await call('POST', 'clusters/', {
      name: LONG,
      comment: LONG,
      'repository-id': own['repository-id'],
      'config-profile-id': own['config-profile-id'],
    });
    await desk.ask('configure', { ...target, 'dry-run': true });
    const node = desk.cluster.nodeIds[2];
    screens.push(
      { name: 'jobs', path: '/', see: '(dry-run)' },
      { name: 'no jobs', path: '/', see: 'No job has been asked for yet', desk: () => empty },
      { name: 'a failed job', path: `/jobs/${failed}`, see: 'End of the log' },
      { name: 'a running job', path: `/jobs/${running}`, see: 'Live:' },
      {
        name: 'an open event',
        path: `/jobs/${failed}?only=errors`,
        see: 'This one fails',
        press: '.event-line',
      },
      { name: 'terminate', path: `/jobs/${running}`, see: 'Live:', press: '.job-title button' },
      { name: 'a waiting job', path: `/jobs/${waiting}`, see: 'Waiting for' },
      { name: 'clusters', path: '/clusters', see: LONG },
      { name: 'a cluster', path: cluster, see: 'Scheduled jobs' },
      { name: 'a node, filtered', path: `${cluster}?node=${node}&filter=n3`, see: 'never seen' },
      {
        name: 'the run dialog',
        path: `${cluster}?run=cluster:${desk.cluster.clusterId}&action=configure`,
        see: 'in this order',
      },
      { name: 'a failed job alone', path: '/?status=FAILED', see: '1–1 of 1' },
      { name: 'none of a status', path: '/?status=ORPHANED', see: 'No job has the status “Orphaned”' },
      { name: 'no such page of a list', path: '/?page=99', see: 'has no page 99' },
      { name: 'no such page', path: '/nonsense', see: 'There is no such page' },
      {
        name: 'the options of a job',
        path: `${cluster}?run=cluster:${desk.cluster.clusterId}&action=install`,
        see: 'in this order',
        press: '.run-options summary',
      },
      { name: 'no such job', path: `/jobs/${node}`, see: 'There is no such job' },
    );
  });
  after(async () => {
    await desk.close();
    await empty.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      it(`is free of what axe knows, and fits, in ${colorScheme} at ${width} px`, async () => {
        const found: string[] = [];
        for (const screen of screens) {
          const { browser, coordinator } = screen.desk?.() ?? desk;
          const page = await browser.context.newPage();
          await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await page.goto(`${coordinator.restUrl}${screen.path}`);
          await page.getByText(screen.see).filter({ visible: true }).first().waitFor();
          if (screen.press !== undefined) await page.locator(screen.press).first().click();
          for (const violation of await axeViolations(page)) found.push(`${screen.name}: ${violation}`);
          const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
          if (wide > width) found.push(`${screen.name} is ${wide} px wide`);
          for (const cut of await page.locator(BOXED).evaluateAll(thoseCut))
            found.push(`${screen.name} cuts off “${cut}”`);
          const complaints = browser.complaints.splice(0).filter((text) => !text.includes('404'));
          found.push(...complaints.map((text) => `${screen.name}: ${text}`));
          await page.close();
        }
        expect(found).to.deep.equal([]);
      });
    }
  }

  it('shows in the log of a phone also the end of a path, which says what it is about', async () => {
    const page = await desk.browser.context.newPage();
    await page.setViewportSize({ width: 390, height: 844 });
    const { path } = screens.find(({ name }) => name === 'a failed job') ?? {};
    await page.goto(`${desk.coordinator.restUrl}${path}`);
    const cut = await page
      .locator('.event-message', { hasText: FILE })
      .evaluate((own: { scrollHeight: number; clientHeight: number }) => own.scrollHeight - own.clientHeight);
    expect(cut).to.equal(0);
    await page.close();
  });

  it('can be reached by keys: the skip link comes first, and the focus can be seen', async () => {
    const page = await desk.browser.open(desk.coordinator.restUrl);
    await page.locator('table.jobs').getByText('Running').first().waitFor();
    await page.keyboard.press('Tab');
    const link = page.getByRole('link', { name: 'Skip to the content' });
    expect(await page.evaluate('document.activeElement.className')).to.equal('skip-link');
    expect((await link.boundingBox())?.y).to.be.at.least(0);
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).to.equal('main');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).to.not.equal('none');
    await page.close();
  });
});
