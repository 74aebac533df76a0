// Upgrade: have a later patch version ready beside the one that runs, then change over, one restart away from going back.
import { StepFailed } from '../../shared/errors.ts';
import { layoutOf } from '../products/index.ts';
import { awaitLeave } from '../steps/await-leave.ts';
import { awaitNativePort } from '../steps/await-native-port.ts';
import { awaitPeers } from '../steps/await-peers.ts';
import { checkJava } from '../steps/check-java.ts';
import { checkUnpacked } from '../steps/check-unpacked.ts';
import { checkUpgrade } from '../steps/check-upgrade.ts';
import { drainNode } from '../steps/drain-node.ts';
import { fetchTarball } from '../steps/fetch-tarball.ts';
import { gatherFacts } from '../steps/gather-facts.ts';
import { keepVersion } from '../steps/keep-version.ts';
import { removeOldVersions } from '../steps/remove-old-versions.ts';
import { startNode } from '../steps/start-node.ts';
import type { Recipe, Step } from '../steps/step.ts';
import { stopNativeTransport } from '../steps/stop-native-transport.ts';
import { stopNode } from '../steps/stop-node.ts';
import { takeSnapshot } from '../steps/take-snapshot.ts';
import { unpackTarball } from '../steps/unpack-tarball.ts';
import { dueUpgrade } from '../steps/upgrade-need.ts';
import { writeConfigFiles } from '../steps/write-config-files.ts';

/** Once the old version is being stopped, the new one is seen up and noted, whoever asks the run to stop. */
const untilKept = (step: Step): Step => ({ ...step, mustReach: keepVersion.name });

/** A new version that does not come up: its failure says how to go back to the old one, of which nothing was touched. */
const orBack = (step: Step): Step => ({
  ...step,
  async *run(context) {
    try {
      return yield* step.run(context);
    } catch (cause) {
      const upgrade = dueUpgrade(context);
      if (!(cause instanceof StepFailed) || upgrade === null) throw cause;
      const { from, to } = upgrade;
      const { home } = layoutOf({ ...context.input, version: from });
      const back = `To go back, set the datastax-version of this node's config profile to ${from} and restart the node: ${home} is as it was, and ${to} is not noted as installed`;
      throw new StepFailed(cause.subtype, `${cause.message}. ${back}`, {
        resource: cause.resource,
        detail: { ...cause.detail, back: { version: from, home } },
        cause,
      });
    }
  },
});

/** All that may fail does so while the old version serves: its files are never written, and each version has its own. */
export const upgrade: Recipe = () => [
  gatherFacts,
  checkUpgrade,
  fetchTarball,
  checkJava,
  unpackTarball,
  checkUnpacked,
  writeConfigFiles,
  takeSnapshot,
  awaitLeave,
  untilKept(stopNativeTransport),
  untilKept(drainNode),
  untilKept(stopNode),
  untilKept(orBack(startNode)),
  orBack(awaitNativePort),
  keepVersion,
  awaitPeers,
  removeOldVersions,
];
