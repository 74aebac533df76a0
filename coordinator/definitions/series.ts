// Which settings there are in each version of each product: a series (6.8, 5.0) is one data file, patches differ by `since`.
import { readdirSync, readFileSync } from 'node:fs';
import { CONFIG_FILE_IDS, type Product, UNWRITTEN_FILE_IDS } from '../../shared/config-files.ts';
import type { Definitions, Setting, Settings } from './definition.ts';
import {
  CASSANDRA_ENV_SH,
  CASSANDRA_RACKDC_PROPERTIES,
  DSE_DEFAULT,
  DSE_ENV_SH,
  GROUPS,
  JVM_OPTIONS,
  LOGBACK_XML,
} from './plain-files.ts';

interface Series {
  product: Product;
  series: string;
  /** where the facts come from */
  source: string;
  /** released when the file was written; later ones are taken to be like the last */
  versions: readonly string[];
  files: Definitions;
}

const UNWRITTEN_FILES: ReadonlySet<string> = new Set(Object.values(UNWRITTEN_FILE_IDS).flat());
const DATA = new URL('./data/', import.meta.url);
const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, DATA), 'utf8')) as T;

const ALL: readonly Series[] = readdirSync(DATA)
  .filter((name) => name !== 'descriptions.json')
  .map((name) => read<Series>(name));
const DESCRIPTIONS = read<Readonly<Record<string, Readonly<Record<string, string>>>>>('descriptions.json');
/** Every name that was replaced by another in some version. */
const NEW_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  ALL.flatMap(({ files }) =>
    Object.values(files).flatMap((settings) =>
      Object.entries(settings).flatMap(([key, setting]) =>
        setting.replaced_by === undefined ? [] : [[key, setting.replaced_by] as const],
      ),
    ),
  ),
);

const numbersOf = (version: string): number[] => (/^[\d.]+/.exec(version)?.[0] ?? '').split('.').map(Number);
const seriesName = (version: string): string => numbersOf(version).slice(0, 2).join('.');
/** 36 of 6.8.36; infinity of 6.8 alone, which is taken to be its newest. */
const patchOf = (version: string): number => numbersOf(version)[2] ?? Number.POSITIVE_INFINITY;
const inOrder = (a: string, b: string): number => {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const at = left.findIndex((number, i) => number !== right[i]);
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
};

const find = (product: Product, version: string): Series | undefined =>
  ALL.find((one) => one.product === product && one.series === seriesName(version));

/** Settings that a patch version has. */
function ofPatch(settings: Settings, patch: number): Settings {
  const has = ({ since, until }: Setting): boolean =>
    (since === undefined || patch >= patchOf(since)) && (until === undefined || patch < patchOf(until));
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([, setting]) => has(setting))
      .map(([key, setting]) => [
        key,
        setting.fields === undefined ? setting : { ...setting, fields: ofPatch(setting.fields, patch) },
      ]),
  );
}

/** They are asked for with every run; whoever writes a profile may name any patch, so not all are kept. */
const made = new Map<string, Definitions>();
const MOST_MADE = 100;

const UNWRITTEN = 'Taken and shown as it was given, and not written.';

function described(fileId: string, settings: Settings): Settings {
  const words = DESCRIPTIONS[fileId.startsWith('jvm') ? 'jvm-options' : fileId] ?? {};
  return Object.fromEntries(
    Object.entries(settings).map(([key, setting]) => {
      if (setting.unwritten || UNWRITTEN_FILES.has(fileId))
        return [key, { ...setting, unwritten: true, description: UNWRITTEN }];
      const description = words[key] ?? words[NEW_NAMES[key] ?? ''];
      return [key, description === undefined ? setting : { ...setting, description }];
    }),
  );
}

/** The files besides YAML. */
function plainFiles(product: Product, series: string): Definitions {
  const [major = 0, minor = 0] = numbersOf(series);
  const javas =
    product === 'cassandra'
      ? major < 5
        ? ['jvm-server-options', 'jvm8-server-options', 'jvm11-server-options']
        : ['jvm-server-options', 'jvm11-server-options', 'jvm17-server-options']
      : major < 6 || (major === 6 && minor < 8)
        ? ['jvm-options']
        : ['jvm-server-options', 'jvm8-server-options', 'jvm11-server-options'];
  return {
    'cassandra-env-sh': CASSANDRA_ENV_SH,
    'cassandra-rackdc-properties': CASSANDRA_RACKDC_PROPERTIES,
    ...Object.fromEntries(javas.map((fileId) => [fileId, JVM_OPTIONS])),
    'logback-xml': LOGBACK_XML,
    ...(product === 'dse' ? { 'dse-default': DSE_DEFAULT, 'dse-env-sh': DSE_ENV_SH } : {}),
    ...GROUPS,
  };
}

function assemble(series: Series, version: string): Definitions {
  const { product } = series;
  const own = new Map(
    Object.entries(series.files)
      .map(([fileId, settings]) => [fileId, described(fileId, ofPatch(settings, patchOf(version)))] as const)
      .filter(([, settings]) => Object.keys(settings).length > 0),
  );
  const plain = Object.entries(plainFiles(product, series.series)).map(
    ([fileId, settings]) => [fileId, { ...settings, ...own.get(fileId) }] as const,
  );
  return Object.fromEntries([...own, ...plain]);
}

/**
 * Whatever a profile may say of that version. A patch that is not listed is taken to be like the one before it.
 * @returns null when nothing is known of its series
 */
export function definitionsOf(product: Product, version: string): Definitions | null {
  const series = find(product, version);
  if (series === undefined) return null;
  const key = `${product} ${series.series} ${patchOf(version)}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const definitions = assemble(series, version);
  if (made.size >= MOST_MADE) made.clear();
  made.set(key, definitions);
  return definitions;
}

/** As definitionsOf; of a series that nobody has looked at, what is alike in every version, and every file of a JVM. */
export const writableOf = (product: Product, version: string): Definitions =>
  definitionsOf(product, version) ?? {
    ...Object.fromEntries(
      CONFIG_FILE_IDS[product].filter((id) => id.startsWith('jvm')).map((id) => [id, JVM_OPTIONS]),
    ),
    ...plainFiles(product, seriesName(version)),
  };

/** The patch version in which that setting came or went, when it is one of the series at all. */
export function changeOf(
  product: Product,
  version: string,
  fileId: string,
  key: string,
): Pick<Setting, 'since' | 'until'> | null {
  const setting = find(product, version)?.files[fileId]?.[key];
  return setting?.since === undefined && setting?.until === undefined ? null : setting;
}

/** Oldest first. */
export const listedVersions = (product: Product): string[] =>
  ALL.filter((one) => one.product === product)
    .flatMap(({ versions }) => versions)
    .sort(inOrder);
