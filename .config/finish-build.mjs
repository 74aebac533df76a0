// What tsc leaves to do: what is no TypeScript goes along into dist, what has lost its source leaves it, programs can be run.
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';

for (const folder of ['coordinator', 'agent', 'shared', 'test']) {
  cpSync(folder, `dist/${folder}`, {
    recursive: true,
    filter: (path) => !path.endsWith('.ts') && path !== 'coordinator/ui', // vite builds that into dist/ui
  });
  for (const name of readdirSync(`dist/${folder}`, { recursive: true })) {
    const sources = [`${folder}/${name}`, `${folder}/${name}`.replace(/\.js(\.map)?$/, '.ts')];
    if (!sources.some((path) => existsSync(path)))
      rmSync(`dist/${folder}/${name}`, { recursive: true, force: true });
  }
}
// npm does this to a package that it installs; here the program is run where it was built.
for (const path of Object.values(JSON.parse(readFileSync('package.json', 'utf8')).bin))
  chmodSync(path, 0o755);
