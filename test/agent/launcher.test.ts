// The agent's launcher: what it starts is the agent itself, within its budget, with the arguments it was given.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { Scratch } from './disk/scratch.ts';

const TELL = `console.log(JSON.stringify({
  pid: process.pid, flags: process.execArgv, args: process.argv.slice(2),
  malloc: Object.entries(process.env).filter(([name]) => name.startsWith('MALLOC_')).sort() }));
  process.exit(3);`;

describe('agent launcher', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  it('becomes the agent, with its memory limits and arguments, also when called through a link', async () => {
    const directory = await scratch.directory();
    const launcher = join(directory, 'ringmaster-agent');
    await cp(new URL('../../agent/ringmaster-agent', import.meta.url), launcher);
    await writeFile(join(directory, 'main.js'), TELL);
    const link = join(await scratch.directory(), 'agent');
    await symlink(launcher, link);
    const child = spawn(link, ['run', '--data-dir', '/with a space']);
    const [told, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(JSON.parse(told)).to.deep.equal({
      pid: child.pid,
      flags: ['--max-old-space-size=64', '--max-semi-space-size=1'],
      malloc: [
        ['MALLOC_ARENA_MAX', '1'],
        ['MALLOC_MMAP_THRESHOLD_', '131072'],
        ['MALLOC_TRIM_THRESHOLD_', '131072'],
      ],
      args: ['run', '--data-dir', '/with a space'],
    });
    expect(code).to.equal(3); // a service manager tells a superseded agent from a failed one by it
  });
});
