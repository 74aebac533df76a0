// What is said where the agents' packages cannot be read.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { agentPackage } from '../../../coordinator/bootstrap/agent-packages.ts';

/** One that has no rights of its own. */
const NOBODY = 65_534;
const HOST = { format: 'deb', machine: 'x86_64', name: 'admin@host' } as const;

describe('agent packages', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'agent-packages-'));
    await chmod(directory, 0o755);
  });
  afterEach(() => rm(directory, { recursive: true }));

  const refusal = async (packages: string): Promise<string> => {
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(NOBODY);
    const { username } = userInfo();
    try {
      await agentPackage(packages, HOST);
    } catch (error) {
      return (error as Error).message.replace(` ${username},`, ' us,');
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    throw new Error('nothing was amiss');
  };

  it('that are nowhere are to be put there', async () => {
    expect(await refusal(join(directory, 'nowhere'))).to.equal(
      `There are no agent packages: ${directory}/nowhere (setting agent-packages of the coordinator) is not there: make it, and put the packages into it`,
    );
  });

  it('that the coordinator may not read are told with who that is, the directory or one of them', async () => {
    const cure = 'may not be read by us, as whom the coordinator runs: let it (chmod or chown)';
    const closed = join(directory, 'closed');
    await mkdir(closed, { mode: 0 });
    expect(await refusal(closed)).to.equal(
      `There are no agent packages: ${closed} (setting agent-packages of the coordinator) ${cure}`,
    );
    const file = join(directory, 'ringmaster-agent_0.1.0_amd64.deb');
    await writeFile(file, 'package', { mode: 0 });
    expect(await refusal(directory)).to.equal(
      `There are no agent packages: ${file} (setting agent-packages of the coordinator) ${cure}`,
    );
  });
});
