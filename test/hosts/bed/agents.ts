// The built agent on hosts of a bed: shown to them from this check-out, enrolled, and run by their systemd.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestHost } from './host.ts';

/** From source or built, this file lies in test/hosts/bed of it. */
const above = (path: string): string =>
  existsSync(join(path, 'node_modules')) ? path : above(dirname(path));
const CHECKOUT = above(dirname(fileURLToPath(import.meta.url)));
const HOME = '/opt/ringmaster';

/** For `startHosts`: what an agent needs of the machine, at the paths where its unit looks for it. */
export const AGENT_FILES: Readonly<Record<string, string>> = {
  '/usr/local/bin/node': process.execPath,
  [`${HOME}/package.json`]: join(CHECKOUT, 'package.json'),
  [`${HOME}/node_modules`]: join(CHECKOUT, 'node_modules'),
  [`${HOME}/proto`]: join(CHECKOUT, 'proto'),
  [`${HOME}/dist`]: join(CHECKOUT, 'dist'),
};

const PROGRAM = [`${HOME}/dist/agent/ringmaster-agent`, 'run'] as const;
const ENVIRONMENT = [
  'RINGMASTER_AGENT_DATA_DIR=/var/lib/ringmaster-agent',
  'RINGMASTER_ENROLMENT=/etc/ringmaster-enrolment',
] as const;

/** Of how it is started anew nothing: tests end it, and start it when it is time. */
const NOT_TAKEN = /^(?:#.*|ExecStart=.*|Restart\w*=.*|SuccessExitStatus=.*)\n/gm;

/** What our package's own unit gives an agent and takes from it: what jobs do on hosts has to be possible under that. */
function unit(): string {
  const packaged = readFileSync(join(CHECKOUT, '.config/package/agent/ringmaster-agent.service'), 'utf8');
  const [, service] = /^(\[Service\]\n[\s\S]*)^\[Install\]/m.exec(packaged) ?? [];
  if (service === undefined) throw new Error('the unit of the agent has no section [Service]');
  const lines = [`ExecStart=${PROGRAM.join(' ')}`, ...ENVIRONMENT.map((word) => `Environment=${word}`)];
  return `${service.replaceAll(NOT_TAKEN, '').trimEnd()}\n${lines.join('\n')}\n`;
}

const LOG = '/var/log/ringmaster-agent.log';
const BY_HAND = `exec setsid env "$@" >>${LOG} 2>&1 </dev/null &`;

/** @param bundle as the coordinator gave it for the node */
export async function startAgent(host: TestHost, bundle: string): Promise<void> {
  await host.put('/etc/ringmaster-enrolment', bundle, 0o600);
  if (!host.hasSystemd) {
    await host.run(['sh', '-c', BY_HAND, 'sh', ...ENVIRONMENT, ...PROGRAM]);
    return;
  }
  await host.put('/etc/systemd/system/ringmaster-agent.service', unit());
  await host.run(['systemctl', 'daemon-reload']);
  await host.run(['systemctl', 'start', 'ringmaster-agent']);
}

export const agentLog = async (host: TestHost): Promise<string> => {
  const argv: readonly [string, ...string[]] = host.hasSystemd
    ? ['journalctl', '--quiet', '--no-pager', '-u', 'ringmaster-agent', '-n', '40']
    : ['tail', '-n', '40', LOG];
  return (await host.exec(argv)).output;
};
