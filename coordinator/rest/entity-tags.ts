// Entity tags of model records: what If-Match and If-None-Match compare, so that nobody overwrites what he has not seen.
import { createHash } from 'node:crypto';
import { InvalidInput, PreconditionFailed } from '../../shared/errors.ts';
import type { ModelRow } from '../store/models.ts';
import type { Context } from './parts.ts';

/**
 * A strong tag in two parts: what callers have stored, and all that the answer shows. The first is all that If-Match compares,
 * since a write overwrites nothing else: an agent's sign of life or a job's end in between must not refuse it. The whole is
 * what If-None-Match compares, so that nothing new goes unseen.
 */
export function entityTag(row: ModelRow, view: Readonly<Record<string, unknown>>): string {
  const shown = createHash('sha256').update(JSON.stringify(view)).digest('base64url').slice(0, 16);
  return `"${row['stored']}.${shown}"`;
}

type Asked = Pick<Context, 'req'>;

const TAGS = /^\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"\s*(?:,\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"\s*)*$/;
const MOST_LENGTH = 4_096;

/** @returns null when the header is not there @throws InvalidInput when it is no list of entity tags, nor * */
function tagsIn(ctx: Asked, name: 'if-match' | 'if-none-match'): readonly string[] | null {
  const given = ctx.req.headers[name];
  if (given === undefined) return null;
  const header = given.trim();
  if (header === '*') return ['*'];
  if (header.length > MOST_LENGTH || !TAGS.test(header))
    throw new InvalidInput(`${name} is not valid`, [
      { pointer: `/${name}`, message: 'must be *, or entity tags in double quotes as ETag gives them' },
    ]);
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

const storedPart = (tag: string): string => tag.slice(0, tag.indexOf('.') + 1);

/**
 * To be asked inside the transaction that writes, of the record as it stands there.
 * @throws PreconditionFailed, InvalidInput
 */
export function checkMayWrite(ctx: Asked, current: string): void {
  const wanted = tagsIn(ctx, 'if-match');
  // Weak tags never match here (RFC 9110, If-Match).
  const isWanted = (tag: string): boolean =>
    tag === '*' || (tag.startsWith('"') && storedPart(tag) === storedPart(current));
  if (wanted !== null && !wanted.some(isWanted))
    throw new PreconditionFailed('The record was changed since it was read: read it again', [
      { pointer: '/if-match', message: 'is not the ETag of the record as it stands' },
    ]);
  if (isAmong(tagsIn(ctx, 'if-none-match'), current))
    throw new PreconditionFailed('The record is there as it is named', [
      { pointer: '/if-none-match', message: 'matches the record as it stands' },
    ]);
}

const isAmong = (tags: readonly string[] | null, current: string): boolean =>
  tags?.some((tag) => tag === '*' || tag.replace(/^W\//, '') === current) ?? false;

/** Answers with the record and its tag; with 304 and no body to who has it already. @throws InvalidInput */
export function answerTagged(ctx: Context, row: ModelRow, view: Readonly<Record<string, unknown>>): void {
  const tag = entityTag(row, view);
  ctx.set('etag', tag);
  if ((ctx.method === 'GET' || ctx.method === 'HEAD') && isAmong(tagsIn(ctx, 'if-none-match'), tag))
    ctx.status = 304;
  else ctx.body = view;
}
