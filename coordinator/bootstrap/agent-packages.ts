// The directory of agent packages that a coordinator brings to hosts, as `npm run package` fills it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fittingPackage, type PackageFormat } from '../core/bootstrap.ts';
import { BootstrapFault } from './fault.ts';

export interface AgentPackage {
  name: string;
  path: string;
  bytes: number;
  /** hexadecimal */
  sha256: string;
}

/** Who runs here may have no name, in a container say. */
function ownUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}

/** @param path what was to be read */
function unread(path: string, cause: NodeJS.ErrnoException): BootstrapFault {
  const how =
    cause.code === 'EACCES'
      ? `may not be read by ${ownUser()}, as whom the coordinator runs: let it (chmod or chown)`
      : cause.code === 'ENOENT'
        ? 'is not there: make it, and put the packages into it'
        : `cannot be read (${cause.code})`;
  return new BootstrapFault(
    'no-package',
    `There are no agent packages: ${path} (setting agent-packages of the coordinator) ${how}`,
    cause,
  );
}

/**
 * @param host `name`: as messages show it
 * @throws BootstrapFault that says what is to be put where, when nothing fits
 */
export async function agentPackage(
  directory: string,
  host: { format: PackageFormat; machine: string; name: string },
): Promise<AgentPackage> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw unread(directory, error);
  });
  const name = fittingPackage(names, host);
  if (name === null)
    throw new BootstrapFault(
      'no-package',
      `${directory} (setting agent-packages of the coordinator) has no .${host.format} of the agent for ${host.name}: put one there (npm run package makes them)`,
    );
  const path = join(directory, name);
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash).catch((error: NodeJS.ErrnoException) => {
    throw unread(path, error);
  });
  return { name, path, bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}
