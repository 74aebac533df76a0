// The CLI as tests use it: in this process with what it prints kept, or as a process of its own.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../coordinator/cli/run.ts';

export interface CliAnswer {
  code: number;
  out: string;
  err: string;
}

export interface CliOptions {
  env?: Record<string, string>;
  stdin?: string;
  /** what the person answers, or does before the answer; absent: nobody can be asked */
  answers?: string | (() => Promise<string>);
  interrupted?: AbortSignal;
  /** columns of stdout when it is a terminal */
  columns?: number;
}

/** A home without a configuration file, so that nobody's own is read. */
const NO_HOME = '/nonexistent';

export async function cli(
  url: string,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliAnswer> {
  const printed = { out: '', err: '' };
  const { answers, columns } = options;
  const answer = async (question: string): Promise<string | null> => {
    printed.err += question;
    return typeof answers === 'function' ? await answers() : (answers ?? null);
  };
  const code = await runCli(args, {
    env: { HOME: NO_HOME, RINGMASTER_URL: url, ...options.env },
    out: {
      write: (text) => (printed.out += text),
      ...(columns === undefined ? {} : { isTTY: true, columns, rows: 24 }),
    },
    err: { write: (text) => (printed.err += text) },
    isInteractive: answers !== undefined,
    ask: answer,
    askSecret: answer,
    readStdin: async () => options.stdin ?? '',
    interrupted: options.interrupted ?? new AbortController().signal,
  });
  return { code, ...printed };
}

/** argv of the CLI as its own process: built or from sources, whatever this file is itself. */
export function cliArgv(): string[] {
  const built = import.meta.url.endsWith('.js');
  const main = fileURLToPath(new URL(`../../coordinator/cli/main.${built ? 'js' : 'ts'}`, import.meta.url));
  return [process.execPath, ...(built ? [] : ['--import', 'tsx']), main];
}

export function startCli(url: string, args: readonly string[], env: Record<string, string> = {}) {
  const [program = '', ...rest] = cliArgv();
  const child = spawn(program, [...rest, ...args], {
    env: { ...process.env, HOME: NO_HOME, XDG_CONFIG_HOME: '', NO_COLOR: '1', RINGMASTER_URL: url, ...env },
  });
  const printed = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (printed.out += chunk));
  child.stderr.on('data', (chunk) => (printed.err += chunk));
  const ended = new Promise<CliAnswer>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, ...printed }));
  });
  return { child, printed, ended };
}
