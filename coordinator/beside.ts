// Where the build and `npm run package` put what is not the program itself, seen from dist/coordinator and from the sources.
import { fileURLToPath } from 'node:url';

const ROOT = import.meta.url.endsWith('.ts') ? '../dist/' : '../';

export const besideProgram = (directory: 'ui' | 'packages'): string =>
  fileURLToPath(new URL(`${ROOT}${directory}/`, import.meta.url));
