// Runs the built tests in three lanes side by side, those that mostly boot and wait in two of them, and closes with one line for all.
// Usage, after a build: node .config/run-tests.mjs [options of mocha]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { getPriority, setPriority } from 'node:os';
import { createInterface } from 'node:readline';

const TESTS = 'dist/test/**/*.test.js';
/** Several databases each, on hosts: about as long as what else boots. */
const PACKAGED = ['dist/test/hosts/packaged-*.test.js', 'dist/test/hosts/original-clients.test.js'];
const BOOTING = ['dist/test/{hosts,e2e,faults}/*.test.js'];
const MOCHA = ['node_modules/mocha/bin/mocha.js', '--config', '.config/mocha.built.cjs'];
const CLOSING = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;
const without = (files) => files.flatMap((these) => ['--ignore', these]);
/** What the first lane asserts about time has the processors first. */
const LANES = [
  { files: [TESTS, ...without(BOOTING)], niceness: 0 },
  { files: PACKAGED, niceness: 5 },
  { files: [...BOOTING, ...without(PACKAGED)], niceness: 5 },
];

/** A lane under way. @returns its child; `over`: its exit code and counts; `print`: from now on its lines are, those kept first */
function start({ files, niceness }) {
  const child = spawn(process.execPath, [...MOCHA, ...files, ...process.argv.slice(2)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Beside that of whoever runs this, who may lower it and not raise it again.
  if (niceness > 0) setPriority(child.pid, Math.min(19, getPriority() + niceness));
  const kept = [];
  let write = (line) => kept.push(line);
  let counts = null;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const closing = CLOSING.exec(line);
    if (closing === null) write(line);
    else counts = closing.slice(1).map(Number);
  });
  const exited = Promise.all([once(child, 'exit'), once(lines, 'close')]);
  const print = () => {
    write = (line) => process.stdout.write(`${line}\n`);
    kept.splice(0).forEach(write);
  };
  return { child, print, over: exited.then(([[code]]) => ({ code, counts })) };
}

const lanes = LANES.map(start);
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    for (const { child } of lanes) child.kill(signal);
  });
const ends = [];
for (const lane of lanes) {
  lane.print();
  ends.push(await lane.over);
}
// A lane that was cut short has counted nothing, and is no success whatever it exits with.
const isWhole = ends.every(({ counts }) => counts !== null);
process.exitCode = isWhole && ends.every(({ code }) => code === 0) ? 0 : 1;
if (!isWhole) console.error('a lane ended without its closing line');
const [passed, failed, skipped] = [0, 1, 2].map((at) =>
  ends.reduce((sum, { counts }) => sum + (counts?.[at] ?? 0), 0),
);
console.log(`${passed} passed, ${isWhole ? failed : failed + 1} failed, ${skipped} skipped`);
