// The Prefer header (RFC 7240): callers who would rather be refused at once than told later.
import type { Context } from './parts.ts';

export const prefersStrict = (ctx: Context): boolean =>
  /(^|[,;\s])handling=strict\b/i.test(ctx.get('prefer'));
