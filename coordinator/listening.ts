// Turns what keeps a listener from its port into one line that names the setting to change.
import { Conflict } from '../shared/errors.ts';

/** By its settings: `rest` is rest-host and rest-port; the enrolment listener shares grpc-host. */
export interface Listener {
  port: { setting: string; number: number };
  host: { setting: string; address: string };
}

const howToSet = (setting: string): string =>
  `--${setting} or RINGMASTER_${setting.toUpperCase().replaceAll('-', '_')}`;

/** The system's word; grpc-js has it in its text only. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return /\b(EADDRINUSE|EACCES|EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN)\b/.exec(error.message)?.[1] ?? '';
}

/** @throws Conflict for a port or an address that cannot be had; what else `listen` throws as it is */
export async function listening<T>({ port, host }: Listener, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const at = `${host.address}:${port.number}`;
    switch (codeOf(error)) {
      case 'EADDRINUSE':
        throw new Conflict(
          `${port.setting}: ${at} is in use: choose another port with ${howToSet(port.setting)}`,
          [],
          error,
        );
      case 'EACCES':
        throw new Conflict(
          `${port.setting}: this user may not listen on ${at}: choose another port with ${howToSet(port.setting)}`,
          [],
          error,
        );
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        throw new Conflict(
          `${host.setting}: ${host.address} is no address of this machine: choose one with ${howToSet(host.setting)}`,
          [],
          error,
        );
      default:
        throw error;
    }
  }
}
