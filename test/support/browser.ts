// Debian's Chromium under test: pages of any size and colour scheme, and every complaint that a page makes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Browser {
  context: BrowserContext;
  /** errors of consoles and scripts, refusals by the content security policy; empty it when some were meant */
  complaints: string[];
  /** Takes the complaints away: there are some, and all of them are what was meant. */
  complainedOf(meant: RegExp): void;
  /** a new tab at this URL */
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

export async function startBrowser(): Promise<Browser> {
  const directory = await mkdtemp(join(tmpdir(), 'browser-'));
  const context = await chromium.launchPersistentContext(directory, {
    executablePath: '/usr/bin/chromium',
    args: FLAGS,
    viewport: { width: 1280, height: 800 },
  });
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  return {
    context,
    complaints,
    complainedOf: (meant) => {
      const all = complaints.splice(0);
      expect(all).to.not.deep.equal([]);
      for (const text of all) expect(text).to.match(meant);
    },
    open: async (url) => {
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(url);
      return page;
    },
    close: async () => {
      await context.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
