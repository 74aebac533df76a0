// Restart: ask for leave, close the node to clients, drain, stop, start, see it back in its ring, and let it settle.
import { awaitLeave } from '../steps/await-leave.ts';
import { awaitNativePort } from '../steps/await-native-port.ts';
import { awaitPeers } from '../steps/await-peers.ts';
import { awaitSettling } from '../steps/await-settling.ts';
import { byFiles, readServing, readServingAgain } from '../steps/by-files.ts';
import { checkRestart } from '../steps/check-restart.ts';
import { checkStale } from '../steps/check-stale.ts';
import { drainNode } from '../steps/drain-node.ts';
import { gatherFacts, lookAgain } from '../steps/gather-facts.ts';
import { startNode } from '../steps/start-node.ts';
import type { Recipe, Step } from '../steps/step.ts';
import { stopNativeTransport } from '../steps/stop-native-transport.ts';
import { stopNode } from '../steps/stop-node.ts';
import { validateFiles, validateFilesAgain } from '../steps/validate-files.ts';

const afterLeave: readonly Step[] = [
  checkRestart,
  stopNativeTransport,
  drainNode,
  stopNode,
  startNode,
  awaitNativePort,
  awaitPeers,
  awaitSettling,
  lookAgain,
];

/** From a node that serves to the same node serving again; the steps that stop it look first whether it has to be. */
export const restartPart: readonly Step[] = [awaitLeave, ...afterLeave];

/** Writes no files, and so goes by those that are there, once its version has tried them where it does not run with them. */
const byOwnFiles = (...looks: Step[]): readonly Step[] => [
  readServing,
  ...[gatherFacts, ...looks, validateFiles, awaitLeave].map(byFiles),
  readServingAgain,
  ...[validateFilesAgain, ...afterLeave].map(byFiles),
];

/** @see seed, "Restart": "Does a rolling restart of the nodes specified" */
export const restart: Recipe = () => byOwnFiles();

/** The same, of a node that does not run with what is there; another is left running. */
export const restartStale: Recipe = () => byOwnFiles(checkStale);
