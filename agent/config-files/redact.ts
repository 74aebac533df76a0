// Taking secrets out of the lines of a configuration file before anybody is shown them.

export const MASK = '********';

/** A name with a secret word in it, then what separates it from its value. Bounded, so that no line is slow. */
const SECRET =
  /(?:pass|secret|credential|private_?key|(?<!initial_)token(?!s))[\w.-]{0,256}["']?[ \t]{0,8}[:=>][ \t]{0,8}/i;
const QUOTED_NAME = /name\s{0,8}=\s{0,8}["'][\w.-]{0,64}?(?:pass|secret|credential|private_?key)/i;

/** Commented-out lines count like the others: that is where a removed key goes. */
const depthOf = (line: string): number => /^[\s#]*/.exec(line)?.[0].length ?? 0;

/** The same number of lines; values of secret keys masked, with the deeper lines below such a key. */
export function redactLines(lines: readonly string[]): string[] {
  let secretDepth: number | null = null;
  let isListOpen = false;
  return lines.map((line) => {
    const depth = depthOf(line);
    const isBlank = depth === line.length;
    if (secretDepth !== null && !isBlank) {
      const isItem = isListOpen && depth === secretDepth && line.startsWith('- ', depth);
      if (depth > secretDepth || isItem) return line.slice(0, depth) + MASK;
      secretDepth = null;
    }
    const found = SECRET.exec(line) ?? QUOTED_NAME.exec(line);
    if (found === null) return line;
    const end = found.index + found[0].length;
    secretDepth = depth;
    isListOpen = line.slice(end).trim() === '';
    return isListOpen ? line : line.slice(0, end) + MASK;
  });
}
