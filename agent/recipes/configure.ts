// Configure: write the configuration files, then restart the node, or do so only where it is stale.
import { checkJava } from '../steps/check-java.ts';
import { checkStale } from '../steps/check-stale.ts';
import { gatherFacts } from '../steps/gather-facts.ts';
import type { Recipe } from '../steps/step.ts';
import { writeConfigFiles } from '../steps/write-config-files.ts';
import { restartPart } from './restart.ts';

/** @see seed, "Configure": "pushes the current configs to the managed nodes and restarts them" */
export const configure: Recipe = () => [gatherFacts, checkJava, writeConfigFiles, ...restartPart];

export const configureStale: Recipe = () => [
  gatherFacts,
  checkJava,
  writeConfigFiles,
  checkStale,
  ...restartPart,
];
