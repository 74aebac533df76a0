#!/usr/bin/env node
// `ringmaster`: everything that an operator does by REST, from a shell.
import { createInterface } from 'node:readline/promises';
import { addAbortSignal, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CliFailure } from './exit.ts';
import { runCli } from './run.ts';

const interrupted = new AbortController();
process.on('SIGINT', () => {
  // The second one does not wait for anything.
  if (interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
});
// Whoever reads our output may stop reading: `ringmaster job list | head -1`.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

async function ask(question: string): Promise<string | null> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(question, { signal: interrupted.signal });
  } catch {
    return null;
  } finally {
    reader.close();
  }
}

/** Echo is ours on a terminal, so that the answer goes to an output that drops it. */
async function askSecret(question: string): Promise<string | null> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question); // only now: the terminal's own echo is off
  try {
    return await reader.question('', { signal: interrupted.signal });
  } catch {
    return null;
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}

async function readStdin(): Promise<string> {
  try {
    return await text(addAbortSignal(interrupted.signal, process.stdin));
  } catch (error) {
    throw interrupted.signal.aborted ? new CliFailure('interrupted', 'nothing was done') : error;
  }
}

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  out: process.stdout,
  err: process.stderr,
  isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  ask,
  askSecret,
  readStdin,
  interrupted: interrupted.signal,
});
