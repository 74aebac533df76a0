// Refuses what a page of another site would have a browser ask: bodies are taken whatever their type, so no preflight stands in its way.
import { PermissionDenied } from '../../shared/errors.ts';
import { type HrefOptions, isOurHost } from './hrefs.ts';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

const hostOf = (origin: string): string | null => {
  try {
    return new URL(origin).hostname;
  } catch {
    return null; // "null" of a sandboxed page, or no URL at all
  }
};

/**
 * Browsers say where a write comes from, and pages cannot change that; other clients say nothing, and pass.
 * An origin has to be a name of ours too, not only the same as Host: a page may have its own name lead here (DNS rebinding).
 * @throws PermissionDenied
 */
export function checkSite(
  method: string,
  headers: { origin: string; fetchSite: string },
  options: HrefOptions,
): void {
  if (READS.has(method)) return;
  const { origin, fetchSite } = headers;
  const host = origin === '' ? null : hostOf(origin);
  const isForeign = origin !== '' && (host === null || !isOurHost(host, options));
  if (!isForeign && !['cross-site', 'same-site'].includes(fetchSite)) return;
  throw new PermissionDenied(
    'This was asked by a page of another site; if that page is meant to, name its host in host-names or public-url',
  );
}
