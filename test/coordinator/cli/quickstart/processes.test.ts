// Database nodes that an earlier quickstart left: ended, and their ports free for the next ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { stopCassandras } from '../../../../coordinator/cli/quickstart/processes.ts';

const LISTENING = `
const server = require('node:net').createServer();
server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
const DEAF = `process.on('SIGTERM', () => {});${LISTENING}`;
/** As one that has much memory to give back: its command line is gone well before its ports are. */
const SLOW = `process.on('SIGTERM', () => {
  process.title = '-';
  setTimeout(() => process.exit(0), 1_000);
});${LISTENING}`;

describe('database nodes that were left', () => {
  /** @returns how it ended, asked to within a moment */
  async function ended(program: string): Promise<unknown[]> {
    const directory = await mkdtemp(join(tmpdir(), 'left-'));
    const child = spawn(process.execPath, ['-e', program, join(directory, 'bin/cassandra')]);
    try {
      const exited = once(child, 'exit');
      const [port] = await once(child.stdout, 'data');
      await stopCassandras(directory, 200);
      const next = createServer().listen(Number(port), '127.0.0.1');
      await once(next, 'listening');
      next.close();
      return await exited;
    } finally {
      child.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    }
  }

  it('are killed where they do not hear, and have their ports no more', async () => {
    expect(await ended(DEAF)).to.deep.equal([null, 'SIGKILL']);
  });

  it('have their ports no more, though they have no command line any more and their time is over', async () => {
    expect(await ended(SLOW)).to.deep.equal([0, null]);
  });
});
