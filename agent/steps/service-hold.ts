// Keeps a database node that packages bring from being started before it is configured, by their scripts or a boot of the host.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import type { Host } from '../host/host.ts';
import { layoutOf } from '../products/index.ts';
import { checkService, hasSystemd, reloadUnits, UNTOUCHED } from './services.ts';
import { jobOf, type StepContext } from './step.ts';

/**
 * A file of ours beside the unit, and no mask: that would be nothing where an operator's own unit stands in /etc, and could not be
 * told from an operator's own mask, which stays.
 */
const holdOf = (service: string): string => `/etc/systemd/system/${service}.service.d/ringmaster-hold.conf`;

const HOLD = `# Packages were installed here, and Ringmaster has not written their configuration yet: the job that does removes this file.
# To start the service without: remove this file, then systemctl daemon-reload.
[Unit]
ConditionPathExists=!/
`;

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_BEGINS = '#!/bin/sh\n# While Ringmaster installs';
/** invoke-rc.d(8): 101, the action is forbidden. Options may come before the name of the service. */
const forbidding = (service: string): string => `${POLICY_BEGINS}: the node is started once it is configured.
for word; do
  if [ "$word" = ${service} ]; then exit 101; fi
done
`;

/** Where alternatives(7) manage it, it is a link, and that is nothing of ours. */
const isOurPolicy = async (host: Pick<Host, 'readText'>): Promise<boolean> => {
  const text = await host.readText(POLICY).catch((cause: unknown) => {
    if (cause instanceof StepFailed && cause.subtype === 'symlink-refused') return null;
    throw cause;
  });
  return text?.startsWith(POLICY_BEGINS) === true;
};

/**
 * Until `letServiceStart`, whatever becomes of this run. Without systemd it is the scripts of packages alone that are told, and
 * no boot.
 */
export async function holdServiceDown(context: StepContext, service: string): Promise<void> {
  const { host } = context;
  if (await hasSystemd(context)) {
    await host.ensureDirectory(posix.dirname(holdOf(service)), 0o755);
    await host.replaceText(holdOf(service), HOLD);
    await reloadUnits(context);
  } else if (!(await host.exists(POLICY)) || (await isOurPolicy(host)))
    await host.replaceText(POLICY, forbidding(service), 0o755); // an operator's own stays
}

/** Of what an operator has done against a start nothing is undone. */
export async function letServiceStart(context: StepContext, service: string): Promise<void> {
  const { host } = context;
  if (!(await hasSystemd(context))) {
    if (await isOurPolicy(host)) await host.remove(POLICY);
  } else if (await host.exists(holdOf(service))) {
    await host.remove(holdOf(service));
    await reloadUnits(context);
  }
}

export const isHeldDown = async (
  host: Pick<Host, 'exists' | 'readText'>,
  service: string,
): Promise<boolean> => ((await hasSystemd({ host })) ? host.exists(holdOf(service)) : isOurPolicy(host));

/** A dpkg that was killed takes the unit away, and puts it back last. */
async function hasUnit(context: StepContext, service: string): Promise<boolean> {
  try {
    await checkService(context, service, UNTOUCHED);
    return true;
  } catch (cause) {
    if (cause instanceof StepFailed && cause.subtype === 'service-missing') return false;
    throw cause;
  }
}

/** @throws StepFailed `service-held` where a restart would start what nobody has configured, or packages came half-way alone */
export async function checkNotHeld(context: StepContext): Promise<void> {
  const { host, input } = context;
  const { service } = layoutOf(input);
  if (service === null || !(await isHeldDown(host, service))) return;
  if (!(await hasUnit(context, service)))
    throw new StepFailed(
      'service-held',
      `The service ${service} is held down, and is not there: the job that was to install its packages was cut short, and left them half-installed. Run that job, or an install, again: it finishes the packages, and starts the node`,
      { resource: service },
    );
  if (jobOf(input) !== 'restart') return;
  throw new StepFailed(
    'service-held',
    `The service ${service} is held down, since packages were installed and a job failed before it had written their configuration: run that job or a configure, which starts the node; a restart does not`,
    { resource: service },
  );
}
