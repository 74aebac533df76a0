// What steps ask of whoever installs packages on a host.
import type { StepEvent } from '../../shared/events.ts';
import type { WantedPackages } from '../packages/apt-plan.ts';
import type { PackageState } from '../packages/dpkg-states.ts';
import type { Step, StepContext } from './step.ts';

type Names = readonly [string, ...string[]];

export interface PackageManager {
  name: 'apt' | 'dnf';
  /** Of these packages those that it has heard of. @throws StepFailed `packages-unread` */
  states(context: Pick<StepContext, 'host'>, names: Names): Promise<Map<string, PackageState>>;
  /** Has it know what the repository has now. */
  readRepository(context: StepContext): AsyncGenerator<StepEvent, void, void>;
  /** Returns the versions that repositories have, by name, newest first. @throws StepFailed `packages-failed` when they cannot be read */
  offered(context: StepContext, names: Names): AsyncGenerator<StepEvent, Map<string, string[]>, void>;
  /** Of the configuration files of these packages the digests that they came with, in hex, by absolute path. @throws StepFailed `packages-unread` */
  shippedDigests(context: Pick<StepContext, 'host'>, names: Names): Promise<Map<string, string>>;
  /** Installs these very versions, and changes nothing else. */
  install(wanted: WantedPackages): Step;
  /**
   * Has all at hand that an upgrade to these versions takes, once it is known to change nothing else; installs nothing of it.
   * @param directory its own, for what has no other place
   */
  download(
    context: StepContext,
    wanted: WantedPackages,
    directory: string,
  ): AsyncGenerator<StepEvent, void, void>;
  /** Simulates anew what `replace` would do with what was downloaded, some time before. @throws StepFailed what it would */
  rehearse(
    context: StepContext,
    wanted: WantedPackages,
    directory: string,
  ): AsyncGenerator<StepEvent, void, void>;
  /** The package that brought a file, and its exact version; null: none did. @param path absolute @throws StepFailed `packages-unread` */
  ownerOf(
    context: Pick<StepContext, 'host'>,
    path: string,
  ): Promise<readonly [name: string, version: string] | null>;
  /** The package of a version that is there, held or not, once more into a directory that is empty; installs nothing. */
  downloadAgain(
    context: StepContext,
    name: string,
    version: string,
    directory: string,
  ): AsyncGenerator<StepEvent, void, void>;
  /** The file of one that was downloaded. @throws StepFailed `package-not-kept` */
  archiveOf(
    context: Pick<StepContext, 'host'>,
    name: string,
    version: string,
    directory: string,
  ): Promise<string>;
  /** Of the shell, the file in `$package`: commands, each of which reads what the one before it wrote, and its files as an archive of tar at their end. */
  asTar: readonly string[];
  /** As `install`, in place of other versions of them, from what was downloaded. */
  replace(wanted: WantedPackages, directory: string): Step;
  /** What an operator enters, who is told to. */
  commands: {
    /** have files of a package back that were removed */
    reinstall(name: string): string;
    /** finish what was left half-way: one after the other */
    finish(broken: ReadonlyMap<string, PackageState>): readonly string[];
    /** these versions in place of later ones */
    goBack(packages: WantedPackages): string;
  };
}
