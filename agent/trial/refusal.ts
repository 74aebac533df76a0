// What a JVM that tried a configuration said: why it was refused, or that this cannot be told.

/** All that a trial printed. */
export interface Said {
  /** with secrets: nobody is shown any of it, but what was said is told by it, since a secret may be a part of any word */
  raw: string;
  /** line for line the same, without secrets */
  shown: string;
}

/** In the version's own words. */
export interface Refusal {
  reason: string;
  /** a key of cassandra.yaml at its left margin; null: it names none */
  key: string | null;
}

const MOST_REASON = 1_000;

/** Of an exception or its cause: the class, and what is shown of it and of its message, which may have several lines. */
interface Thrown {
  className: string;
  shownName: string;
  message: string;
}

const HEAD = /^(?:Caused by: )?((?:[\w$]+\.)+[\w$]+(?:Exception|Error))(?:: (.*))?$/;
/** An exception may call itself something else; of a cause its place says that it is one. */
const NAMELESS_CAUSE = /^Caused by: (.*)$/;
/** The same of a line that such a head has become without secrets. */
const SHOWN_HEAD = /^(?:Caused by: )?(\S+?)(?:: (.*))?$/;
const FRAME = /^\s+(?:at |\.\.\. \d+ more)|^\s*Suppressed: /;

function thrownIn({ raw, shown }: Said): Thrown[] {
  const found: Thrown[] = [];
  const lines = shown.split('\n');
  let isOpen = false;
  for (const [at, line] of raw.split('\n').entries()) {
    const seen = lines[at] ?? '';
    const head = HEAD.exec(line);
    const isNameless = head === null && NAMELESS_CAUSE.test(line);
    if (head !== null || isNameless) {
      const [, shownName = '', message = ''] = SHOWN_HEAD.exec(seen) ?? [];
      found.push(
        isNameless
          ? { className: '', shownName: '', message: NAMELESS_CAUSE.exec(seen)?.[1] ?? '' }
          : { className: head?.[1] ?? '', shownName, message },
      );
      isOpen = true;
    } else if (FRAME.test(line)) isOpen = false;
    else {
      const last = found.at(-1);
      if (isOpen && last !== undefined) last.message += `\n${seen}`;
    }
  }
  return found;
}

/** The machine's or our own doing, and not the configuration's: the node may well start with it. */
const OF_SURROUNDINGS =
  /UnsatisfiedLinkError|[Nn]ative [Ll]ibrar|failed to map segment|[Cc]rypto.?[Pp]rovider|OutOfMemoryError|StackOverflowError|IllegalAccessException|InaccessibleObject|No space left on device|Disk quota exceeded|Read-only file system|Too many open files|Cannot allocate memory/;

/** Its own parser's: where it stands in the file, and a line of that, which may have a secret. */
const PLACE = /\s+in '(?:reader|string)', line \d+, column \d+:[\s\S]*$/;

/** The part of a line that is shown there may begin amid a secret, where nothing tells any more that it is one. */
export const withoutExcerpts = (output: string): string =>
  output.replaceAll(/( in '(?:reader|string)', line \d+, column \d+:)(?:\r?\n {4}.*)+/g, '$1');

/**
 * Of a trial that ended with the exception that the database refused its configuration by.
 * @returns the cause that all began with, as it may be shown; null where it is not the configuration's, or cannot be told
 */
export function refusalIn(said: Said): Refusal | null {
  if (OF_SURROUNDINGS.test(said.raw)) return null;
  const thrown = thrownIn(said);
  const [first] = thrown;
  if (first === undefined) return null;
  const isOfConfig = thrown.some(({ className }) => className.endsWith('.ConfigurationException'));
  // a class or a method that is not there: another version than it was taken for, or not all of its jars
  if (!isOfConfig && first.className.endsWith('Error')) return null;
  const cause = thrown.findLast(({ message }) => message.trim() !== '') ?? first;
  const text = (cause.message || cause.shownName)
    .replace(PLACE, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/[\s.]+$/, '');
  const top = first.message.split('\n', 1)[0]?.trim() ?? '';
  const isSaid = cause === first || top === '' || /^Invalid yaml: file:/.test(top) || text.includes(top);
  return {
    reason: (isSaid ? text : `${top}: ${text}`).slice(0, MOST_REASON),
    key: /Cannot create property=([A-Za-z_]\w*)/.exec(said.shown)?.[1] ?? null,
  };
}

const JVM_REFUSAL =
  /^(?:Unrecognized |Conflicting |Multiple garbage collectors |Improperly |Invalid |Missing |Unexpected |Unsupported |Error: VM option |Error: .* must be |VM option |.*\bis outside the allowed range|.*garbage collector)/;
/** Where memory is short beside the node that runs, or a limit of this process holds. */
const OF_MEMORY = /reserve|allocate|not enough|insufficient|exceeds|too small/i;

/**
 * Of a JVM that did not start.
 * @returns its own words, as they are and as they may be shown; null where the options are not at fault, or that cannot be told
 */
export function jvmRefusalIn({ raw, shown }: Said): Said | null {
  if (OF_MEMORY.test(raw)) return null;
  const lines = raw.split('\n');
  const at = lines.findIndex((line) => JVM_REFUSAL.test(line));
  if (at === -1) return null;
  return { raw: lines[at] ?? '', shown: (shown.split('\n')[at] ?? '').trim().slice(0, MOST_REASON) };
}
