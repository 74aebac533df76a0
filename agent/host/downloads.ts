// Fetching a file over http, https or from a file URL, by temp file and rename.
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { rootReason, StepFailed } from '../../shared/errors.ts';
import { shownUrl } from '../../shared/mask.ts';
import { fileFailure } from './files.ts';
import type { Host } from './host.ts';

export type DownloadOptions = Parameters<Host['download']>[2];

async function bodyOf(url: string, options: DownloadOptions, signal: AbortSignal): Promise<Readable> {
  const { protocol } = new URL(url);
  if (protocol === 'file:') return createReadStream(fileURLToPath(url), { signal });
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new StepFailed('download-failed', `Cannot download over ${protocol}`, { resource: shownUrl(url) });
  }
  const credentials = `${options.username ?? ''}:${options.password ?? ''}`;
  const headers: Record<string, string> =
    credentials === ':' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  const answer = await fetch(url, { headers, signal }); // follows redirects, and drops credentials for other hosts
  if (!answer.ok || answer.body === null) {
    await answer.body?.cancel();
    throw new StepFailed('download-failed', `${shownUrl(url)} answered ${answer.status}`, {
      resource: shownUrl(url),
      detail: { status: answer.status },
    });
  }
  return Readable.fromWeb(answer.body);
}

/** @throws StepFailed `download-failed` (with `status` when a server answered) or `disk-full` */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  const limit = AbortSignal.timeout(options.withinMs);
  const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
  const temporary = `${path}.part`;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      options.onBytes?.(chunk.length);
      done(null, chunk);
    },
  });
  try {
    // A link that somebody left there is removed, not followed (wx: none is): we may be root.
    await rm(temporary, { force: true });
    const body = await bodyOf(url, options, signal);
    const file = createWriteStream(temporary, { flags: 'wx', mode: 0o644, flush: true });
    await pipeline(body, counted, file, { signal });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    options.signal?.throwIfAborted();
    if (cause instanceof StepFailed) throw cause;
    const failure = fileFailure(path, 'downloading to', cause);
    if (failure.subtype === 'disk-full') throw failure;
    const why = limit.aborted ? `not within ${options.withinMs / 1_000} s` : rootReason(cause);
    throw new StepFailed('download-failed', `Could not download ${shownUrl(url)}: ${why}`, {
      resource: shownUrl(url),
      detail: { reason: why },
      cause,
    });
  }
}
