// Taking secrets out of the lines of a configuration file before anybody is shown them.
import { MASK, maskSecrets } from '../../shared/mask.ts';
import { isSecretName } from '../../shared/secret-settings.ts';

/** A name with a secret word in it, then what separates it from its value. Bounded, so that no line is slow. */
const SECRET =
  /(?:pass|secret|credential|private_?key|api[_-]?key|(?<!initial_)token(?!s))[\w.-]{0,256}["']?[ \t]{0,8}[:=>][ \t]{0,8}/i;
const QUOTED_NAME =
  /name\s{0,8}=\s{0,8}["'][\w.-]{0,64}?(?:pass|secret|credential|private_?key|api[_-]?key)/i;
/** Any name, and what separates it from its value. */
const NAMED = /(?<![\w.-])([\w.-]{1,256})["']?[ \t]{0,8}[:=>][ \t]{0,8}/g;

/** Where a secret begins on a line; null: nowhere. What the names of a profile's settings say of it holds here too. */
function secretAt(line: string): number | null {
  const ends = [SECRET.exec(line) ?? QUOTED_NAME.exec(line)];
  for (const named of line.matchAll(NAMED)) if (isSecretName(named[1] ?? '')) ends.push(named);
  const found = ends.flatMap((match) => (match === null ? [] : [match.index + match[0].length]));
  return found.length === 0 ? null : Math.min(...found);
}

const depthOf = (line: string): number => /^\s*/.exec(line)?.[0].length ?? 0;
/** Commented-out settings have secrets too: that is where a removed key goes. Their depth counts from the margin. */
const commentDepthOf = (line: string): number => /^[\s#]*/.exec(line)?.[0].length ?? 0;
const isComment = (line: string): boolean => /^\s*#/.test(line);

/** A secret key whose value may go on in the lines below it. */
interface OpenSecret {
  depth: number;
  isCommented: boolean;
  /** nothing stood behind the key: items of a list may follow at the key's own depth */
  isBare: boolean;
}

function goesOn(secret: OpenSecret, line: string): boolean {
  if (secret.isCommented && !isComment(line)) return false;
  const depth = secret.isCommented ? commentDepthOf(line) : depthOf(line);
  return depth > secret.depth || (secret.isBare && depth === secret.depth && line.startsWith('-', depth));
}

/** The same number of lines; values of secret keys masked, with the deeper lines below such a key. */
export function redactLines(lines: readonly string[]): string[] {
  let open: OpenSecret | null = null;
  return lines.map((line) => {
    if (line.trim() === '') return line;
    if (open !== null && goesOn(open, line)) return line.slice(0, depthOf(line)) + MASK;
    open = null;
    const end = secretAt(line);
    if (end === null) return maskSecrets(line);
    const isCommented = isComment(line);
    const isBare = line.slice(end).trim() === '';
    open = { depth: isCommented ? commentDepthOf(line) : depthOf(line), isCommented, isBare };
    return isBare ? line : line.slice(0, end) + MASK;
  });
}
