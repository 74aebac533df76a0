// Fails when a hand-written file passes 300 lines, or its first line (after a #!) is not one comment that says what lives there.
import { readdirSync, readFileSync } from 'node:fs';

const MOST_LINES = 300;

const problems = ['coordinator', 'agent', 'shared', 'test', 'proto', '.config']
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => `${folder}/${name}`))
  .filter((path) => /\.(tsx?|mjs|cjs|js|proto)$/.test(path) && !path.includes('generated'))
  .flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const lines = text.trimEnd().split('\n').length;
    return [
      lines > MOST_LINES && `${path}: ${lines} lines; at most ${MOST_LINES}`,
      !/^(#!.*\n)?\/\/ .+\.\n/.test(text) && `${path}: the first line has to be a comment of one sentence`,
    ].filter(Boolean);
  });
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
