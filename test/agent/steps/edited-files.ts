// A node in memory that is restarted after somebody edited its files there, and what its version was asked and was told.
import { recipes } from '../../../agent/recipes/index.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { JavaHost } from '../../support/java-host.ts';
import { type DriveOptions, drive, inputFor } from './step-driver.ts';

export const TRIAL = 'RingmasterConfigTrial';

export class EditedFiles {
  readonly host = new JavaHost();
  /** `subtype: message` of each event */
  readonly told: string[] = [];

  run(given: Partial<RunInput> = {}, more: Partial<DriveOptions> = {}) {
    const input = inputFor('restart', '/srv/node1', given);
    const onEvent: DriveOptions['onEvent'] = ({ subtype, message }) =>
      void this.told.push(`${subtype}: ${message}`);
    return drive(recipes[input.recipe](input), { host: this.host, input, onEvent, ...more });
  }

  async edit(path: string, text: string): Promise<void> {
    await this.host.wait(1);
    this.host.files.set(path, text);
    this.host.changed.set(path, this.host.nowMs());
    await this.host.wait(1);
  }

  /** The command lines with which its version was asked. */
  loads = (): (readonly string[])[] => this.host.ran.filter((argv) => argv.includes(TRIAL));
}
