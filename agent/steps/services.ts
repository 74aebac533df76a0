// Starting and stopping the database node's service, by systemd or by its own script. What came of it the caller sees in the process.
import { StepFailed } from '../../shared/errors.ts';
import { isLooking } from '../../shared/looking.ts';
import type { CommandResult, Host } from '../host/host.ts';
import type { StepContext } from './step.ts';
import { ticking } from './waiting.ts';

const LOOK_MS = 30_000;
const BOOTED_AT = '/run/systemd/system';

const run = (
  context: StepContext,
  argv: readonly [string, ...string[]],
  withinMs = LOOK_MS,
): Promise<CommandResult> => ticking(context, context.host.run(argv, { withinMs, env: { LC_ALL: 'C' } }));

/** null: it took longer */
async function runAtMost(
  context: StepContext,
  argv: readonly [string, ...string[]],
  withinMs: number,
): Promise<CommandResult | null> {
  try {
    return await run(context, argv, withinMs);
  } catch (cause) {
    if (cause instanceof StepFailed && cause.subtype === 'command-timed-out') return null;
    throw cause;
  }
}

/** sd_booted(3) */
export const hasSystemd = ({ host }: { host: Pick<Host, 'exists'> }): Promise<boolean> =>
  host.exists(BOOTED_AT);

/** What systemd knows of a unit, in its own words: properties of org.freedesktop.systemd1(5). */
export type UnitState = Readonly<
  Record<'LoadState' | 'ActiveState' | 'SubState' | 'Result' | 'UnitFileState' | 'Job', string>
>;

async function unitState(context: StepContext, service: string): Promise<UnitState> {
  const properties = '--property=LoadState,ActiveState,SubState,Result,UnitFileState,Job,NeedDaemonReload';
  const show = async () => {
    const { stdout } = await run(context, ['systemctl', 'show', properties, '--', `${service}.service`]);
    return Object.fromEntries(stdout.split('\n').map((line) => line.split(/=(.*)/s, 2))) as Record<
      string,
      string
    >;
  };
  let state = await show();
  // It would put what an operator edits just now in force, so whoever only looks does not. An init script that came with a package whose scripts told nobody is a unit only then.
  const isStale = state['LoadState'] === 'not-found' || state['NeedDaemonReload'] === 'yes';
  if (isStale && !isLooking(context.input)) {
    await reloadUnits(context);
    state = await show();
  }
  const {
    LoadState = '',
    ActiveState = '',
    SubState = '',
    Result = '',
    UnitFileState = '',
    Job = '',
  } = state;
  return { LoadState, ActiveState, SubState, Result, UnitFileState, Job };
}

/** @throws StepFailed `service-masked`, `service-missing`: nobody could start it; `onward` ends what they say */
async function checkUnit(context: StepContext, service: string, onward = ''): Promise<UnitState> {
  const state = await unitState(context, service);
  const resource = `${service}.service`;
  if (state.LoadState === 'masked') {
    // One that lasts until the next boot is not taken away with the others; agents held services down by it, once.
    const [until, unmask] =
      state.UnitFileState === 'masked-runtime'
        ? [
            ' until its next boot, by an operator or by an earlier agent that ended in the middle of an installation',
            'unmask --runtime',
          ]
        : ['', 'unmask'];
    const message = `${resource} is masked on this host${until}: \`systemctl ${unmask} ${resource}\` allows it to be started${onward}`;
    throw new StepFailed('service-masked', message, { resource });
  }
  if (state.LoadState === 'not-found')
    throw new StepFailed('service-missing', `There is no ${resource} on this host${onward}`, { resource });
  return state;
}

/** For those that look before anything else is done. */
export const UNTOUCHED = '; nothing was stopped or changed';

/** Before anything is stopped: whether the service could be started again. @throws StepFailed as `checkUnit` */
export async function checkService(context: StepContext, service: string, onward = ''): Promise<void> {
  if (await hasSystemd(context)) await checkUnit(context, service, onward);
  else if (!(await context.host.exists(`/etc/init.d/${service}`)))
    throw new StepFailed('service-missing', `There is no /etc/init.d/${service}${onward}`, {
      resource: `/etc/init.d/${service}`,
    });
}

/** By whoever asked for it, as a boot of the host does, which also has units wait for their turn. */
export async function isServiceStarting(context: StepContext, service: string): Promise<boolean> {
  if (!(await hasSystemd(context))) return false;
  const { ActiveState, SubState, Job } = await unitState(context, service);
  if (ActiveState === 'activating') return SubState !== 'auto-restart'; // that is one which has just died
  return /^[1-9]/.test(Job) && ['inactive', 'failed'].includes(ActiveState);
}

/** Of a start that ended as none. */
export interface RefusedStart {
  /** when it was asked for, by the wall clock */
  sinceMs: number;
  exitCode: number;
  output: string;
  /** how systemd has it; null: there is no systemd */
  result: string | null;
}

export interface Asked {
  /** how the service manager puts it; not to be relied on */
  said: Record<string, unknown>;
  /** why systemd had the unit as failed until then, in its words; null when it had not, or there is no systemd */
  hadFailed: string | null;
  /** it came to no end in time: it may be at it still, or hang once the node runs */
  isSlow: boolean;
  /** null: the service manager has nothing against it */
  refused: RefusedStart | null;
}

const outputOf = ({ stderr, stdout }: CommandResult): string => `${stderr}\n${stdout}`.trim().slice(-500);

const wordsOf = (ran: CommandResult | null, state: UnitState | null): Asked['said'] => ({
  'exit-code': ran?.exitCode ?? null,
  output: ran === null ? 'it took too long' : outputOf(ran),
  ...(state === null
    ? {}
    : { 'active-state': state.ActiveState, 'sub-state': state.SubState, result: state.Result }),
});

function refusedBy(ran: CommandResult | null, state: UnitState | null, sinceMs: number): RefusedStart | null {
  if (ran === null || ran.exitCode === 0) return null;
  return { sinceMs, exitCode: ran.exitCode, output: outputOf(ran), result: state?.Result ?? null };
}

/**
 * Asks for a start, of a node that is known not to run. A unit made of an init script is `active` long after its process has
 * been killed, and to start it then does nothing; one that failed too often is not started until that is forgotten.
 * @throws StepFailed `service-masked`, `service-missing`
 */
export async function startService(context: StepContext, service: string, withinMs: number): Promise<Asked> {
  if (!(await hasSystemd(context))) {
    const script = `/etc/init.d/${service}`;
    await runAtMost(context, [script, 'stop'], withinMs); // start-stop-daemon(8) refuses over the pid file of one that was killed
    const sinceMs = context.host.nowMs();
    const ran = await runAtMost(context, [script, 'start'], withinMs);
    return {
      said: wordsOf(ran, null),
      hadFailed: null,
      isSlow: ran === null,
      refused: refusedBy(ran, null, sinceMs),
    };
  }
  const { ActiveState, Result } = await checkUnit(context, service);
  const unit = `${service}.service`;
  if (ActiveState !== 'inactive') await runAtMost(context, ['systemctl', 'stop', '--', unit], withinMs);
  await run(context, ['systemctl', 'reset-failed', '--', unit]);
  const sinceMs = context.host.nowMs();
  const ran = await runAtMost(context, ['systemctl', 'start', '--', unit], withinMs);
  const state = await unitState(context, service);
  return {
    said: wordsOf(ran, state),
    refused: refusedBy(ran, state, sinceMs),
    hadFailed: ActiveState === 'failed' ? Result : null,
    isSlow: ran === null,
  };
}

/** Asks for a stop; whether the process is gone is for the caller to see. @throws StepFailed `command-timed-out` */
export async function stopService(context: StepContext, service: string, withinMs: number): Promise<void> {
  const argv: [string, ...string[]] = (await hasSystemd(context))
    ? ['systemctl', 'stop', '--', `${service}.service`]
    : [`/etc/init.d/${service}`, 'stop'];
  await run(context, argv, withinMs);
}

/** After a file beside a unit was written or removed. */
export const reloadUnits = async (context: StepContext): Promise<void> => {
  await run(context, ['systemctl', 'daemon-reload']);
};
