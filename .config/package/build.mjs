// npm run package: the agent and the coordinator as .deb and .rpm with their own Node.js, from what `npm run build` has built.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packDeb, packRpm } from './formats.mjs';
import { PACKAGES } from './packages.mjs';
import { stage } from './stage.mjs';

process.umask(0o022); // the packages' own files are for everybody to read

const USAGE = `npm run package -- [settings] [agent] [coordinator]: both unless one is named.
  --format <deb|rpm>  one of them; both unless given
  --into <directory>  default dist/packages
  --version <number>  default that of package.json
  --level <1-9>       of compression, default 6; tests are in a hurry
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    format: { type: 'string' },
    into: { type: 'string', default: 'dist/packages' },
    version: { type: 'string', default: JSON.parse(readFileSync('package.json', 'utf8')).version },
    level: { type: 'string', default: '6' },
    help: { type: 'boolean' },
  },
});
const PACKERS = { deb: packDeb, rpm: packRpm };
const formats = values.format === undefined ? Object.keys(PACKERS) : [values.format];
const names = positionals.length === 0 ? Object.keys(PACKAGES) : positionals;
const isRight =
  formats.every((format) => Object.hasOwn(PACKERS, format)) &&
  names.every((name) => Object.hasOwn(PACKAGES, name)) &&
  /^[1-9]$/.test(values.level) &&
  /^\d[\w.+~]*$/.test(values.version);
if (values.help || !isRight) {
  process.stdout.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

/** When the sources were last changed, so that the same sources make the same packages. */
const seconds = Number(
  process.env.SOURCE_DATE_EPOCH ?? execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' }),
);
const into = resolve(values.into);
mkdirSync(into, { recursive: true });
for (const name of names) {
  const scratch = mkdtempSync(join(tmpdir(), 'ringmaster-package-'));
  try {
    const root = join(scratch, 'root');
    const made = PACKAGES[name];
    stage(made, root, { version: values.version, seconds });
    for (const format of formats) {
      const path = PACKERS[format](made, root, { ...values, seconds, into, scratch });
      process.stdout.write(`${path}\n`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
