// What a JVM that tried a configuration said: why it was refused, or that this cannot be told.

/** In the version's own words. */
export interface Refusal {
  reason: string;
  /** a key of cassandra.yaml at its left margin; null: it names none */
  key: string | null;
}

const MOST_REASON = 1_000;

/** Of an exception or its cause: the class, and its message, which may have several lines. */
interface Thrown {
  className: string;
  message: string;
}

const HEAD = /^(?:Caused by: )?((?:[\w$]+\.)+[\w$]+(?:Exception|Error))(?:: (.*))?$/;
/** An exception may call itself something else; of a cause its place says that it is one. */
const NAMELESS_CAUSE = /^Caused by: (.*)$/;
const FRAME = /^\s+(?:at |\.\.\. \d+ more)|^\s*Suppressed: /;

function thrownIn(lines: readonly string[]): Thrown[] {
  const found: Thrown[] = [];
  let isOpen = false;
  for (const line of lines) {
    const head = HEAD.exec(line);
    const nameless = head === null ? NAMELESS_CAUSE.exec(line) : null;
    if (head !== null || nameless !== null) {
      found.push({ className: head?.[1] ?? '', message: head?.[2] ?? nameless?.[1] ?? '' });
      isOpen = true;
    } else if (FRAME.test(line)) isOpen = false;
    else {
      const last = found.at(-1);
      if (isOpen && last !== undefined) last.message += `\n${line}`;
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
 * @param output what it printed, without secrets
 * @returns the cause that all began with; null where it is not the configuration's, or cannot be told
 */
export function refusalIn(output: string): Refusal | null {
  if (OF_SURROUNDINGS.test(output)) return null;
  const thrown = thrownIn(output.trimEnd().split('\n'));
  const [first] = thrown;
  if (first === undefined) return null;
  const isOfConfig = thrown.some(({ className }) => className.endsWith('.ConfigurationException'));
  // a class or a method that is not there: another version than it was taken for, or not all of its jars
  if (!isOfConfig && first.className.endsWith('Error')) return null;
  const cause = thrown.findLast(({ message }) => message.trim() !== '') ?? first;
  const text = (cause.message || cause.className)
    .replace(PLACE, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/[\s.]+$/, '');
  const top = first.message.split('\n', 1)[0]?.trim() ?? '';
  const isSaid = cause === first || top === '' || /^Invalid yaml: file:/.test(top) || text.includes(top);
  return {
    reason: (isSaid ? text : `${top}: ${text}`).slice(0, MOST_REASON),
    key: /Cannot create property=([A-Za-z_]\w*)/.exec(output)?.[1] ?? null,
  };
}

const JVM_REFUSAL =
  /^(?:Unrecognized |Conflicting |Multiple garbage collectors |Improperly |Invalid |Missing |Unexpected |Unsupported |Error: VM option |Error: .* must be |VM option |.*\bis outside the allowed range|.*garbage collector)/;
/** Where memory is short beside the node that runs, or a limit of this process holds. */
const OF_MEMORY = /reserve|allocate|not enough|insufficient|exceeds|too small/i;

/** @param output of a JVM that did not start. @returns its own words; null where the options are not at fault, or that cannot be told */
export function jvmRefusalIn(output: string): string | null {
  if (OF_MEMORY.test(output)) return null;
  const said = output.split('\n').find((line) => JVM_REFUSAL.test(line));
  return said?.trim().slice(0, MOST_REASON) ?? null;
}
