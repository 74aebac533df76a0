// GET /docs: the API's document as a page for people, under the desk's own policy, with nothing from outside and no script.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { NotFound } from '../../shared/errors.ts';
import type { ApiDocument } from './docs/document.ts';
import { docsPage } from './docs/page.ts';
import type { Json } from './openapi/components.ts';
import type { Routes } from './parts.ts';
import type { UiFile } from './ui-files.ts';
import { send } from './ui-routes.ts';

function fileOf(type: string, bytes: Buffer): UiFile {
  return { type: `${type}; charset=utf-8`, bytes, gzipped: gzipSync(bytes, { level: 9 }) };
}

/** Open, as what it shows is. */
export function addDocsRoutes(open: Routes, documentOf: () => Json): void {
  const parts = ['../../shared/tokens.css', './docs/docs.css'];
  const style = fileOf(
    'text/css',
    Buffer.concat(parts.map((path) => readFileSync(new URL(path, import.meta.url)))),
  );
  const styleName = `${createHash('sha256').update(style.bytes).digest('hex').slice(0, 8)}.css`;
  let page: UiFile | undefined;
  open.get('/docs', (ctx) => {
    page ??= fileOf(
      'text/html',
      Buffer.from(docsPage(documentOf() as unknown as ApiDocument, `/docs/${styleName}`)),
    );
    send(ctx, page, 'no-cache');
  });
  open.get('/docs/:name', (ctx) => {
    const name = ctx.params['name'] ?? '';
    if (name !== styleName) throw new NotFound('asset', name.slice(0, 64));
    send(ctx, style, 'public, max-age=31536000, immutable');
  });
}
