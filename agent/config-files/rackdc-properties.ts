// cassandra-rackdc.properties: datacenter and rack from the model, the profile's other keys, every comment kept.
import { pointerTo } from '../../shared/errors.ts';
import { endsInLineEnd, eolOf, linesOf } from './header.ts';
import type { RenderInput } from './render-input.ts';
import { isOneLine, type Json, refuse, settingsOf } from './settings.ts';

const FILE = 'cassandra-rackdc-properties';

/** As java.util.Properties reads it: Latin-1 with \uXXXX, a backslash escapes, leading blanks of a value are lost. */
const propertyText = (value: string): string =>
  value
    .replaceAll('\\', '\\\\')
    .replace(/^ /, '\\ ')
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Lines joined with those that a backslash at their end continues. */
function logicalLines(text: string): string[] {
  const logical: string[] = [];
  let isOpen = false;
  for (const line of linesOf(text)) {
    if (isOpen) logical.push((logical.pop() ?? '') + line);
    else logical.push(line);
    const isComment: boolean = !isOpen && /^\s*[#!]/.test(line);
    isOpen = !isComment && /(?:^|[^\\])(?:\\\\)*\\\r?\n?$/.test(line);
  }
  return logical;
}

const isKey = (line: string, key: string) =>
  new RegExp(`^[ \\t]*${key}(?:[ \\t]*[=:]|[ \\t]|\\r?\\n|$)`).test(line);
const isExampleOf = (line: string, key: string) => new RegExp(`^#[ \\t]*${key}[ \\t]*=`).test(line);

function setProperty(lines: string[], key: string, value: string | null, eol: string): string[] {
  const own = lines.findIndex((line) => isKey(line, key));
  const commented = lines.map((line, i) =>
    isKey(line, key) && (value === null || i !== own)
      ? linesOf(line)
          .map((part) => `# ${part}`)
          .join('')
      : line,
  );
  if (value === null) return commented;
  const text = `${key}=${propertyText(value)}${eol}`;
  if (own >= 0) return commented.with(own, text);
  const example = lines.findIndex((line) => isExampleOf(line, key));
  return commented.toSpliced(example >= 0 ? example + 1 : lines.length, 0, text);
}

function asText(pointer: string, value: Json): string | null {
  if (value === null) return null;
  if (typeof value === 'object') return refuse(pointer, 'must be text, a number or a boolean');
  if (!isOneLine(String(value))) return refuse(pointer, 'must be one line without control characters');
  return String(value);
}

export function renderRackdcProperties(pristine: string, input: RenderInput): string {
  const eol = eolOf(pristine);
  const settings = new Map(settingsOf(input.profile, FILE));
  for (const key of settings.keys()) {
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(key)) {
      return refuse(pointerTo(FILE, key), 'is not a name of small letters, digits and "_"');
    }
  }
  settings.delete('dc'); // the model's, whatever the profile says
  settings.delete('rack');
  let lines = logicalLines(endsInLineEnd(pristine));
  lines = setProperty(lines, 'dc', asText('/model/datacenter', input.model.datacenter), eol);
  lines = setProperty(lines, 'rack', asText('/model/rack', input.model.rack), eol);
  for (const [key, value] of settings) {
    lines = setProperty(lines, key, asText(pointerTo(FILE, key), value), eol);
  }
  return lines.join('');
}
