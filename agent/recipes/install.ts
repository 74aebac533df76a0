// Install: get and unpack the product, write its configuration, and have it run; a second install changes nothing.
import { changeDefaultPassword } from '../steps/change-default-password.ts';
import { checkJava } from '../steps/check-java.ts';
import { fetchTarball } from '../steps/fetch-tarball.ts';
import { gatherFacts } from '../steps/gather-facts.ts';
import { makeDirectories } from '../steps/make-directories.ts';
import type { Recipe } from '../steps/step.ts';
import { unpackTarball } from '../steps/unpack-tarball.ts';
import { writeConfigFiles } from '../steps/write-config-files.ts';
import { restartPart } from './restart.ts';

/** The steps that stop the node look first: one that runs with this very configuration is left running. */
export const install: Recipe = () => [
  gatherFacts,
  fetchTarball,
  checkJava,
  unpackTarball,
  makeDirectories,
  writeConfigFiles,
  ...restartPart,
  changeDefaultPassword,
];
