// Remembers where this host's database node is, so that peers' questions can be answered after a restart of the agent.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../shared/log.ts';
import type { RunInput } from '../shared/run-input.ts';
import type { OwnNode } from './host/host.ts';

function ownNodeFrom(value: unknown): OwnNode | null {
  const { directory, jmxPort }: Record<string, unknown> = { ...(typeof value === 'object' ? value : null) };
  return typeof directory === 'string' && Number.isInteger(jmxPort)
    ? { directory, jmxPort: Number(jmxPort) }
    : null;
}

const pathIn = (directory: string): string => join(directory, 'node.json');

/** A file that is missing or damaged is no file: the next run writes it anew. @returns null when no run has told yet */
export function readOwnNode(directory: string): OwnNode | null {
  try {
    return ownNodeFrom(JSON.parse(readFileSync(pathIn(directory), 'utf8')));
  } catch {
    return null;
  }
}

export class OwnNodeFile {
  readonly #path: string;
  #known: OwnNode | null;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#path = pathIn(directory);
    this.#known = readOwnNode(directory);
  }

  /** @returns null when no run has told yet */
  read(): OwnNode | null {
    return this.#known;
  }

  learn(node: OwnNode): void {
    if (this.#known?.directory === node.directory && this.#known.jmxPort === node.jmxPort) return;
    this.#known = node;
    writeFileSync(`${this.#path}.new`, JSON.stringify(node), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
}

/** By what a run was given. The run itself has a reserve on a full disk. */
export function learnOwnNode(
  runId: string,
  input: RunInput,
  { learn, log }: { learn?: (input: RunInput) => void; log: Logger },
): void {
  try {
    learn?.(input);
  } catch (err) {
    log.warn('where the database node is could not be remembered', { runId, err });
  }
}
