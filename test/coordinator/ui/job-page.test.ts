// A job's page in a browser: nodes in order, the live log and its filters, diffs, tracebacks, hostile text, terminate.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Desk, looked, startDesk } from '../../support/desk.ts';
import { eventually } from '../../support/eventually.ts';

const DIFF =
  '--- conf/cassandra.yaml\n+++ conf/cassandra.yaml\n@@ -1,2 +1,2 @@\n a: 1\n-num_tokens: 256\n+num_tokens: 16\n';
const HOSTILE = '<img src=x onerror="document.title=1"> \u001b[31mred\u001b[0m \u202egpj.exe \u0007';

describe("a job's page", function () {
  this.timeout(60_000);
  let desk: Desk;
  let page: Page;
  let jobId: string;
  const messages = () => page.locator('.event-message').allInnerTexts();
  const rail = () => page.getByRole('navigation', { name: 'Nodes of the job' });
  const only = (words: string) => page.locator('.log-filters label', { hasText: words }).click();

  before(async () => {
    desk = await startDesk(['n1', 'n2', 'n3'], { timings: { terminateAgainMs: 600_000 } });
    const [first, second] = desk.scripts;
    if (first === undefined || second === undefined) throw new Error('three scripts');
    // n1 is the seed, so a restart takes it last.
    second.events = [
      looked('Looked at the file'),
      looked('Wrote conf/cassandra.yaml', {
        changes: true,
        resource: 'conf/cassandra.yaml',
        before: { sha256: 'aa' },
        after: { sha256: 'bb', diff: DIFF, 'diff-truncated': false },
      }),
      looked(HOSTILE, { subtype: 'hostile' }),
    ];
    second.hold();
    jobId = await desk.ask('restart', {
      'job-scope': 'cluster',
      'resource-id': desk.cluster.clusterId,
      'continue-on-error': true,
      description: `Ask ${HOSTILE}`,
    });
    page = await desk.browser.open(`${desk.coordinator.restUrl}/jobs/${jobId}`);
  });
  afterEach(() => expect(desk.browser.complaints).to.deep.equal([]));
  after(() => desk.close());

  it('shows the nodes in the stored order with the step that each is at and how long ago it spoke', async () => {
    await rail().getByText('Running').waitFor();
    expect(await rail().locator('li .rail-name').allInnerTexts()).to.deep.equal([
      'n2 dc1',
      'n3 dc1',
      'n1 dc1',
    ]);
    await eventually(
      async () =>
        expect(await rail().locator('li').first().innerText()).to.match(/Step 2\/2 stay-here\s+\d+ s ago/),
      { withinMs: 30_000 }, // agents tell their progress every ten seconds
    );
  });

  it('shows what was changed in a file beneath the event', async () => {
    const diff = page.locator('.diff');
    expect(await diff.innerText()).to.contain('-num_tokens: 256');
    expect(await diff.locator('.diff-added', { hasText: '+num_tokens: 16' }).count()).to.equal(1);
  });

  it('shows hostile text as text: no element, no escape, no reordering', async () => {
    const title = await page.title();
    const [text] = (await messages()).filter((message) => message.includes('onerror'));
    expect(text).to.equal(
      '<img src=x onerror="document.title=1"> <U+001B>[31mred<U+001B>[0m <U+202E>gpj.exe <U+0007>',
    );
    expect(await page.locator('main img').count()).to.equal(0);
    expect(await page.title()).to.equal(title);
    expect(await page.locator('.description').innerText()).to.contain('<U+202E>gpj.exe');
  });

  it('narrows the log to changes, to a node, to words, and keeps that in the URL', async () => {
    await only('Only changes');
    await eventually(async () => expect(await messages()).to.deep.equal(['Wrote conf/cassandra.yaml']));
    await only('All');
    await page.keyboard.press('/');
    await page.keyboard.type('at the FILE');
    await eventually(async () => expect(await messages()).to.deep.equal(['Looked at the file']));
    const again = await desk.browser.open(page.url());
    await again.getByText(/^1 of \d+ events$/).waitFor();
    await again.close();
    await page.getByRole('searchbox').fill('');
    await rail().getByText('n3').click();
    await page.getByText('No event that is loaded matches.').waitFor();
    await rail().getByText('All nodes').click();
    expect(page.url()).to.equal(`${desk.coordinator.restUrl}/jobs/${jobId}`);
  });

  it('pauses the job, says so, and has it go on', async () => {
    const waiting = page.locator('.waiting', { hasText: 'Paused' });
    for (const _ of ['once', 'again']) {
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      await waiting.waitFor();
      expect(await waiting.innerText()).to.contain('no node is started or stopped until the job is resumed');
      await page.getByRole('button', { name: 'Resume', exact: true }).click();
      await waiting.waitFor({ state: 'detached' });
    }
  });

  it('is not set back by an answer that was on its way when something newer was heard', async () => {
    const [waiting, path] = [page.locator('.waiting', { hasText: 'Paused' }), `**/lcm/jobs/${jobId}`];
    const old = await page.evaluate(
      async (url) => await (await fetch(url)).text(),
      `/api/v2/lcm/jobs/${jobId}`,
    );
    const answers: Promise<void>[] = [];
    await page.route(path, async (route) => {
      const answer = waiting
        .waitFor()
        .then(() => route.fulfill({ contentType: 'application/json', body: old }))
        .catch(() => {}); // who asked may be gone by now
      answers.push(answer);
      await answer;
    });
    // Its answer has the page ask anew before anything has happened: for the job and for its expected end.
    await page.route(`${path}/pause`, async (route) => {
      answers.length = 0;
      await route.fulfill({ contentType: 'application/json', body: old });
    });
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await eventually(() => expect(answers).to.have.length.at.least(2));
    await desk.coordinator.call('POST', `jobs/${jobId}/pause`);
    await Promise.all(answers);
    await page.unroute(path);
    await page.unroute(`${path}/pause`);
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await waiting.waitFor({ state: 'detached' });
  });

  it('appends events as they are stored', async () => {
    const before = (await messages()).length;
    if (desk.scripts[2] !== undefined) {
      desk.scripts[2].fails = true;
      desk.scripts[0]?.hold();
    }
    desk.scripts[1]?.release();
    await eventually(async () => expect((await messages()).length).to.be.greaterThan(before));
    await page.locator('.job-title').getByText('Will fail').waitFor();
  });

  it('surfaces the error and folds its traceback until it is asked for', async () => {
    const strip = page.locator('.error-strip');
    expect(await strip.innerText()).to.match(/Error n3: This one fails/);
    await strip.getByRole('button', { name: 'Show' }).click();
    await eventually(async () => expect(await messages()).to.deep.equal(['This one fails']));
    expect(await page.locator('.traceback').count()).to.equal(0);
    await page.getByText('Traceback folded').waitFor();
    await page.locator('.event-line').click();
    expect(await page.locator('.traceback').innerText()).to.contain('Error: EIO');
    await page.locator('.event-line').click();
    await only('All');
  });

  it('terminates the job once that is confirmed, and Esc leaves it running', async () => {
    await page.getByRole('button', { name: 'Terminate…' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.innerText()).to.match(/stops at the next safe point/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect((await desk.coordinator.call('GET', `jobs/${jobId}`)).body['ended-on']).to.equal(null);
    await page.getByRole('button', { name: 'Terminate…' }).click();
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await dialog.getByRole('button', { name: 'Terminate the job' }).click();
    expect((await sent).headers()['idempotency-key']).to.match(/^[0-9a-f]{32}$/);
    await desk.becomes(jobId, 'TERMINATED');
    await page.locator('.job-title').getByText('Terminated').waitFor();
  });

  it('ends with the job: it says how, closes the stream, and offers no terminate', async () => {
    await page.getByText(/^End of the log: terminated at \d{4}-/).waitFor();
    expect(await page.getByRole('button', { name: /Terminate/ }).count()).to.equal(0);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await rail().getByText('n3').click();
    await page.reload();
    await page.getByText(/^End of the log/).waitFor();
    expect(asked.filter((url) => url.includes('/stream'))).to.have.length(1);
  });

  it('says of a second request that it came too soon, and for how long that is so', async () => {
    const [script] = desk.scripts;
    if (script === undefined) throw new Error('a script');
    script.isDeaf = true;
    script.hold();
    const id = await desk.ask('restart', {
      'job-scope': 'node',
      'resource-id': desk.cluster.nodeIds[0],
    });
    await desk.becomes(id, 'RUNNING');
    await desk.coordinator.call('POST', 'actions/terminate', { 'job-id': id });
    const asked = await desk.browser.open(`${desk.coordinator.restUrl}/jobs/${id}`);
    await asked.getByRole('button', { name: 'Terminate again…' }).click();
    const dialog = asked.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Give the run up' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(await dialog.getByRole('alert').innerText()).to.match(
      /^Nothing was given up\. .* counts in \d{3} s$/,
    );
    await asked.close();
    desk.browser.complainedOf(/409/);
    script.release();
    await desk.becomes(id, 'COMPLETE');
    script.isDeaf = false;
  });

  it('says in a sentence what the job waits for', async () => {
    desk.scripts[1]?.hold();
    const target = { 'job-scope': 'node', 'resource-id': desk.cluster.nodeIds[1] };
    const first = await desk.ask('restart', target);
    await desk.becomes(first, 'RUNNING');
    const second = await desk.ask('restart', target);
    const waiting = await desk.browser.open(`${desk.coordinator.restUrl}/jobs/${second}`);
    await waiting.locator('.job-header .waiting').waitFor();
    expect(await waiting.locator('.job-header .waiting').innerText()).to.match(
      /^Waiting for \d+ s: .*has to end/s,
    );
    await waiting.getByRole('link', { name: 'See that job' }).click();
    await waiting.waitForURL(`**/jobs/${first}`);
    await waiting.close();
    desk.scripts[1]?.release();
    await desk.becomes(second, 'COMPLETE');
  });

  it('says so when there is no such job', async () => {
    const nowhere = await desk.browser.open(
      `${desk.coordinator.restUrl}/jobs/7064583a-0656-4914-819e-937863793ab5`,
    );
    await nowhere.getByRole('heading', { name: 'There is no such job' }).waitFor();
    await nowhere.close();
    desk.browser.complainedOf(/404/);
  });

  it('opens at the links that clients of the original print, and those to elsewhere open the desk', async () => {
    const at = `${desk.coordinator.restUrl}/opscenter/lcm.html`;
    for (const [fragment, place] of [
      [`#/jobs/${jobId}`, `/jobs/${jobId}`],
      [`#/clusters/${desk.cluster.clusterId}`, `/clusters/${desk.cluster.clusterId}`],
      ['#/clusters/', '/clusters'],
      ['#//evil.example/', '/'],
      ['', '/'],
    ]) {
      const opened = await desk.browser.open(`${at}${fragment}`);
      await opened.waitForURL(`${desk.coordinator.restUrl}${place}`);
      await opened.getByRole('heading', { level: 1 }).first().waitFor();
      await opened.close();
    }
  });
});
