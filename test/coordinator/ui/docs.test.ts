// The page at /docs in Chromium: every operation is there, can be opened and linked to, at any width, with nothing from outside.
import { expect } from 'chai';
import { axeViolations } from '../../support/axe.ts';
import { type Browser, startBrowser } from '../../support/browser.ts';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import type { ApiDocument } from '../../support/document.ts';

describe('the page of the API', function () {
  this.timeout(120_000);
  let coordinator: TestCoordinator;
  let browser: Browser;
  before(async () => {
    coordinator = await startTestCoordinator();
    browser = await startBrowser();
  });
  after(async () => {
    await browser.close();
    await coordinator.remove();
  });

  it('tells of every operation and every schema of the document', async () => {
    const document: ApiDocument = (await coordinator.call('GET', '/openapi.json')).body;
    const page = await browser.open(`${coordinator.restUrl}/docs`);
    const ids = await page.locator('.operation').evaluateAll((all) => all.map(({ id }) => id));
    const operations = Object.entries(document.paths)
      .filter(([path]) => !path.startsWith('/api/v1/'))
      .flatMap(([, methods]) => Object.values(methods).map(({ operationId }) => operationId));
    expect(ids.sort()).to.deep.equal(operations.sort());
    expect(await page.locator('.schema').count()).to.equal(Object.keys(document.components.schemas).length);
    const anchors = new Set(await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => `#${id}`)));
    const links = await page
      .locator('a[href^="#"]')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(links.filter((link) => !anchors.has(link))).to.deep.equal([]);
    await page.close();
  });

  it("shows the seed's example, a line for the shell, and what may be refused", async () => {
    const page = await browser.open(`${coordinator.restUrl}/docs`);
    const restart = page.locator('#v2-restart');
    expect(await restart.locator('.inside').isVisible()).to.equal(false);
    await restart.locator('summary').press('Enter');
    const text = await restart.innerText();
    for (const said of [
      'curl -X POST "$RINGMASTER/api/v2/lcm/actions/restart"',
      '"job-scope": "cluster"',
      'resource-id required',
      'Idempotency-Key',
      'JobCreated',
      '409',
    ])
      expect(text).to.include(said);
    await page.close();
  });

  for (const scheme of ['light', 'dark'] as const)
    for (const width of [1280, 390])
      it(`can be read in ${scheme} at ${width} pixels, with all of it open`, async () => {
        const page = await browser.open(`${coordinator.restUrl}/docs`);
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width, height: 900 });
        expect(await axeViolations(page)).to.deep.equal([]);
        for (const id of ['v2-restart', 'v2-change-node', 'v2-list-jobs', 'schema-Job'])
          await page.locator(`[id="${id}"] > summary`).click();
        expect(await axeViolations(page)).to.deep.equal([]);
        const ground = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
        expect(ground).to.equal(scheme === 'light' ? 'rgb(245, 246, 248)' : 'rgb(15, 18, 22)');
        const wide = await page.locator('html').evaluate(({ scrollWidth }) => scrollWidth);
        expect(wide).to.be.at.most(width);
        await page.close();
      });

  it('needs no script and nothing from elsewhere, and the policy lets nothing in', async () => {
    const answer = await fetch(`${coordinator.restUrl}/docs`);
    expect(answer.headers.get('content-security-policy')).to.include("default-src 'none'");
    const text = await answer.text();
    expect(text).not.to.match(/<script|style="|\son\w+="/);
    expect([...text.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, url]) => url)).to.satisfy(
      (urls: string[]) => urls.every((url) => url.startsWith('/') || url === 'data:,'),
    );
    expect(browser.complaints).to.deep.equal([]);
    expect((await fetch(`${coordinator.restUrl}/docs/other.css`)).status).to.equal(404);
  });
});
