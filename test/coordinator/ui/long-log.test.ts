// A log of more than ten thousand events in a browser: bounded in memory, few rows drawn, followed until the reader goes up.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Desk, looked, startDesk } from '../../support/desk.ts';
import { eventually } from '../../support/eventually.ts';

const EVENTS = 12_000;

describe('a log of many events', function () {
  this.timeout(300_000);
  let desk: Desk;
  let page: Page;
  let total: number;
  const scroller = () => page.locator('.log-scroll');
  const state = () =>
    scroller().evaluate((box: { scrollTop: number; scrollHeight: number; clientHeight: number }) => ({
      top: box.scrollTop,
      below: box.scrollHeight - box.scrollTop - box.clientHeight,
    }));
  before(async () => {
    desk = await startDesk(['n1', 'n2']);
    const [, first] = desk.scripts;
    if (first === undefined) throw new Error('two scripts');
    first.events = Array.from({ length: EVENTS }, (_, at) => looked(`Looked at file ${at + 1}`));
    desk.scripts[0]?.hold();
    const jobId = await desk.ask('restart', {
      'job-scope': 'cluster',
      'resource-id': desk.cluster.clusterId,
    });
    total = await eventually(
      async () => {
        const { body } = await desk.coordinator.call('GET', `jobs/${jobId}`);
        expect(body['node-counts']).to.deep.equal({ COMPLETE: 1, RUNNING: 1 });
        expect(body['event-count']).to.be.at.least(EVENTS + 3);
        return body['event-count'];
      },
      { withinMs: 240_000 },
    );
    page = await desk.browser.open(`${desk.coordinator.restUrl}/jobs/${jobId}`);
  });
  afterEach(() => expect(desk.browser.complaints).to.deep.equal([]));
  after(() => desk.close());

  it('loads the newest ten thousand, draws those in sight, and shows the end', async () => {
    await page.getByText('10000 events').waitFor();
    expect(await page.locator('.log-rows > li').count()).to.be.below(100);
    await eventually(async () => expect((await state()).below).to.be.below(24));
    await page.getByText(`Looked at file ${EVENTS}`, { exact: true }).waitFor();
  });

  it('keeps the end in sight when its own box becomes lower, as by a banner above it', async () => {
    await page.setViewportSize({ width: 1280, height: 560 });
    await eventually(async () => expect((await state()).below).to.be.below(24));
    expect(await page.getByRole('button', { name: 'Follow' }).count()).to.equal(0);
    await page.setViewportSize({ width: 1280, height: 800 });
    await eventually(async () => expect((await state()).below).to.be.below(24));
  });

  it('stops following when the reader goes up, and goes on when asked', async () => {
    await scroller().hover();
    await page.mouse.wheel(0, -600);
    await page.getByRole('button', { name: 'Follow' }).waitFor();
    const { top } = await state();
    desk.scripts[0]?.release();
    await page.getByText(/^End of the log/).waitFor();
    expect((await state()).top).to.equal(top);
    await page.getByRole('button', { name: 'To the end' }).click();
    await eventually(async () => expect((await state()).below).to.be.below(24));
    await page.getByText('job ended COMPLETE').waitFor();
  });

  it('loads earlier events when asked, back to the first', async () => {
    await page.keyboard.press('Escape');
    await scroller().focus();
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: /^Load [\d,]+ more$/ }).click();
    await eventually(async () => {
      const text = await page.locator('.log-count').innerText();
      expect(Number(text.split(' ')[0])).to.be.at.least(total);
    });
    await scroller().focus();
    await page.keyboard.press('Home');
    await page.getByText('Looked at file 1', { exact: true }).waitFor();
    expect(await page.locator('.log-head').count()).to.equal(0);
    expect(await page.locator('.log-rows > li').count()).to.be.below(100);
  });

  it('finds words among all that is loaded', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('file 1199');
    await page.getByText(/^11 of \d+ events$/).waitFor();
    await page.getByText('Looked at file 11999', { exact: true }).waitFor();
  });
});
