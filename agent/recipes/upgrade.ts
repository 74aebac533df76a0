// Upgrade: have a later version ready while the one that runs serves, then change over; a failure after that says how to go back.
import { StepFailed } from '../../shared/errors.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { layoutOf } from '../products/index.ts';
import { awaitLeave } from '../steps/await-leave.ts';
import { awaitNativePort } from '../steps/await-native-port.ts';
import { awaitPeers } from '../steps/await-peers.ts';
import { awaitSettling } from '../steps/await-settling.ts';
import { checkJava } from '../steps/check-java.ts';
import { checkRestart } from '../steps/check-restart.ts';
import { checkUnpacked } from '../steps/check-unpacked.ts';
import { checkPackageUpgrade, checkUpgrade } from '../steps/check-upgrade.ts';
import { drainNode } from '../steps/drain-node.ts';
import { fetchPackages } from '../steps/fetch-packages.ts';
import { fetchTarball } from '../steps/fetch-tarball.ts';
import { gatherFacts, installedOf, lookAgain } from '../steps/gather-facts.ts';
import { keepPackages } from '../steps/keep-packages.ts';
import { keepPackageVersion, keepVersion, restoring } from '../steps/keep-version.ts';
import { packageManagerOf } from '../steps/package-managers.ts';
import { removeOldVersions } from '../steps/remove-old-versions.ts';
import { replacePackages } from '../steps/replace-packages.ts';
import { setUpRepository } from '../steps/set-up-repository.ts';
import { startNode } from '../steps/start-node.ts';
import type { Recipe, Step, StepContext } from '../steps/step.ts';
import { stopNativeTransport } from '../steps/stop-native-transport.ts';
import { stopNode } from '../steps/stop-node.ts';
import { takeSnapshot } from '../steps/take-snapshot.ts';
import { unpackTarball } from '../steps/unpack-tarball.ts';
import { dueUpgrade, fetchedPackages, isMajor, type Upgrade } from '../steps/upgrade-need.ts';
import { upgradeSstables } from '../steps/upgrade-sstables.ts';
import { validateConfig } from '../steps/validate-config.ts';
import { checkConfigFiles, writeConfigFiles } from '../steps/write-config-files.ts';

/** Once the old version is being stopped, the new one is seen up and noted, whoever asks the run to stop. */
const untilKept = (step: Step): Step => ({ ...step, mustReach: keepVersion.name });

/** What an operator does to go back, and the same for programs. */
interface WayBack {
  words: string;
  detail: Record<string, unknown>;
}

/** null: none is left */
type Back = (context: StepContext, upgrade: Upgrade) => Promise<WayBack | null>;

/** Of a tarball nothing of the old version was touched. Once the new one has served it is noted, and starts again after a reboot. */
async function backByRestart(context: StepContext, { from, to }: Upgrade): Promise<WayBack | null> {
  const { input } = context;
  if ((await installedOf(context))?.version === to) return null;
  const { home } = layoutOf({ ...input, version: from });
  return {
    words: `set the datastax-version of this node's config profile to ${from} and restart the node: ${home} is as it was, and ${input.version} is not noted as installed`,
    detail: { version: from, home },
  };
}

/** Of packages the old ones have to be got anew. */
async function backByPackages(context: StepContext, { from }: Upgrade): Promise<WayBack | null> {
  const { old, isOldOffered } = fetchedPackages(context) ?? { old: {}, isOldOffered: false };
  const { commands } = await packageManagerOf(context);
  const command = commands.goBack(new Map(Object.entries(old)));
  const whence = isOldOffered
    ? 'the repository has that version'
    : 'the repository no longer has that version, so its packages have to come from elsewhere';
  return {
    words: `set the datastax-version of this node's config profile to ${from}, run \`${command}\` on this host (${whence}), and then a configure of the node`,
    detail: { version: from, command, 'is-offered': isOldOffered },
  };
}

/** Once the new version was started: of another series there is none. */
const onceStarted =
  (back: Back): Back =>
  async (context, upgrade) => {
    const way = await back(context, upgrade);
    if (way === null || !isMajor(context, upgrade)) return way;
    return {
      ...way,
      words: `restore the data first, since ${restoring(context, upgrade)}. Then ${way.words}`,
    };
  };

/** A new version that does not come up: its failure says how to go back to the old one. */
const orBack =
  (back: Back) =>
  (step: Step): Step => ({
    ...step,
    async *run(context) {
      try {
        return yield* step.run(context);
      } catch (cause) {
        const upgrade = dueUpgrade(context);
        if (!(cause instanceof StepFailed) || upgrade === null) throw cause;
        const way = await back(context, upgrade);
        if (way === null) throw cause;
        const { words, detail } = way;
        throw new StepFailed(cause.subtype, `${cause.message}. To go back, ${words}`, {
          resource: cause.resource,
          detail: { ...cause.detail, back: detail },
          traceback: cause.traceback,
          cause,
        });
      }
    },
  });

const stopPart = [checkRestart, ...[stopNativeTransport, drainNode, stopNode].map(untilKept)] as const;
const startPart = (back: Back): readonly Step[] => [
  untilKept(orBack(onceStarted(back))(startNode)),
  orBack(onceStarted(back))(awaitNativePort),
];

/** All that may fail does so while the old version serves. */
const UPGRADE = {
  // each version has files of its own, so that all of the new one is there before the stop
  tarball: [
    checkUpgrade,
    fetchTarball,
    checkJava,
    unpackTarball,
    checkUnpacked,
    validateConfig,
    writeConfigFiles,
    takeSnapshot,
    awaitLeave,
    ...stopPart,
    ...startPart(backByRestart),
    keepVersion,
    awaitPeers,
    awaitSettling,
    removeOldVersions,
    upgradeSstables,
  ],
  // one version's files take the place of the other's, so that they can be written after the stop alone
  package: [
    checkPackageUpgrade,
    setUpRepository,
    fetchPackages,
    checkJava,
    checkConfigFiles,
    takeSnapshot,
    awaitLeave,
    keepPackages,
    ...stopPart,
    ...[replacePackages, writeConfigFiles].map((step) => untilKept(orBack(backByPackages)(step))),
    ...startPart(backByPackages),
    keepPackageVersion,
    awaitPeers,
    awaitSettling,
    upgradeSstables,
  ],
} satisfies Record<RunInput['install']['type'], readonly Step[]>;

export const upgrade: Recipe = ({ install: { type } }) => [gatherFacts, ...UPGRADE[type], lookAgain];
