// Changing top-level keys of a YAML text and nothing else: every other byte, comments first of all, stays as it was.

import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { pointerTo } from '../../shared/errors.ts';
import { endsInLineEnd, eolOf, linesOf } from './header.ts';
import { type Json, refuse, type Settings } from './settings.ts';
import { readYaml, type YamlPair, type YamlSource } from './yaml-source.ts';
import { yamlPair, yamlScalar } from './yaml-text.ts';

interface Splice {
  start: number;
  end: number;
  text: string;
}

const isCollection = (value: Json): value is readonly Json[] | { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null;

/** Replaces scalars where they stand when old and new have the same shape. @returns null when they have not */
function sameShape(source: YamlSource, node: unknown, value: Json): Splice[] | null {
  if (isScalar(node)) {
    const [start, end] = node.range ?? [0, 0];
    const isBlock = node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL';
    if (isCollection(value) || isBlock || end === start || node.tag || node.anchor) return null;
    const isSame =
      node.value === value && (typeof value !== 'string' || String(node.type).startsWith('QUOTE'));
    return isSame ? [] : [{ start, end, text: yamlScalar(value) }];
  }
  if (!isCollection(value) || !(isMap(node) || isSeq(node)) || node.tag || node.anchor) return null;
  const items: (Splice[] | null)[] = [];
  if (isSeq(node)) {
    if (!Array.isArray(value) || value.length !== node.items.length) return null;
    for (const [i, item] of value.entries()) items.push(sameShape(source, node.items[i], item));
  } else {
    if (Array.isArray(value) || Object.keys(value).length !== node.items.length) return null;
    for (const [key, item] of Object.entries(value)) items.push(sameShape(source, node.get(key, true), item));
  }
  return items.every((item) => item !== null) ? items.flat() : null;
}

/** The pair written anew; comments that stood inside the old value are kept right below its key. */
function replaceWhole(source: YamlSource, pair: YamlPair, lines: readonly string[]): Splice {
  const { text } = source;
  const eol = eolOf(text);
  const old = text.slice(pair.start, pair.end);
  const firstLineEnd = pair.start + (old.includes('\n') ? old.indexOf('\n') : old.length);
  const inside = source.comments.filter(({ start }) => start >= pair.start && start < pair.end);
  const beside = inside.filter(({ start }) => start < firstLineEnd).map((comment) => ` ${comment.text}`);
  const below = inside
    .filter(({ start }) => start >= firstLineEnd)
    .map((comment) => {
      const lead = text.slice(text.lastIndexOf('\n', comment.start) + 1, comment.start);
      return `${eol}${lead.trim() === '' ? lead : '  '}${comment.text}`;
    });
  const [first = '', ...rest] = lines;
  const body = [first, ...beside, ...below, ...rest.map((line) => `${eol}${line}`)].join('');
  return { start: pair.start, end: pair.end, text: body + (/\s*$/.exec(old)?.[0] ?? '') };
}

/** The pair as comment lines. */
function commentOut(source: YamlSource, pair: YamlPair): Splice {
  const lines = linesOf(source.text.slice(pair.start, pair.end));
  const text = lines.map((line) => (/^\s*(?:#|$)/.test(line) ? line : `# ${line}`)).join('');
  return { start: pair.start, end: pair.end, text };
}

/** Where a new key goes: below its commented-out example (and the deeper lines of that example), else at the end. */
function placeFor(source: YamlSource, key: string): number {
  const { text, comments, pairs } = source;
  const example = new RegExp(`^#([ \\t]*)${key.replaceAll('.', '\\.')}:(?:\\s|$)`);
  for (const comment of comments) {
    const indent = example.exec(comment.text)?.[1];
    if (indent === undefined || (comment.start > 0 && text[comment.start - 1] !== '\n')) continue;
    let at = comment.start;
    const deeper = new RegExp(`^#[ \\t]{${indent.length + 1},}\\S`);
    do {
      const lineEnd = text.indexOf('\n', at);
      at = lineEnd === -1 ? text.length : lineEnd + 1;
    } while (deeper.test(text.slice(at, at + 256)));
    const isInside = [...pairs.values()].some((pair) => pair.start < at && at < pair.end);
    if (!isInside) return at;
  }
  return text.length;
}

function splicesFor(source: YamlSource, key: string, value: Json): Splice[] {
  const pair = source.pairs.get(key);
  if (value === null) return pair === undefined ? [] : [commentOut(source, pair)];
  if (pair !== undefined) {
    const node: Node = pair.value;
    return sameShape(source, node, value) ?? [replaceWhole(source, pair, yamlPair(key, value))];
  }
  const eol = eolOf(source.text);
  const at = placeFor(source, key);
  return [{ start: at, end: at, text: yamlPair(key, value).join(eol) + eol }];
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/**
 * @param changes top-level key -> value; null comments the key out
 * @returns the text with exactly these keys changed (read back and compared before it is given out)
 * @throws InvalidInput for a pristine text that cannot be edited, or a key that is no plain name
 */
export function editYaml(pristine: string, changes: Settings, fileId: string): string {
  const source = readYaml(endsInLineEnd(pristine));
  const expected = new Map<string, Json>(Object.entries(source.values));
  const splices: Splice[] = [];
  for (const [key, value] of changes) {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/.test(key)) {
      return refuse(pointerTo(fileId, key), 'is not a name of letters, digits, "_", "." and "-"');
    }
    splices.push(...splicesFor(source, key, value));
    if (value === null) expected.delete(key);
    else expected.set(key, value);
  }
  let text = '';
  let at = 0;
  for (const splice of splices.sort((a, b) => a.start - b.start || a.end - b.end)) {
    text += source.text.slice(at, splice.start) + splice.text;
    at = splice.end;
  }
  text += source.text.slice(at);
  if (!isDeepStrictEqual(asJson(readYaml(text).values), asJson(Object.fromEntries(expected)))) {
    return refuse(pointerTo(fileId), 'the pristine file is written in a way that cannot be edited');
  }
  return text;
}
