// What steps ask of whoever installs packages on a host.
import type { StepEvent } from '../../shared/events.ts';
import type { WantedPackages } from '../packages/apt-plan.ts';
import type { PackageState } from '../packages/dpkg-states.ts';
import type { Step, StepContext } from './step.ts';

type Names = readonly [string, ...string[]];

export interface PackageManager {
  name: 'apt' | 'dnf';
  /** Of these packages those that it has heard of. */
  states(context: Pick<StepContext, 'host'>, names: Names): Promise<Map<string, PackageState>>;
  /** Has it know what the repository has now. */
  readRepository(context: StepContext): AsyncGenerator<StepEvent, void, void>;
  /** Versions that repositories have, by name, newest first. */
  offered(context: StepContext, names: Names): Promise<Map<string, string[]>>;
  /** Of the configuration files of these packages the digests that they came with, in hex, by absolute path. */
  shippedDigests(context: Pick<StepContext, 'host'>, names: Names): Promise<Map<string, string>>;
  /** What an operator enters to have files back that were removed; without the package's exact name. */
  reinstalls: string;
  /** Installs these very versions, and changes nothing else. */
  install(wanted: WantedPackages): Step;
}
