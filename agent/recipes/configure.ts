// Configure: write the configuration files, then restart the node, or do so only where it is stale; and go back where it does not come back.
import type { RunInput } from '../../shared/run-input.ts';
import { again } from '../steps/again.ts';
import { awaitNativePort } from '../steps/await-native-port.ts';
import { awaitPeers } from '../steps/await-peers.ts';
import { checkJava } from '../steps/check-java.ts';
import { checkStale } from '../steps/check-stale.ts';
import { gatherFacts } from '../steps/gather-facts.ts';
import { recoverShippedFiles } from '../steps/recover-shipped-files.ts';
import { revertConfigFiles, tellReverted } from '../steps/revert-config-files.ts';
import { startNode } from '../steps/start-node.ts';
import type { Recipe, Step } from '../steps/step.ts';
import { stopNode } from '../steps/stop-node.ts';
import { validateConfig } from '../steps/validate-config.ts';
import { writeConfigFiles } from '../steps/write-config-files.ts';
import { restartPart } from './restart.ts';

const WRITE = {
  tarball: [validateConfig, writeConfigFiles],
  package: [recoverShippedFiles, validateConfig, writeConfigFiles],
} satisfies Record<RunInput['install']['type'], readonly Step[]>;

/** @see seed, "Configure": "pushes the current configs to the managed nodes and restarts them" */
export const configure: Recipe = ({ install: { type } }) => [
  gatherFacts,
  checkJava,
  ...WRITE[type],
  ...restartPart,
];

export const configureStale: Recipe = ({ install: { type } }) => [
  gatherFacts,
  checkJava,
  ...WRITE[type],
  checkStale,
  ...restartPart,
];

/** Once the node has not come back: its files as they were before, and the node started with them. */
const revertPart: readonly Step[] = [
  revertConfigFiles,
  again(stopNode),
  again(startNode),
  again(awaitNativePort),
  again(awaitPeers),
  tellReverted,
];

export const configureReverting: Recipe = (input) => [...configure(input), ...revertPart];
export const configureStaleReverting: Recipe = (input) => [...configureStale(input), ...revertPart];
