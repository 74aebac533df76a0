// One key and its value as YAML text that both YAML 1.2 and SnakeYAML's 1.1 read the same way.
import { Document, visit } from 'yaml';
import type { Json } from './settings.ts';

/** Text that is surely a string without quotes: a word or path, an IPv4 address, an amount with its unit. */
const PLAIN =
  /^(?:[A-Za-z_/][A-Za-z0-9_./-]*|\d{1,3}(?:\.\d{1,3}){3}|\d+(?:ns|us|ms|s|m|h|d|B|KiB|MiB|GiB|KiB\/s|MiB\/s))$/;
/** Words that YAML 1.1, which Cassandra reads, takes for booleans or null. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const isPlain = (text: string): boolean => PLAIN.test(text) && !RESERVED.test(text);

/** Inside double quotes by then: line ends of YAML 1.1, and what SnakeYAML's reader refuses or once refused. */
const escapeRare = (text: string): string =>
  text.replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\u{10000}-\u{10ffff}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });

function stringify(value: Json): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string') node.type = isPlain(node.value) ? 'PLAIN' : 'QUOTE_DOUBLE';
    },
  });
  return escapeRare(document.toString({ lineWidth: 0, doubleQuotedAsJSON: true })).trimEnd();
}

/** `key: value`, or `key:` and the lines of a nested value below it; no line end at the end. */
export const yamlPair = (key: string, value: Json): string[] => stringify({ [key]: value }).split('\n');

/** A value that is no collection, on one line. */
export const yamlScalar = (value: null | boolean | number | string): string => stringify(value);
