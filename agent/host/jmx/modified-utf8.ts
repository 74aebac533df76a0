// Java's own form of UTF-8 (java.io.DataInput, "Modified UTF-8"): each UTF-16 unit by itself, and U+0000 as two bytes.

export function toModifiedUtf8(text: string): Buffer {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 0 && unit < 0x80) bytes.push(unit);
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  return Buffer.from(bytes);
}

/** Malformed bytes come out as some other characters, never as an exception. */
export function fromModifiedUtf8(all: Buffer, from = 0, to = all.length): string {
  let ascii = from;
  while (ascii < to && (all[ascii] as number) < 0x80) ascii += 1;
  if (ascii === to) return all.toString('latin1', from, to); // nearly always
  const bytes = all.subarray(from, to);
  const units = Buffer.alloc(bytes.length * 2);
  let used = 0;
  for (let at = 0; at < bytes.length; ) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : 3;
    const unit =
      length === 1
        ? first
        : length === 2
          ? ((first & 0x1f) << 6) | (second & 0x3f)
          : ((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
    used = units.writeUInt16LE(unit, used);
    at += length;
  }
  return units.toString('utf16le', 0, used);
}
