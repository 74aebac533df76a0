// Asking for a job in a browser: the exact nodes in order first, options by the action's own list, refusals at their fields.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { curlLine } from '../../../coordinator/ui/run/run-options.ts';
import { STRATEGIES } from '../../../shared/job-options.ts';
import { type Desk, startDesk } from '../../support/desk.ts';
import { eventually } from '../../support/eventually.ts';

describe('the dialog that asks for a job', function () {
  this.timeout(60_000);
  let desk: Desk;
  let page: Page;
  const dialog = () => page.getByRole('dialog');
  const nodes = () => dialog().locator('.node-order .order-name').allInnerTexts();
  const unfold = () => dialog().locator('summary', { hasText: 'Options' }).click();
  const jobs = async () => (await desk.coordinator.call('GET', 'jobs/')).body.results;
  before(async () => {
    desk = await startDesk(['n1', 'n2', 'n3'], { away: ['n3'] });
    page = await desk.browser.open(`${desk.coordinator.restUrl}/clusters/${desk.cluster.clusterId}`);
  });
  after(() => desk.close());

  it('has chosen nothing beyond what was clicked, and posts nothing by being opened', async () => {
    await page.getByRole('button', { name: 'Run a job…' }).click();
    await dialog().getByText('Does a rolling restart').waitFor();
    expect(await dialog().getByRole('radio', { checked: true }).count()).to.equal(0);
    expect(await dialog().getByText('Upgrade', { exact: true }).count(), 'of a whole cluster').to.equal(0);
    expect(
      await dialog()
        .getByRole('button', { name: /nodes?$/ })
        .count(),
    ).to.equal(0);
    expect(await jobs()).to.deep.equal([]);
  });

  it('shows the exact nodes in the order that the job will have, and which of them have no agent', async () => {
    await dialog().getByText('Install', { exact: true }).click();
    await eventually(async () => expect(await nodes()).to.deep.equal(['n1', 'n2', 'n3']));
    await dialog().getByText('Restart', { exact: true }).click();
    await eventually(async () => expect(await nodes()).to.deep.equal(['n2', 'n3', 'n1']));
    await dialog().getByText('One node has no agent yet').waitFor();
    await dialog().getByRole('button', { name: 'Restart 3 nodes' }).waitFor();
  });

  it('shows at once what a person has to say, and folds what can be left alone', async () => {
    await dialog().getByText('Install', { exact: true }).click();
    const seen = () => dialog().locator('.option label').filter({ visible: true }).allInnerTexts();
    await eventually(async () =>
      expect(await seen()).to.deep.equal(['New password of the role cassandra', 'Description']),
    );
    await unfold();
    const { parameters } = (await desk.coordinator.call('GET', 'actions/install')).body;
    const own = ['job-type', 'job-scope', 'resource-id'];
    const named = parameters.filter(({ name }: { name: string }) => !own.includes(name));
    await eventually(async () => expect(await seen()).to.have.length(named.length));
    expect(await seen()).to.include.members(['Batch size', 'Continue on error', 'Idle timeout']);
  });

  it('renders every option by its type, with default and help, secrets hidden', async () => {
    const password = dialog().getByLabel('New password of the role cassandra');
    expect(await password.getAttribute('type')).to.equal('password');
    const choices = (label: string) => dialog().getByLabel(label).locator('option').allInnerTexts();
    expect(await choices('Concurrency strategy')).to.deep.equal([...STRATEGIES]);
    expect(await choices('Gate limit')).to.deep.equal(['fail (default)', 'hold']);
    expect(await choices('Continue on error')).to.deep.equal(['no (default)', 'yes']);
    expect(await choices('Auto bootstrap')).to.deep.equal(['not set', 'yes', 'no']);
    expect(await dialog().getByLabel('Gate timeout').getAttribute('placeholder')).to.equal(
      'default: 1800 (1 to 2592000)',
    );
    const text = await dialog().innerText();
    expect(text).to.contain('Upper bound of nodes at once within the strategy.');
    expect(text, 'nobody can type null').to.not.match(/\bnull\b/);
  });

  it('says how many of the folded options were set', async () => {
    await dialog().getByLabel('Batch size').fill('3');
    await dialog().locator('summary', { hasText: 'Options' }).click();
    await dialog().getByLabel('Batch size').waitFor({ state: 'hidden' });
    await dialog().getByText('Options, 1 set').waitFor();
  });

  it('shows the same as a curl command, without the secret', async () => {
    await dialog().getByLabel('New password of the role cassandra').fill('hunter2');
    await dialog().getByLabel('Description').fill("Tom's ring");
    await dialog().getByText('The same in a terminal').click();
    const line = await dialog().getByLabel('The same as a curl command').innerText();
    expect(line).to.contain(`curl ${desk.coordinator.restUrl}/api/v2/lcm/actions/install`);
    expect(line).to.contain(`"resource-id":"${desk.cluster.clusterId}"`);
    expect(line).to.contain(`"description":"Tom'\\''s ring"`);
    expect(line).to.contain('"change-default-cassandra-password":"<change-default-cassandra-password>"');
    expect(await page.content()).to.not.contain('>hunter2');
    expect(page.url()).to.not.contain('hunter2');
  });

  it('has a place for a session in that command where one is needed', () => {
    const ofMode = (isGuarded: boolean) => curlLine('http://x/', {}, [], isGuarded);
    expect(ofMode(true)).to.contain('-H "opscenter-session: $RINGMASTER_TOKEN"');
    expect(ofMode(false)).to.not.contain('session');
  });

  it('shows what the job would do without starting it, until something else is asked for', async () => {
    await dialog().getByText('Restart', { exact: true }).click();
    await dialog().getByRole('button', { name: 'Show the plan' }).click();
    const plan = dialog().getByLabel('The plan');
    await plan.getByText(/^3 batches, about /).waitFor();
    expect(await plan.locator('li').allInnerTexts()).to.deep.equal(['n2', 'n3', 'n1']);
    expect(await jobs()).to.deep.equal([]);
    await dialog().getByLabel('Description').fill('another one');
    await plan.waitFor({ state: 'detached' });
  });

  it('brings the plan into view, below long options and on a phone', async () => {
    const plan = dialog().getByLabel('The plan');
    const footer = dialog().locator('footer');
    await unfold();
    for (const [width, height] of [
      [1280, 800],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height });
      await dialog().evaluate((own: { scrollTop: number }) => {
        own.scrollTop = 0;
      });
      await dialog().getByRole('button', { name: 'Show the plan' }).click();
      await plan.getByText(/^3 batches, about /).waitFor();
      await eventually(async () => {
        const [seen, buttons] = [await plan.boundingBox(), await footer.boundingBox()];
        expect((seen?.y ?? 0) + (seen?.height ?? 0), `${width}`).to.be.at.most(buttons?.y ?? 0);
        expect(seen?.y).to.be.at.least(0);
      });
      await dialog().getByLabel('Description').fill(`at ${width}`);
      await plan.waitFor({ state: 'detached' });
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await unfold();
  });

  it('shows what the API refuses at the field that it is about, and nothing was started', async () => {
    await dialog().getByText('Restart', { exact: true }).click();
    await unfold();
    await dialog().getByLabel('Batch size').fill('many');
    await unfold();
    await dialog().getByLabel('Batch size').waitFor({ state: 'hidden' });
    await dialog().getByRole('button', { name: 'Restart 3 nodes' }).click();
    const field = dialog().locator('.option.wrong');
    await field.waitFor();
    expect(await field.innerText()).to.match(/^Batch size[\s\S]*Batch size must be a whole number/);
    expect(await dialog().getByLabel('Batch size').getAttribute('aria-invalid')).to.equal('true');
    await dialog().getByText('Nothing was started.').waitFor();
    expect(await jobs()).to.deep.equal([]);
    desk.browser.complainedOf(/400/);
  });

  it('takes back what was wrong of a field once it is edited, and all of it once there is a plan', async () => {
    const wrong = dialog().locator('.option.wrong label');
    const told = dialog().getByText('Nothing was started.');
    await dialog().getByLabel('Batch size').fill('0');
    await dialog().getByLabel('Idle timeout').fill('soon');
    for (const ask of ['Restart 3 nodes', 'Show the plan']) {
      const answered = page.waitForResponse(/actions\/restart/);
      await dialog().getByRole('button', { name: ask }).click();
      await answered;
      await eventually(async () =>
        expect(await wrong.allInnerTexts()).to.have.members(['Batch size', 'Idle timeout']),
      );
    }
    await dialog().getByLabel('Batch size').fill('');
    await eventually(async () => expect(await wrong.allInnerTexts()).to.deep.equal(['Idle timeout']));
    await told.waitFor();
    await dialog().getByLabel('Idle timeout').fill('');
    await told.waitFor({ state: 'detached' });
    await page.route('**/actions/restart', (route) =>
      route.fulfill({ status: 409, json: { message: 'Not now', errors: [] } }),
    );
    await dialog().getByRole('button', { name: 'Restart 3 nodes' }).click();
    await told.waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    await dialog().getByRole('button', { name: 'Show the plan' }).click();
    await dialog()
      .getByText(/^3 batches, about /)
      .waitFor();
    expect(await told.count()).to.equal(0);
    desk.browser.complainedOf(/40[09]/);
  });

  it('asks for the job with what was chosen, as JSON, and goes to it', async () => {
    await dialog().getByLabel('Batch size').fill('2');
    await dialog().getByLabel('Continue on error').selectOption('true');
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await dialog().getByRole('button', { name: 'Restart 3 nodes' }).click();
    expect((await sent).headers()['content-type']).to.equal('application/json');
    await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
    const [job] = await jobs();
    expect(page.url()).to.contain(job.id);
    const { body } = await desk.coordinator.call('GET', `jobs/${job.id}`);
    expect(body['job-data']).to.include({ 'batch-size': 2, 'continue-on-error': true });
    expect(desk.browser.complaints).to.deep.equal([]);
  });

  it('takes the focus to its first choice, and gives it back to the button that opened it', async () => {
    const focused = () => page.locator(':focus').innerText();
    await page.goto(`${desk.coordinator.restUrl}/clusters/${desk.cluster.clusterId}`);
    const button = page.getByRole('button', { name: 'Run on dc1…' });
    for (const leave of ['Escape', 'Close', 'Cancel']) {
      await button.press('Enter');
      await dialog().getByText('Does a rolling restart').waitFor();
      expect(await page.evaluate('document.activeElement.type')).to.equal('radio');
      await page.keyboard.press('Space');
      await dialog().getByRole('button', { name: 'Install 3 nodes' }).waitFor();
      if (leave === 'Escape') await page.keyboard.press(leave);
      else await dialog().getByRole('button', { name: leave }).press('Enter');
      await dialog().waitFor({ state: 'detached' });
      expect(await focused(), leave).to.equal('Run on dc1…');
    }
    expect(desk.browser.complaints).to.deep.equal([]);
  });

  it('opens for a datacenter and for a node, by a URL of its own, and Esc leaves it', async () => {
    const at = `${desk.coordinator.restUrl}/clusters/${desk.cluster.clusterId}`;
    await page.goto(`${at}?run=node:${desk.cluster.nodeIds[1]}&action=configure`);
    await dialog().getByText('Run a job on c1 / dc1 / n2').waitFor();
    expect(await nodes()).to.deep.equal(['n2']);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(page.url()).to.equal(at);
    await page.getByRole('button', { name: 'Run on dc1…' }).click();
    await dialog().getByText('Run a job on c1 / dc1').waitFor();
    await dialog().getByText('Upgrade', { exact: true }).click();
    await dialog().getByRole('button', { name: 'Upgrade 3 nodes' }).waitFor();
    await dialog().getByLabel('Take snapshot').waitFor();
    expect(desk.browser.complaints).to.deep.equal([]);
  });

  it('makes one job of what it asks for, though an answer is lost and the button is pressed again', async () => {
    const before = (await jobs()).length;
    const keys: (string | undefined)[] = [];
    await page.route('**/actions/restart', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      const answer = await route.fetch();
      if (keys.length === 1) await route.abort('connectionreset');
      else await route.fulfill({ response: answer });
    });
    await dialog().getByText('Restart', { exact: true }).click();
    await dialog().getByLabel('Description').fill('lost');
    await dialog().getByRole('button', { name: 'Restart 3 nodes' }).click();
    await dialog().getByText('It may have been started.').waitFor();
    expect((await jobs()).length).to.equal(before + 1);
    await dialog().getByRole('button', { name: 'Restart 3 nodes' }).click();
    await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
    const made = await jobs();
    expect(made.length).to.equal(before + 1);
    expect(page.url()).to.contain(made[0].id);
    expect(keys).to.have.length(2);
    expect(keys[0]).to.match(/^[0-9a-f]{32}$/);
    expect(keys[1]).to.equal(keys[0]);
    desk.browser.complainedOf(/ERR_CONNECTION_RESET/);
  });

  it('asks for another job once something else is wanted, and each time that it is opened', async () => {
    const keys = new Set<string | undefined>();
    page.on('request', (request) => {
      if (request.method() === 'POST') keys.add(request.headers()['idempotency-key']);
    });
    const at = `${desk.coordinator.restUrl}/clusters/${desk.cluster.clusterId}?run=cluster:${desk.cluster.clusterId}`;
    const before = (await jobs()).length;
    for (let time = 1; time <= 2; time += 1) {
      await page.goto(`${at}&action=restart`);
      await dialog().getByRole('button', { name: 'Restart 3 nodes' }).click();
      await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
    }
    await page.goto(`${at}&action=restart`);
    await unfold();
    await dialog().getByLabel('Batch size').fill('many');
    await dialog().getByRole('button', { name: 'Restart 3 nodes' }).click();
    await dialog().getByText('Nothing was started.').waitFor();
    await dialog().getByLabel('Batch size').fill('2');
    await dialog().getByRole('button', { name: 'Restart 3 nodes' }).click();
    await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
    expect(keys.size).to.equal(4);
    expect((await jobs()).length).to.equal(before + 3);
  });
});
