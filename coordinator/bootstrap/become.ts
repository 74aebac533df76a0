// Becoming root on a host: the command line of each way, and the talk that leads from it to the first line of our script.

/** How a login becomes root; see LCM API, machine credentials. */
export interface Become {
  mode: 'sudo' | 'su' | 'direct';
  user: string;
  password: string | null;
}

/** Asked for by sudo in these words, so that nothing else is taken for it. */
const SUDO_PROMPT = '[ringmaster wants the password]';
const SUDO_PROMPT_AGAIN = /\[ringmaster wants the password\]/g;
/** Of su, which has no words of its own to be given: those of its C locale. */
const SU_PROMPT = /password: ?/gi;
/** The script runs as who it should; what comes before it is not the script's. */
const BEGUN = 'ringmaster-begun';

/** For any login shell: what stands between the quotes is one word to it, of one line. To fish a backslash before a quote within quotes is more than a backslash. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'"'"'`)}'`;

/** Nothing of a login's own environment is relied on. */
const PREAMBLE = `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; LC_ALL=C; export PATH LC_ALL; echo ${BEGUN};`;

/** As `printf %b` reads it: to csh a newline ends a word also within quotes, and `!` is a word of its history; to fish a backslash is none. */
const escaped = (script: string): string =>
  script
    .replace(/[\\'!]/g, (letter) => `\\0${letter.charCodeAt(0).toString(8).padStart(3, '0')}`)
    .replaceAll('\n', '\\n');

/** Reads the script that is its first argument, and runs it with the others. */
const RUN_ESCAPED = `${PREAMBLE} script=$(printf %b "$1"); shift; eval "$script"`;

/** The line for any login's shell that runs a script for sh as the login itself, marked where it begins. @param args it is given as `$1`, `$2` … */
export const scriptLine = (script: string, args: readonly string[] = []): string =>
  ['sh', '-c', RUN_ESCAPED, 'sh', escaped(script), ...args].map(quote).join(' ');

/** The line for the login's shell that runs a script as root. No secret may be in it: everybody on the host can read it. */
export function becomeLine(become: Become, script: string, args: readonly string[] = []): string {
  const line = scriptLine(script, args);
  const user = quote(become.user);
  if (become.mode === 'sudo') return `sudo -S -p ${quote(SUDO_PROMPT)} -u ${user} -- ${line}`;
  if (become.mode === 'su') return `env LC_ALL=C su -s /bin/sh ${user} -c ${quote(line)}`;
  return line;
}

export type BecomeStep =
  | 'wait'
  | 'send-password'
  | 'begun'
  | 'password-wanted'
  | 'password-refused'
  | 'too-much';

/** A login that greets at more length than this says something else. */
export const MOST_BEFORE_BEGUN = 64_000;
/** Of what was looked at before so much is looked at again: all but the last letter of the longest that is waited for. */
const OVERLAP = SUDO_PROMPT.length - 1;

/** What is to be done after each piece of output, until the script has begun. */
export class BecomeTalk {
  readonly #become: Become;
  /** the end of each stream: in it what is waited for may have begun */
  readonly #end = { stdout: '\n', stderr: '\n' };
  #heard = 0;
  #asked = 0;
  #askedOn: 'stdout' | 'stderr' | null = null;
  #begun = false;
  /** the first password that was wanted and not there, or was not enough; or that no end of the greeting was to be seen */
  refusal: 'password-wanted' | 'password-refused' | 'too-much' | null = null;

  constructor(become: Become) {
    this.#become = become;
  }

  get hasBegun(): boolean {
    return this.#begun;
  }

  hear(from: 'stdout' | 'stderr', text: string): BecomeStep {
    if (this.#begun || this.refusal !== null) return 'wait';
    const looked = this.#end[from] + text;
    this.#begun = from === 'stdout' && /\nringmaster-begun\r?\n/.test(looked);
    if (this.#begun) return 'begun';
    this.#heard += text.length;
    if (this.#heard > MOST_BEFORE_BEGUN) this.refusal = 'too-much';
    const prompts = this.#promptsIn(from, looked);
    const last = prompts.at(-1);
    this.#end[from] = looked.slice(
      Math.max(looked.length - OVERLAP, last === undefined ? 0 : last.index + last[0].length),
    );
    if (this.refusal !== null || prompts.length === 0) return this.refusal ?? 'wait';
    this.#asked += prompts.length;
    this.#askedOn ??= from;
    if (this.#become.password === null) this.refusal = 'password-wanted';
    else if (this.#asked > 1) this.refusal = 'password-refused';
    return this.refusal ?? 'send-password';
  }

  /** @returns what was said on stderr after the question for the password: with it there may be a lecture */
  afterPrompt(stderr: string): string {
    const [prompt] = this.#askedOn === 'stderr' ? this.#promptsIn('stderr', stderr) : [];
    return prompt === undefined ? stderr : stderr.slice(prompt.index + prompt[0].length);
  }

  #promptsIn(from: 'stdout' | 'stderr', text: string): readonly RegExpExecArray[] {
    const { mode } = this.#become;
    if (mode === 'su') return [...text.matchAll(SU_PROMPT)];
    return mode === 'sudo' && from === 'stderr' ? [...text.matchAll(SUDO_PROMPT_AGAIN)] : [];
  }
}

/** What the script said, without what came before it. */
export const afterBegun = (stdout: string): string =>
  stdout.replace(/^[\s\S]*?(^|\n)ringmaster-begun\r?\n/, '');
