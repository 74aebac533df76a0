// A pristine YAML file taken apart: where each top-level key and each comment stands in its text.
import { isAlias, isMap, isScalar, Lexer, type Node, parseDocument, visit } from 'yaml';
import { isForbiddenKey, type Json, refuse } from './settings.ts';

export interface YamlPair {
  /** offsets into the text: from the key's first character to the end of its value */
  start: number;
  end: number;
  value: Node;
}

export interface YamlComment {
  start: number;
  /** `# …` without the line end */
  text: string;
}

export interface YamlSource {
  text: string;
  pairs: ReadonlyMap<string, YamlPair>;
  comments: readonly YamlComment[];
  values: Readonly<Record<string, Json>>;
}

/** Marks that the lexer puts between pieces of text; they stand for no text themselves. */
const ZERO_WIDTH = new Set(['\u0002', '\u0018', '\u001f']);

/** Only a comment's piece begins with #: a plain scalar cannot, a quoted one has its quote, a block its indent. */
function commentsOf(text: string): YamlComment[] {
  const comments: YamlComment[] = [];
  let at = 0;
  for (const piece of new Lexer().lex(text)) {
    if (ZERO_WIDTH.has(piece)) continue;
    if (piece.startsWith('#')) comments.push({ start: at, text: piece.replace(/\r$/, '') });
    at += piece.length;
  }
  return comments;
}

/** A value as its text has it, as Cassandra reads a name: 1e3 and yes are no number and no boolean. @returns null: there is none */
export function textOf({ pairs }: YamlSource, key: string): string | null {
  const value = pairs.get(key)?.value;
  return isScalar(value) && value.value !== null ? (value.source ?? String(value.value)) : null;
}

/**
 * @throws InvalidInput for text that is no YAML mapping at the left margin, that has aliases (a small file may grow
 * without bound through them; no configuration file of ours uses one), or that has a prototype key
 */
export function readYaml(text: string): YamlSource {
  const document = parseDocument(text, { stringKeys: true, prettyErrors: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) return refuse('', `the pristine file is not sound YAML: ${error.message}`);
  visit(document, {
    Alias: () => refuse('', 'the pristine file uses YAML aliases'),
    Pair: (_, pair) => {
      if (isScalar(pair.key) && isForbiddenKey(String(pair.key.value))) {
        return refuse('', `the pristine file has the key ${String(pair.key.value)}`);
      }
      return undefined;
    },
  });
  const pairs = new Map<string, YamlPair>();
  if (document.contents !== null && !(isScalar(document.contents) && document.contents.value === null)) {
    if (!isMap(document.contents) || document.contents.flow === true) {
      return refuse('', 'the pristine file is no list of keys and values');
    }
    for (const { key, value } of document.contents.items) {
      const start = key.range?.[0] ?? -1;
      const end = value?.range?.[1];
      const isAtMargin = start === 0 || text[start - 1] === '\n';
      if (value === null || end === undefined || isAlias(value) || !isAtMargin) {
        return refuse('', `the pristine file writes the key ${String(key)} in a way that cannot be edited`);
      }
      pairs.set(String(isScalar(key) ? key.value : key), { start, end, value });
    }
  }
  return { text, pairs, comments: commentsOf(text), values: document.toJS() ?? {} };
}
