// Install: get and unpack the product, write its configuration, and have it run; a second install changes nothing.
import { awaitNativePort } from '../steps/await-native-port.ts';
import { awaitPeers } from '../steps/await-peers.ts';
import { changeDefaultPassword } from '../steps/change-default-password.ts';
import { checkJava } from '../steps/check-java.ts';
import { drainNode } from '../steps/drain-node.ts';
import { fetchTarball } from '../steps/fetch-tarball.ts';
import { gatherFacts } from '../steps/gather-facts.ts';
import { makeDirectories } from '../steps/make-directories.ts';
import { startNode } from '../steps/start-node.ts';
import type { Recipe } from '../steps/step.ts';
import { stopNativeTransport } from '../steps/stop-native-transport.ts';
import { stopNode } from '../steps/stop-node.ts';
import { unpackTarball } from '../steps/unpack-tarball.ts';
import { writeConfigFiles } from '../steps/write-config-files.ts';

/** The steps that stop the node look first: one that runs with this very configuration is left running. */
export const install: Recipe = () => [
  gatherFacts,
  fetchTarball,
  checkJava,
  unpackTarball,
  makeDirectories,
  writeConfigFiles,
  stopNativeTransport,
  drainNode,
  stopNode,
  startNode,
  awaitNativePort,
  awaitPeers,
  changeDefaultPassword,
];
