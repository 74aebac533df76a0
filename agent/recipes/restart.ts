// Restart: close the node to clients, drain, stop, start, and see it back in its ring.
import { awaitNativePort } from '../steps/await-native-port.ts';
import { awaitPeers } from '../steps/await-peers.ts';
import { drainNode } from '../steps/drain-node.ts';
import { gatherFacts } from '../steps/gather-facts.ts';
import { startNode } from '../steps/start-node.ts';
import type { Recipe } from '../steps/step.ts';
import { stopNativeTransport } from '../steps/stop-native-transport.ts';
import { stopNode } from '../steps/stop-node.ts';

/** @see seed, "Restart": "Does a rolling restart of the nodes specified" */
export const restart: Recipe = () => [
  gatherFacts,
  stopNativeTransport,
  drainNode,
  stopNode,
  startNode,
  awaitNativePort,
  awaitPeers,
];
