// logback.xml: log levels by logger name, changed where the logger stands or put in before the end.
import { pointerTo } from '../../shared/errors.ts';
import { eolOf } from './header.ts';
import type { RenderInput } from './render-input.ts';
import { checkKeys, type Json, refuse, type Settings, settingsOf } from './settings.ts';

const FILE = 'logback-xml';
const LEVELS = ['ALL', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'OFF'];
const ROOT_LEVEL = 'root-log-level';
const TAG = /<(logger|root)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/g;

function levelOf(value: Json | undefined, pointer: string): string {
  const level = typeof value === 'string' ? value.toUpperCase() : '';
  return LEVELS.includes(level) ? level : refuse(pointer, `must be one of ${LEVELS.join(', ')}`);
}

/** Logger name -> level; `ROOT` is the root logger. */
function levelsOf(settings: Settings): Map<string, string> {
  const levels = new Map<string, string>();
  const root = settings.get(ROOT_LEVEL) ?? null;
  if (root !== null) levels.set('ROOT', levelOf(root, pointerTo(FILE, ROOT_LEVEL)));
  const loggers = settings.get('loggers') ?? [];
  if (!Array.isArray(loggers)) return refuse(pointerTo(FILE, 'loggers'), 'must be a list');
  for (const [i, logger] of (loggers as Json[]).entries()) {
    const at = (...rest: string[]) => pointerTo(FILE, 'loggers', i, ...rest);
    if (typeof logger !== 'object' || logger === null || Array.isArray(logger)) {
      return refuse(at(), 'must be an object with name and level');
    }
    const { name, level, ...others } = logger as { readonly [key: string]: Json };
    const [other] = Object.keys(others);
    if (other !== undefined)
      return refuse(at(other), 'is not a known setting of a logger; known: name, level');
    if (typeof name !== 'string' || !/^[A-Za-z0-9_.$]{1,255}$/.test(name)) {
      return refuse(at('name'), 'must be a name of letters, digits, "_", "." and "$"');
    }
    levels.set(name.toUpperCase() === 'ROOT' ? 'ROOT' : name, levelOf(level, at('level')));
  }
  return levels;
}

/** The same text with comments and CDATA blanked out, so that offsets found in it are of real tags. */
const withoutComments = (text: string): string =>
  text.replace(/<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)/g, (hidden) =>
    ' '.repeat(hidden.length),
  );

const attribute = (attributes: string, name: string): string | undefined =>
  new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`)
    .exec(attributes)
    ?.slice(1)
    .find((found) => found !== undefined);

function withLevel(tag: string, level: string): string {
  const own = /(\slevel\s*=\s*)(?:"[^"]*"|'[^']*')/;
  if (own.test(tag)) return tag.replace(own, (_, head: string) => `${head}"${level}"`);
  return tag.replace(/\s*(\/?)>$/, (_, slash: string) => ` level="${level}"${slash}>`);
}

export function renderLogbackXml(pristine: string, input: RenderInput): string {
  const settings = settingsOf(input.profile, FILE);
  checkKeys(FILE, settings, ['loggers', ROOT_LEVEL]);
  const missing = levelsOf(settings);
  const levels = new Map(missing);
  const masked = withoutComments(pristine);
  let text = '';
  let at = 0;
  for (const found of masked.matchAll(TAG)) {
    const name = found[1] === 'root' ? 'ROOT' : attribute(found[2] ?? '', 'name');
    const level = name === undefined ? undefined : levels.get(name);
    if (name === undefined || level === undefined) continue;
    missing.delete(name);
    text += pristine.slice(at, found.index) + withLevel(found[0], level);
    at = found.index + found[0].length;
  }
  const end = masked.lastIndexOf('</configuration');
  if (end < at) return refuse('', 'the pristine logback.xml has no </configuration>');
  const eol = eolOf(pristine);
  const lineStart = masked.lastIndexOf('\n', end) + 1;
  const place = masked.slice(lineStart, end).trim() === '' ? Math.max(lineStart, at) : end;
  const added = [...missing].map(([name, level]) =>
    name === 'ROOT'
      ? `  <root level="${level}"/>${eol}`
      : `  <logger name="${name}" level="${level}"/>${eol}`,
  );
  const gap = place === end && added.length > 0 && !pristine.slice(0, place).endsWith('\n') ? eol : '';
  return text + pristine.slice(at, place) + gap + added.join('') + pristine.slice(place);
}
