// An agent's machine in memory whose commands run on a test host: for steps that do nothing but run some.
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandOptions, CommandResult } from '../../../agent/host/host.ts';
import { FakeHost } from '../../support/fake-host.ts';
import type { TestHost } from './host.ts';

/** In real time. */
export class CommandsOn extends FakeHost {
  readonly #host: TestHost;
  constructor(host: TestHost) {
    super();
    this.#host = host;
  }
  override async run(argv: readonly [string, ...string[]], options: CommandOptions): Promise<CommandResult> {
    const environment = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
    const { exitCode, output } = await this.#host.exec(['env', ...environment, ...argv]);
    return { exitCode, stdout: output, stderr: '' };
  }
  override async wait(ms: number, signal?: AbortSignal): Promise<void> {
    await delay(ms, undefined, { signal });
  }
  override nowMs = (): number => Date.now();
}
