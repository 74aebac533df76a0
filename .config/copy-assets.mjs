// What tsc leaves behind: migrations and the launchers of the quickstart's tarball.
import { cpSync } from 'node:fs';

for (const folder of ['coordinator/store/migrations', 'coordinator/cli/quickstart/tarball']) {
  cpSync(folder, `dist/${folder}`, { recursive: true });
}
