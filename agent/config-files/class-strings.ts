// All names and texts in a compiled Java class: its fields' names among them, and the words of their annotations.

/** Bytes behind the tag, by tag: JVM specification, 4.4. Tag 1 is text; long and double (5, 6) take two places. */
// biome-ignore format: a table should look like one
const SIZES: Readonly<Record<number, number>> = {
  3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2,
};
const TEXT = 1;

/** @returns null for what is no class file, or one of a form newer than this list */
export function classStrings(bytes: Buffer): ReadonlySet<string> | null {
  if (bytes.length < 10 || bytes.readUInt32BE(0) !== 0xcafebabe) return null;
  const strings = new Set<string>();
  const count = bytes.readUInt16BE(8);
  let at = 10;
  for (let place = 1; place < count; place += 1) {
    if (at + 3 > bytes.length) return null;
    const tag = bytes.readUInt8(at);
    if (tag === TEXT) {
      const end = at + 3 + bytes.readUInt16BE(at + 1);
      strings.add(bytes.toString('utf8', at + 3, end));
      at = end;
      continue;
    }
    const size = SIZES[tag];
    if (size === undefined) return null;
    at += 1 + size;
    if (tag === 5 || tag === 6) place += 1;
  }
  return strings;
}
