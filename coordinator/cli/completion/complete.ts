// Answers a shell that asks what may come next; names are asked of the coordinator, for a moment only.
import type { Command } from 'commander';
import { SETTING_NAMES } from '../../../shared/settings.ts';
import { readConfigFile } from '../config-file.ts';
import { targetOf } from '../jobs/job-words.ts';
import { KINDS, kindOf } from '../kinds.ts';
import { Names } from '../names.ts';
import type { Json, RestClient } from '../rest-client.ts';
import { Session, type SessionOptions, type Surroundings } from '../session.ts';
import { harmless } from '../terminal/harmless.ts';
import { type Candidate, nextOf } from './candidates.ts';

/** A person waits at the keyboard. */
const WITHIN_MS = 1_500;

/** Placeholders that are the API's words, or a part of a path. */
const KIND_OF_WORD: Readonly<Record<string, string>> = {
  datacenter: 'dc',
  repository: 'repo',
  'machine-credential': 'credential',
  'config-profile': 'profile',
};

async function namesOf(word: string, session: Session): Promise<Candidate[]> {
  if (word === 'server' || word === 'name')
    return Object.entries(readConfigFile(session.configPath).servers).map(([name, { url }]) => ({
      word: name,
      about: url,
    }));
  if (word === 'name=value') return SETTING_NAMES.map((name) => ({ word: `${name}=`, about: '' }));
  const client = session.quickClient(WITHIN_MS);
  if (word === 'job') return await jobs(client);
  if (word === 'version')
    return Object.entries(await client.get('definitions/')).flatMap(([product, versions]) =>
      (versions as Json[]).map(({ version }) => ({ word: String(version), about: product })),
    );
  const kind = KINDS.find((one) => one.word === (KIND_OF_WORD[word] ?? word));
  if (kind === undefined) return [];
  return (await new Names(client).list(kindOf(kind.word))).map(({ path }) => ({ word: path, about: '' }));
}

async function jobs(client: RestClient): Promise<Candidate[]> {
  const newest = await client.list('jobs/', 20);
  return newest.map((job) => ({
    word: String(job['id']),
    about: `${String(job['job-type'])} of ${targetOf(job)}, ${String(job['status'])}`,
  }));
}

/** The server that the line itself names, if it does. */
function serverOf(line: readonly string[]): string | undefined {
  const at = line.indexOf('--server');
  return at >= 0 && at + 1 < line.length - 1
    ? line[at + 1]
    : line.find((word) => word.startsWith('--server='))?.slice(9);
}

/** @returns one candidate a line, what it is behind a tab; `:files` when files are wanted */
export async function complete(
  program: Command,
  line: readonly string[],
  around: Surroundings,
): Promise<string> {
  const begun = line.at(-1) ?? '';
  const next = nextOf(program, line);
  if (next.kind === 'files') return ':files\n';
  let candidates: readonly Candidate[] = [];
  if (next.kind === 'words') candidates = next.candidates;
  else {
    const server = serverOf(line);
    const options: SessionOptions = { output: 'table', headers: false, quiet: true, color: false };
    const session = new Session(around, server === undefined ? options : { ...options, server });
    // Whatever is wrong is told when the command is run, not while it is typed.
    candidates = await namesOf(next.of, session).catch(() => []);
  }
  return candidates
    .filter(({ word }) => word.startsWith(begun) && harmless(word) === word)
    .map(({ word, about }) => `${word}${about === '' ? '' : `\t${harmless(about)}`}\n`)
    .join('');
}
