// Which files of a built desk are taken into memory, and what is no built desk.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readUiFiles } from '../../../coordinator/rest/ui-files.ts';

describe('the files of the web desk', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ui-files-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('are none where nothing was built, or the page is missing', async () => {
    expect(readUiFiles(join(directory, 'nowhere'))).to.equal(null);
    await writeFile(join(directory, 'other.html'), '');
    expect(readUiFiles(directory)).to.equal(null);
  });

  it('are the page and its assets by name, plain and gzipped', async () => {
    await writeFile(join(directory, 'index.html'), '<p>');
    expect(readUiFiles(directory)?.assets.size).to.equal(0);
    await mkdir(join(directory, 'ui'));
    await writeFile(join(directory, 'ui', 'a-1.js'), 'a()');
    const files = readUiFiles(directory);
    expect(files?.page.type).to.equal('text/html; charset=utf-8');
    const asset = files?.assets.get('a-1.js');
    expect(asset?.type).to.equal('text/javascript; charset=utf-8');
    expect(gunzipSync(asset?.gzipped ?? '').toString()).to.equal('a()');
  });

  it('are refused with a kind that has no type, and where a directory is none', async () => {
    await writeFile(join(directory, 'index.html'), '<p>');
    await writeFile(join(directory, 'ui'), '');
    expect(() => readUiFiles(directory)).to.throw('ENOTDIR');
    await rm(join(directory, 'ui'));
    await mkdir(join(directory, 'ui'));
    await writeFile(join(directory, 'ui', 'a.map'), '{}');
    expect(() => readUiFiles(directory)).to.throw(/a\.map is of no kind/);
  });
});
