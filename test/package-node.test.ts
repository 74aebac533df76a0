// npm run package: which Node.js it puts into packages.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../' : '../../', import.meta.url));

describe('npm run package', function () {
  this.timeout(30_000);

  it('makes none with a Node.js that has no long-term support, and says so', () => {
    const into = mkdtempSync(join(tmpdir(), 'packages-'));
    try {
      const current = `Object.defineProperty(process, 'release', { value: { name: 'node' } })`;
      const { status, stderr } = spawnSync(
        process.execPath,
        [
          '--import',
          `data:text/javascript,${encodeURIComponent(current)}`,
          '.config/package/build.mjs',
          'agent',
          '--into',
          into,
        ],
        { cwd: ROOT, encoding: 'utf8' },
      );
      expect(status).to.equal(1);
      expect(stderr).to.contain(`${process.version} has no long-term support: make them with one that has`);
      expect(readdirSync(into)).to.deep.equal([]);
    } finally {
      rmSync(into, { recursive: true });
    }
  });
});
