// The desk with authentication on: a form where a session is needed, and the page that was asked for once there is one.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { axeViolations } from '../../support/axe.ts';
import { type Browser, startBrowser } from '../../support/browser.ts';
import type { TestCoordinator } from '../../support/coordinator.ts';
import { inDatabase, PASSWORD, startGuardedCoordinator } from '../../support/sign-in.ts';
import { buildDesk } from '../../support/web-desk.ts';

describe('signing in to the desk', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let browser: Browser;
  before(async () => {
    await buildDesk();
    coordinator = await startGuardedCoordinator();
  });
  beforeEach(async () => {
    browser = await startBrowser();
  });
  afterEach(() => browser.close());
  after(() => coordinator.remove());

  async function signIn(page: Page, password: string): Promise<void> {
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  it('refuses a wrong password in its words, and lets in with the right one, to the page that was asked for', async () => {
    const page = await browser.open(`${coordinator.restUrl}/clusters`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).to.equal(0);
    expect(await axeViolations(page)).to.deep.equal([]);
    await signIn(page, 'not it');
    await page.getByText('The user name or the password is not right').waitFor();
    await signIn(page, PASSWORD);
    await page.getByText('No cluster is modelled yet').waitFor();
    expect(new URL(page.url()).pathname).to.equal('/clusters');
    await page.reload();
    await page.getByText('No cluster is modelled yet').waitFor();
    expect(await page.getByRole('button', { name: 'Sign out' }).getAttribute('title')).to.equal(
      'Signed in as admin',
    );
    expect(browser.complaints.filter((text) => !text.includes('401'))).to.deep.equal([]);
  });

  it('asks again when the session is over, and keeps no script from it: the cookie cannot be read', async () => {
    const page = await browser.open(coordinator.restUrl);
    await signIn(page, PASSWORD);
    await page.getByRole('heading', { name: 'Jobs' }).waitFor();
    expect(await page.evaluate('document.cookie')).to.equal('');
    await inDatabase(coordinator.databaseUrl, 'delete from session');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('ends the session by the button', async () => {
    const page = await browser.open(coordinator.restUrl);
    await signIn(page, PASSWORD);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    const answer = await page.evaluate("fetch('/meta').then(({ status }) => status)");
    expect(answer).to.equal(401);
  });
});
