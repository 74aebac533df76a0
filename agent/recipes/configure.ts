// Configure: write the configuration files, then restart the node.
import { awaitNativePort } from '../steps/await-native-port.ts';
import { awaitPeers } from '../steps/await-peers.ts';
import { checkJava } from '../steps/check-java.ts';
import { drainNode } from '../steps/drain-node.ts';
import { gatherFacts } from '../steps/gather-facts.ts';
import { startNode } from '../steps/start-node.ts';
import type { Recipe } from '../steps/step.ts';
import { stopNativeTransport } from '../steps/stop-native-transport.ts';
import { stopNode } from '../steps/stop-node.ts';
import { writeConfigFiles } from '../steps/write-config-files.ts';

/** @see seed, "Configure": "pushes the current configs to the managed nodes and restarts them" */
export const configure: Recipe = () => [
  gatherFacts,
  checkJava,
  writeConfigFiles,
  stopNativeTransport,
  drainNode,
  stopNode,
  startNode,
  awaitNativePort,
  awaitPeers,
];
