// What tsc leaves to do: files that are no TypeScript go along into dist, and what has lost its source leaves it.
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';

for (const folder of ['coordinator', 'agent', 'shared', 'test']) {
  cpSync(folder, `dist/${folder}`, { recursive: true, filter: (path) => !path.endsWith('.ts') });
  for (const name of readdirSync(`dist/${folder}`, { recursive: true })) {
    const sources = [`${folder}/${name}`, `${folder}/${name}`.replace(/\.js(\.map)?$/, '.ts')];
    if (!sources.some((path) => existsSync(path)))
      rmSync(`dist/${folder}/${name}`, { recursive: true, force: true });
  }
}
