// Runs apt-get, dpkg, dnf or rpm once nobody else does, and says why it would not.
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { lockHolderIn } from '../../shared/package-lock.ts';
import type { CommandOptions, CommandResult } from '../host/host.ts';
import { SOURCE_LIST } from '../packages/repository-names.ts';
import type { StepContext } from './step.ts';
import { looked } from './telling.ts';
import { leaving, ticking } from './waiting.ts';

/** Longer than any package takes: dpkg that is killed half-way leaves a mess, so this is a last resort. */
const INSTALL_MS = 1_800_000;
/** Unattended upgrades take minutes, and are done then. */
const LOCK_MS = 600_000;
const LOCK_POLL_MS = 2_000;

const ENV = {
  DEBIAN_FRONTEND: 'noninteractive',
  // What hooks into apt on many hosts: one restarts services by itself, the database node's among them, the other shows changes and may ask.
  NEEDRESTART_SUSPEND: '1',
  APT_LISTCHANGES_FRONTEND: 'none',
  LC_ALL: 'C',
};

const lockOf = (program: string): string =>
  program === 'dnf' || program === 'rpm' ? '/var/lib/rpm/.rpm.lock' : '/var/lib/dpkg/lock-frontend';

const NO_SUCH =
  /^(?:E: (?:Unable to locate package|Version '.*' for '.*' was not found|Package '.*' has no installation)|Error: Unable to find a match)/m;

/**
 * Runs one of them once nobody else does; returns how it ended. A stop is heard while it waits, and not once it works, unless
 * by a signal of `options`.
 * @param isDone whether it did what it was to do: by its exit code unless told
 * @throws StepFailed `package-manager-locked`, or what the command ended with
 */
export async function* underLock(
  context: StepContext,
  argv: readonly [string, ...string[]],
  failing = `${argv[0]} could not install the packages`,
  isDone = ({ exitCode }: CommandResult): boolean => exitCode === 0,
  options: Pick<CommandOptions, 'withinMs' | 'signal' | 'cwd'> = { withinMs: INSTALL_MS },
): AsyncGenerator<StepEvent, CommandResult, void> {
  const { host } = context;
  const deadline = host.nowMs() + LOCK_MS;
  let told = '';
  for (;;) {
    leaving(context).throwIfAborted();
    const ran = await ticking(context, host.run(argv, { ...options, env: ENV }));
    if (isDone(ran)) return ran;
    const said = `${ran.stderr}\n${ran.stdout}`;
    const by = lockHolderIn(said);
    if (by === null) throw refusal(ran, failing);
    if (host.nowMs() >= deadline) {
      const message = `The package manager is locked by ${by}, for ${LOCK_MS / 1_000} s now`;
      throw new StepFailed('package-manager-locked', message, { resource: lockOf(argv[0]) });
    }
    if (by !== told) {
      const message = `Waiting for ${by}, which holds the package manager's lock`;
      yield looked('package-lock', message, { resource: lockOf(argv[0]) });
      told = by;
    }
    await host.wait(LOCK_POLL_MS, leaving(context));
  }
}

/** What cannot be had: dnf's words below a bare `Error:`, and apt's above its errors. */
const UNMET = /^ Problem(?: \d+)?: .*(?:\n {2}- .*)?|^ \S+ : (?:Pre-)?Depends: .*/m;

/** Said on hosts without apt-utils whatever becomes of the packages. */
const NO_REASON = /^debconf: delaying package configuration.*\n?/gm;

/** What cannot be had, else the first of its errors, else its last line; and of its errors the last. */
export function saidBy({ exitCode, stdout, stderr }: CommandResult) {
  const said = `${stdout}\n${stderr}`.replaceAll(NO_REASON, '');
  const lines = said
    .split('\n')
    .filter((line) => /^(E:|Error:|Error in |error:|dpkg(-query)?: error| installed .* script)/.test(line));
  const detail = { 'exit-code': exitCode, said: lines.slice(-10).map((line) => line.trim()) };
  const last = said.trimEnd().split('\n').at(-1) ?? '';
  const unmet = UNMET.exec(said)?.[0].replaceAll(/\s+/g, ' ');
  return { said, reason: (unmet ?? lines[0] ?? last).trim() || 'it did not say why', detail };
}

/** In apt's and dpkg's words, and as the code of a program that a signal ended. */
const KILLED =
  /^E: Sub-process \S+ (?:received|exited unexpectedly)|^E: dpkg was interrupted|subprocess was killed by signal/m;
const KILLED_EXIT = -1;

/** apt reads no list at all then, also none of its own repositories. */
const TWO_KEYS = 'Conflicting values set for option Signed-By';

export function refusal(ran: CommandResult, message: string): StepFailed {
  const { said, reason, detail } = saidBy(ran);
  if (said.includes('filtered out by exclude filtering')) {
    const held = `${message}: one of them is excluded or locked in the settings of dnf`;
    return new StepFailed('package-held', held, { detail });
  }
  if (NO_SUCH.test(said)) return new StepFailed('no-such-package', `${message}: ${reason}`, { detail });
  if (said.includes('Held packages were changed'))
    return new StepFailed('package-held', `${message}: one that would change is held`, { detail });
  const isKilled = ran.exitCode === KILLED_EXIT || KILLED.test(said);
  const again = isKilled
    ? '; it was killed: run the job again, which finishes whatever it left half-way'
    : '';
  const cure = said.includes(TWO_KEYS)
    ? `; apt changed nothing: another list has the same URL with another key. Remove that one, or set manual-repository-setup of the repository and remove ${SOURCE_LIST}`
    : '';
  return new StepFailed('packages-failed', `${message}: ${reason}${again}${cure}`, { detail });
}
