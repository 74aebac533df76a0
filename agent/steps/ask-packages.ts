// Asks dpkg or rpm what it knows of packages, and takes for an answer only what it says once it could read that.
import { StepFailed } from '../../shared/errors.ts';
import type { CommandResult } from '../host/host.ts';
import { saidBy } from './package-lock.ts';
import type { StepContext } from './step.ts';

const LOOK_MS = 60_000;

/** Of dpkg-query(1): 1 when it knows nothing of some of the packages, 2 when it cannot read what is known. */
const dpkgAnswered = ({ exitCode }: CommandResult): boolean => exitCode === 0 || exitCode === 1;

/** Of rpm(8): as many as are not installed; where it cannot read its database it says that of all, and an error before it. */
const rpmAnswered = ({ exitCode, stdout, stderr }: CommandResult): boolean => {
  const lines = `${stdout}\n${stderr}`.split('\n');
  if (lines.some((line) => line.startsWith('error: '))) return false;
  return exitCode === lines.filter((line) => /^(?:package|file) .* is not /.test(line)).length;
};

/**
 * @returns its standard output
 * @throws StepFailed `packages-unread`: that it tells of none does not mean that there is none
 */
export async function askPackages(
  { host }: Pick<StepContext, 'host'>,
  argv: readonly ['dpkg-query' | 'rpm', ...string[]],
): Promise<string> {
  const ran = await host.run(argv, { withinMs: LOOK_MS, env: { LC_ALL: 'C' } });
  const [resource] = argv;
  if ((resource === 'rpm' ? rpmAnswered : dpkgAnswered)(ran)) return ran.stdout;
  const { reason, detail } = saidBy(ran);
  const message = `${resource} cannot tell which packages are installed: ${reason}`;
  throw new StepFailed('packages-unread', message, { resource, detail });
}
