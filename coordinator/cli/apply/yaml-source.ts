// YAML with its positions: documents as nodes, each place in it as file:line:column, mistakes collected.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from 'yaml';
import { HOSTILE_KEYS } from '../../../shared/hostile-keys.ts';
import { CliFailure } from '../exit.ts';
import type { At } from './model-file.ts';

export interface Entry {
  key: string;
  at: At;
  value: Node | null;
}

export class YamlSource {
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly documents: readonly Document.Parsed[];
  readonly problems: string[] = [];

  constructor(file: string, text: string) {
    this.#file = file;
    const parsed = parseAllDocuments(text, { lineCounter: this.#lines, prettyErrors: false });
    this.documents = [...parsed] as Document.Parsed[];
    for (const document of this.documents) {
      const [syntax] = document.errors; // those behind it come of it
      if (syntax !== undefined) this.problem(this.#place(syntax.pos[0]), syntax.message);
      visit(document, {
        Pair: (_, { key }) => {
          if (isScalar(key) && HOSTILE_KEYS.includes(String(key.value)))
            this.problem(this.at(key), `${String(key.value)} is not allowed as a key`);
        },
      });
    }
    this.check();
  }

  problem(at: At, message: string): void {
    this.problems.push(`${at}: ${message}`);
  }

  /** @throws CliFailure usage with every problem so far, if there is one */
  check(): void {
    if (this.problems.length === 0) return;
    const all = this.problems.length === 1 ? 'one problem' : `${this.problems.length} problems`;
    throw new CliFailure('usage', `${this.#file} has ${all}; nothing was sent`, this.problems);
  }

  #place(offset: number): At {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }

  at(node: unknown): At {
    const range = (node as ParsedNode | null)?.range;
    return this.#place(range?.[0] ?? 0);
  }

  /** Where a value within a value stands, by its key or itself; null for a path that leads nowhere. */
  atPath(document: Document, node: unknown, path: readonly (string | number)[]): At | null {
    let [at, inside]: [unknown, unknown] = [node, node];
    for (const part of path) {
      const collection = resolved(document, inside);
      if (isSeq(collection)) at = inside = collection.items[Number(part)];
      else if (isMap(collection)) {
        const pair = collection.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
        [at, inside] = [pair?.key, pair?.value];
      }
      if (at === undefined) return null;
    }
    return this.at(at);
  }

  /** The entries of a map; null, and a problem, when it is none. */
  entries(document: Document, node: unknown, what: string): Entry[] | null {
    const map = resolved(document, node);
    if (!isMap(map)) {
      this.problem(this.at(node), `${what} must be a map of fields`);
      return null;
    }
    return (map as YAMLMap).items.map(({ key, value }) => ({
      key: isScalar(key) ? String(key.value) : '?',
      at: this.at(key),
      value: value as Node | null,
    }));
  }

  items(document: Document, node: unknown, what: string): Node[] | null {
    const list = resolved(document, node);
    if (isSeq(list)) return list.items as Node[];
    const isEmpty = list === null || (isScalar(list) && list.value === null);
    this.problem(this.at(node), `${what} must be a list${isEmpty ? ': of none write []' : ''}`);
    return null;
  }

  plain(document: Document, node: Node | null): unknown {
    return node === null ? null : (resolved(document, node) as Node).toJS(document, { maxAliasCount: 100 });
  }
}

const resolved = (document: Document, node: unknown): unknown =>
  isAlias(node) ? (node.resolve(document) ?? node) : node;
