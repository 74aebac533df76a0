// What an agent that holds no run has loaded: little, since most of ten thousand hold none for weeks.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** As Node.js loads them: types are gone by then, and what is imported later comes with the first run. */
const IMPORT = /^(?:import|export) (?!type )[^;]*?from ['"]([^'"]+)['"]/gm;

/** Every file that comes with one, and the packages that come with each. */
function loadedBy(first: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const open = [first];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    const names = [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, name = '']) => name);
    const packages = names.filter((name) => !name.startsWith('.') && !name.startsWith('node:'));
    found.set(file, packages);
    for (const name of names) if (name.startsWith('.')) open.push(resolve(dirname(file), name));
  }
  return found;
}

describe('an agent that holds no run', () => {
  it('has loaded no schemas', () => {
    const loaded = loadedBy(resolve(ROOT, `agent/main.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`));
    expect(loaded.size).to.be.greaterThan(40);
    const heavy = [...loaded].filter(([, packages]) => packages.includes('zod')).map(([file]) => file);
    expect(heavy).to.deep.equal([]);
  });
});
