// The agent's answer to `status`, given on a socket in its data directory: what it knows, one JSON object to each who connects.
import { chmod, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Link } from './link-state.ts';

export interface Report {
  version: string;
  pid: number;
  startedMs: number;
  link: Link;
  /** step: null between steps, and once the run is over and only its records are not yet stored */
  runs: readonly { runId: string; recipe: string; step: string | null }[];
  /** not yet acknowledged by a coordinator */
  outbox: { records: number; bytes: number };
}

const ASK_WITHIN_MS = 5_000;

const socketOf = (dataDirectory: string): string => join(dataDirectory, 'status.socket');

/** Called by the one agent that holds the directory. @throws when the path is longer than the 107 bytes a socket's may have */
export async function answerStatus(dataDirectory: string, report: () => Report): Promise<Server> {
  const path = socketOf(dataDirectory);
  await rm(path, { force: true }); // of an agent that was killed
  const server = createServer((asker) => {
    asker.on('error', () => {}); // who does not wait for the answer goes without
    asker.end(JSON.stringify(report()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  server.unref();
  return server;
}

/** @returns null when no agent answers there */
export function askStatus(dataDirectory: string): Promise<Report | null> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketOf(dataDirectory));
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(ASK_WITHIN_MS, () => socket.destroy(new Error('the agent does not answer')));
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(null);
      else reject(error);
    });
    socket.on('end', () => {
      try {
        resolve(JSON.parse(text) as Report);
      } catch {
        resolve(null); // it ended as it was asked
      }
    });
  });
}
