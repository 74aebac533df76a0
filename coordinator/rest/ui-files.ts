// The built web desk in memory: read once at start, so that no path of a URL ever reaches the file system.
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface UiFile {
  type: string;
  bytes: Buffer;
  gzipped: Buffer;
}

export interface UiFiles {
  /** index.html, the same for every page of the desk */
  page: UiFile;
  /** by their hashed names, which change with their contents */
  assets: ReadonlyMap<string, UiFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function readFile(path: string): UiFile {
  const type = TYPES[extname(path)];
  if (type === undefined) throw new Error(`${path} is of no kind that the web desk is made of`);
  const bytes = readFileSync(path);
  return { type, bytes, gzipped: gzipSync(bytes, { level: 9 }) };
}

/** @returns null when the desk has not been built into this directory */
export function readUiFiles(directory: string): UiFiles | null {
  const names = (path: string): string[] => {
    try {
      return readdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  };
  if (!names(directory).includes('index.html')) return null;
  const assets = join(directory, 'ui');
  return {
    page: readFile(join(directory, 'index.html')),
    assets: new Map(names(assets).map((name) => [name, readFile(join(assets, name))])),
  };
}
