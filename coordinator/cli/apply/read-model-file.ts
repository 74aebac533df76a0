// A model file read and checked whole: every mistake with its line, before anything is sent.
import { dirname } from 'node:path';
import type { Document, Node } from 'yaml';
import { isScalar } from 'yaml';
import { PROFILE_FILE_IDS, type Product } from '../../../shared/config-files.ts';
import type { ModelField } from '../../../shared/model-field.ts';
import { didYouMean } from '../../../shared/nearest-word.ts';
import type { Kind } from '../kinds.ts';
import { referredKind } from '../kinds.ts';
import type { Json } from '../rest-client.ts';
import { hasTarget, TARGET_FIELDS } from '../target.ts';
import { valueProblem } from '../values.ts';
import {
  type At,
  contentsOf,
  type Declared,
  type DeclaredSecret,
  fileFields,
  keyOf,
  listKey,
  type Place,
  type Referred,
  TOP,
} from './model-file.ts';
import { partsOf, settingsIn, sourceIn } from './secrets-in-file.ts';
import { optionsIn, referredBy, scopeOf, TARGET_KEYS, type TargetKey } from './target-in-file.ts';
import { type Entry, YamlSource } from './yaml-source.ts';

/** As the API has it: one moment has many words. What has none of four digits for its year stays as it is. */
function momentOf(given: string): string {
  const moment = new Date(given).toISOString();
  return /^\d{4}-/.test(moment) ? moment : given;
}

class Reader {
  readonly source: YamlSource;
  readonly declared: Declared[] = [];
  readonly #seen = new Map<string, At>();
  readonly #directory: string;

  constructor(file: string, text: string) {
    this.source = new YamlSource(file === '-' ? 'standard input' : file, text);
    this.#directory = file === '-' ? '.' : dirname(file);
  }

  document(document: Document): void {
    const entries = this.source.entries(document, document.contents, 'a document');
    for (const { key, at, value } of entries ?? []) {
      const kind = TOP[key];
      if (kind === undefined)
        this.source.problem(
          at,
          `${key} is unknown${didYouMean(key, Object.keys(TOP))} (${Object.keys(TOP).join(', ')})`,
        );
      else if (key === 'cluster') this.record(document, kind, value, [], at);
      else
        for (const item of this.source.items(document, value, key) ?? [])
          this.record(document, kind, item, [], this.source.at(item));
    }
  }

  record(document: Document, kind: Kind, node: Node | null, above: Place, at: At): void {
    const entries = this.source.entries(document, node, `a ${kind.word}`);
    if (entries === null) return;
    const fields = fileFields(kind);
    const contents = new Map(contentsOf(kind).map((one) => [listKey(one), one]));
    const values: Record<string, unknown> = {};
    const references: Record<string, { to: Referred | null; at: At }> = {};
    const secrets: Record<string, DeclaredSecret> = {};
    let settings: Declared['settings'] = {};
    const inside = new Map<Kind, Entry>();
    const targets = new Map<TargetKey, { name: string; at: At }>();
    for (const entry of entries) {
      const field = fields.get(entry.key);
      const to = field === undefined ? null : referredKind(field);
      const list = contents.get(entry.key);
      const target = hasTarget(kind) ? TARGET_KEYS.find((key) => key === entry.key) : undefined;
      if (list !== undefined) inside.set(list, entry);
      else if (target !== undefined) {
        const name = this.#text(document, entry);
        if (name === null)
          this.source.problem(entry.at, `${target} must be a name; without the key it is for all of them`);
        else if (name !== undefined) targets.set(target, { name, at: entry.at });
      } else if (field === undefined)
        this.#unknown(kind, entry, [
          ...fields.keys(),
          ...contents.keys(),
          ...(hasTarget(kind) ? TARGET_KEYS : []),
        ]);
      else if (field.secret) {
        const secret = this.#secret(document, entry);
        if (secret !== null) secrets[field.name] = secret;
      } else if (to !== null) {
        const name = this.#text(document, entry);
        if (name !== undefined)
          references[field.name] = { to: name === null ? null : { kind: to, place: [name] }, at: entry.at };
      } else {
        this.#value(document, field, entry, values);
        if (!field.holdsSecrets || !(field.name in values)) continue;
        const read = this.#settings(document, entry, values[field.name]);
        values[field.name] = read.shown;
        settings = read.settings;
      }
    }
    this.#checkRequired(kind, fields, values, at);
    if (kind.word === 'profile') this.#checkFileIds(document, entries, values);
    if (hasTarget(kind)) {
      this.#options(document, entries, values);
      const target = this.#target(targets, above);
      values['job-scope'] = target.scope;
      references['resource-id'] = target;
    }
    const place = [...above, String(values['name'])];
    const twice = this.#seen.get(keyOf(kind, place));
    if (twice !== undefined)
      this.source.problem(at, `${kind.word} ${place.join('/')} is there already, at ${twice}`);
    this.#seen.set(keyOf(kind, place), at);
    const where = (pointer: string): At => {
      const [name, ...path] = partsOf(pointer);
      const entry = entries.find(({ key }) => fields.get(key)?.name === name);
      if (hasTarget(kind) && (TARGET_FIELDS as readonly unknown[]).includes(name))
        return references['resource-id']?.at || at;
      return entry === undefined ? at : (this.source.atPath(document, entry.value, path) ?? entry.at);
    };
    const lists = new Set(inside.keys());
    this.declared.push({ kind, place, at, values, references, secrets, settings, where, lists });
    for (const [within, { key, value }] of inside)
      for (const item of this.source.items(document, value, key) ?? [])
        this.record(document, within, item, place, this.source.at(item));
  }

  #unknown(kind: Kind, { key, at }: Entry, known: readonly string[]): void {
    const other = kind.model.fields.find((field) => field.v1 === key || field.aliases?.includes(key));
    const readOnly = kind.model.fields.some((field) => field.name === key);
    const hint =
      other !== undefined
        ? `; it is called ${other.name} here`
        : hasTarget(kind) && (TARGET_FIELDS as readonly string[]).includes(key)
          ? '; datacenter, or node with its datacenter, says it'
          : readOnly
            ? '; the coordinator tells it'
            : didYouMean(key, known);
    this.source.problem(at, `${key} is not a field of a ${kind.word} that can be set${hint}`);
  }

  #value(document: Document, field: ModelField, { at, value }: Entry, values: Record<string, unknown>): void {
    const plain = this.source.plain(document, value);
    if (plain === null) {
      if (field.required) this.source.problem(at, `${field.name} is required`);
      return;
    }
    const wrong = valueProblem(
      {
        type: field.type,
        minimum: field.minimum,
        maximum: field.maximum,
        allowed: field.allowed,
        format: field.format,
      },
      plain,
    );
    if (wrong !== null) this.source.problem(this.source.at(value), `${field.name} ${wrong}`);
    values[field.name] = field.type === 'timestamp' && wrong === null ? momentOf(String(plain)) : plain;
  }

  #options(document: Document, entries: readonly Entry[], values: Record<string, unknown>): void {
    const entry = entries.find(({ key }) => key === 'options');
    const { options } = values;
    if (entry === undefined || typeof options !== 'object' || options === null || Array.isArray(options))
      return;
    values['options'] = optionsIn(values['job-type'], options as Json, (name, why) =>
      this.source.problem(
        this.source.atPath(document, entry.value, [name]) ?? entry.at,
        `options.${name} ${why}`,
      ),
    );
  }

  /** What a schedule works on, and where that is said. */
  #target(targets: ReadonlyMap<TargetKey, { name: string; at: At }>, cluster: Place) {
    const [datacenter, node] = TARGET_KEYS.map((key) => targets.get(key));
    if (node !== undefined && datacenter === undefined)
      this.source.problem(node.at, 'node needs the datacenter that it is in beside it');
    const names = Object.fromEntries([...targets].map(([key, { name }]) => [key, name]));
    return { scope: scopeOf(names), to: referredBy(names, cluster), at: (node ?? datacenter)?.at ?? '' };
  }

  /** @returns undefined, and a problem, when it is no name */
  #text(document: Document, { key, at, value }: Entry): string | null | undefined {
    const plain = this.source.plain(document, value);
    if (plain === null || typeof plain === 'string') return plain;
    this.source.problem(at, `${key} must be a name, in quotes where it looks like a number`);
    return undefined;
  }

  #secret(document: Document, { key, at, value }: Entry): DeclaredSecret | null {
    if (isScalar(value) && value.value === null) return null;
    const plain = this.source.plain(document, value);
    if (plain === null) return null;
    const found = sourceIn(plain, this.#directory, (why) => this.source.problem(at, `${key} ${why}`));
    return found === null ? null : { ...found, at };
  }

  /** A profile's settings, with where their secrets come from. */
  #settings(document: Document, { at, value }: Entry, plain: unknown) {
    const placeOf = (path: readonly (string | number)[]): At =>
      this.source.atPath(document, value, path) ?? at;
    const { shown, secrets } = settingsIn(plain, this.#directory, (path, why) =>
      this.source.problem(placeOf(path), `${path.join('.')} ${why}`),
    );
    const settings = Object.entries(secrets).map(([pointer, secret]) => {
      return [pointer, { ...secret, at: placeOf(partsOf(pointer)) }] as const;
    });
    return { shown, settings: Object.fromEntries(settings) };
  }

  #checkRequired(kind: Kind, fields: Map<string, ModelField>, values: Record<string, unknown>, at: At): void {
    for (const field of fields.values()) {
      if (field.name in values) continue;
      if (field.like !== undefined) values[field.name] = values[field.like] ?? '';
      if (field.required) this.source.problem(at, `a ${kind.word} needs ${field.name}`);
    }
  }

  #checkFileIds(document: Document, entries: readonly Entry[], values: Record<string, unknown>): void {
    const json = entries.find(({ key }) => key === 'json');
    const known = PROFILE_FILE_IDS[(values['product'] ?? 'dse') as Product] ?? [];
    const { json: settings } = values;
    if (json === undefined || typeof settings !== 'object' || settings === null || Array.isArray(settings))
      return;
    for (const { key, at } of this.source.entries(document, json.value, 'json') ?? [])
      if (!known.includes(key) && Object.hasOwn(settings, key))
        this.source.problem(
          at,
          `${key} is no configuration file of ${String(values['product'] ?? 'dse')}${didYouMean(key, known)}`,
        );
  }
}

/** @throws CliFailure usage that names every mistake with its line */
export function readModelFile(
  file: string,
  text: string,
): { declared: readonly Declared[]; source: YamlSource } {
  const reader = new Reader(file, text);
  for (const document of reader.source.documents) if (document.contents !== null) reader.document(document);
  if (reader.declared.length === 0 && reader.source.problems.length === 0)
    reader.source.problem(
      reader.source.at(null),
      `declares nothing; it may have ${Object.keys(TOP).join(', ')}`,
    );
  reader.source.check();
  return { declared: reader.declared, source: reader.source };
}
