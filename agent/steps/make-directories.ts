// Makes the directories that the database node writes to.
import { layoutOf } from '../products/index.ts';
import type { Step } from './step.ts';
import { changed, looked } from './telling.ts';

export const makeDirectories: Step = {
  name: 'make-directories',
  async *run({ host, input, stopping }) {
    const { data, logs, run, pristine, directory } = layoutOf(input);
    stopping.throwIfAborted();
    yield looked('directory', 'Checking the directories of the database node', { resource: directory });
    for (const path of [data, logs, run, pristine]) {
      if (await host.ensureDirectory(path, 0o750))
        yield changed('directory', `Made ${path}`, { resource: path });
    }
  },
};
