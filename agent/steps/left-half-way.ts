// What an earlier dpkg left half-way of wanted packages, and of those that they depend on: it is finished with them.
import { exactNames, type WantedPackages } from '../packages/apt-plan.ts';
import { auditedNames, DPKG_QUERY, type PackageState, packageStates } from '../packages/dpkg-states.ts';
import { askPackages } from './ask-packages.ts';
import type { StepContext } from './step.ts';
import { leaving } from './waiting.ts';

const LOOK_MS = 60_000;

// Their names alone: what each depends on is more than is kept of a command's output.
const DEPENDENCIES = 'apt-cache depends --recurse --important -- "$@" | grep "^[^ <]"';

/** By name; what others left is no business of an installation. */
export async function leftHalfWay(
  context: StepContext,
  wanted: WantedPackages,
): Promise<Map<string, PackageState>> {
  const run = async (argv: readonly [string, ...string[]]): Promise<string> =>
    (await context.host.run(argv, { withinMs: LOOK_MS, env: { LC_ALL: 'C' }, signal: leaving(context) }))
      .stdout;
  let names = auditedNames(await run(['dpkg', '--audit']));
  if (names.some((name) => !wanted.has(name))) {
    const needed = (await run(['sh', '-c', DEPENDENCIES, 'sh', ...exactNames(wanted, '=')])).split('\n');
    names = names.filter((name) => wanted.has(name) || needed.includes(name));
  }
  if (names.length === 0) return new Map();
  const states = packageStates(await askPackages(context, [...DPKG_QUERY, ...names]));
  return new Map([...states].filter(([, { is }]) => is === 'broken'));
}
