// Lays out a package's files below a root: the built program, the packages it imports, and the Node.js that builds it.
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Each is where a way of installing Node.js leaves it: its own archive, or a package. */
const LICENCES = ['../LICENSE', '../share/doc/nodejs/LICENSE', '../share/doc/node/LICENSE'];

function copyNode(to) {
  if (process.release.lts === undefined)
    throw new Error(
      `packages bring the Node.js that makes them, and ${process.version} has no long-term support: make them with one that has (node -p process.release.lts names it)`,
    );
  const licence = LICENCES.map((path) => join(dirname(process.execPath), path)).find((path) =>
    existsSync(path),
  );
  if (licence === undefined)
    throw new Error(`the licence of ${process.execPath} is not beside it: build with an installed Node.js`);
  mkdirSync(join(to, 'bin'), { recursive: true });
  cpSync(process.execPath, join(to, 'bin/node'), { dereference: true });
  cpSync(licence, join(to, 'LICENSE.nodejs'), { dereference: true });
}

/** Those among our dependencies that built files name. */
function imported(folders) {
  const texts = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith('.js'))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  );
  return Object.keys(readJson('package.json').dependencies).filter((name) =>
    texts.some((text) => text.includes(`'${name}'`) || text.includes(`'${name}/`)),
  );
}

/** What ssh2 would compile for speed where it is installed: it does without, and the packages are for other machines too. */
const NOT_PACKED = ['cpu-features', 'nan'];

/** Folders of packages and of all that they depend on, as npm has laid them out. */
function closure(names) {
  const found = new Set();
  const look = (name, from) => {
    for (let at = from; ; at = dirname(at)) {
      const folder = join(at, 'node_modules', name);
      if (existsSync(join(folder, 'package.json'))) return take(folder);
      if (at === '.') return; // optional, and of another platform
    }
  };
  const take = (folder) => {
    if (found.has(folder)) return;
    found.add(folder);
    const { dependencies = {}, optionalDependencies = {} } = readJson(join(folder, 'package.json'));
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies }))
      if (!name.startsWith('@types/') && !NOT_PACKED.includes(name)) look(name, folder);
  };
  for (const name of names) look(name, '.');
  return [...found].sort();
}

const isLeftOut = (path) =>
  /\.(map|[cm]?ts)$|\/quickstart$|\/ssh2\/(lib\/protocol\/crypto\/build|test|examples)$/.test(path);

/** What has to go along with a package of others. */
const TERMS = /licen[cs]e|copying|copyright|notice|authors|patents|third.?party/i;

/** Of such a package: its tests, and what is written about it, unless it may be there that its licence stands. */
function leftOutOf(folder) {
  const hasLicence = readdirSync(folder).some((name) => /^(licen[cs]e|copying)/i.test(name));
  return (path) =>
    /\/(tests?|\.github)$/.test(path) ||
    (hasLicence && /\.(md|markdown)$/i.test(path) && !TERMS.test(basename(path)));
}

/** Everything, as the same bytes under the same names whoever builds it: owner and time are the packers'. */
function settle(root, seconds) {
  for (const entry of [...readdirSync(root, { recursive: true, withFileTypes: true })]) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isSymbolicLink())
      chmodSync(path, entry.isDirectory() || lstatSync(path).mode & 0o100 ? 0o755 : 0o644);
    lutimesSync(path, seconds, seconds);
  }
}

/** @param seconds the time that all files get */
export function stage(made, root, { version, seconds }) {
  const home = join(root, 'usr/lib', made.name);
  mkdirSync(home, { recursive: true });
  copyNode(home);
  for (const folder of made.programs)
    cpSync(join('dist', folder), join(home, 'dist', folder), {
      recursive: true,
      filter: (path) => !isLeftOut(path),
    });
  cpSync('proto/ringmaster', join(home, 'proto/ringmaster'), { recursive: true });
  writeFileSync(
    join(home, 'package.json'),
    `${JSON.stringify({ name: made.name, version, type: 'module' })}\n`,
  );
  writeFileSync(join(home, 'dist/shared/version.js'), `export const VERSION = '${version}';\n`);
  const programs = made.programs.map((folder) => join('dist', folder));
  for (const folder of closure(imported(programs))) {
    const isLeftOutOfIt = leftOutOf(folder);
    cpSync(folder, join(home, folder), {
      recursive: true,
      verbatimSymlinks: true,
      // Packages within it are found by themselves, if anybody needs them.
      filter: (path) => !isLeftOut(path) && !isLeftOutOfIt(path) && path !== join(folder, 'node_modules'),
    });
  }
  for (const [from, to, mode] of [...made.files, made.config]) {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    cpSync(join(HERE, from), join(root, to));
    chmodSync(join(root, to), mode);
  }
  settle(root, seconds);
}
