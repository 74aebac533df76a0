// Makes the names in a directory durable.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** A new file may otherwise vanish with the power though its bytes were synced. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
