// Install: get the product, from a tarball or from packages, write its configuration, and have it run; a second install changes nothing.
import type { RunInput } from '../../shared/run-input.ts';
import { changeDefaultPassword } from '../steps/change-default-password.ts';
import { checkJava } from '../steps/check-java.ts';
import { fetchTarball } from '../steps/fetch-tarball.ts';
import { gatherFacts } from '../steps/gather-facts.ts';
import { installProduct } from '../steps/install-product.ts';
import { makeDirectories } from '../steps/make-directories.ts';
import { recoverShippedFiles } from '../steps/recover-shipped-files.ts';
import { setUpRepository } from '../steps/set-up-repository.ts';
import type { Recipe, Step } from '../steps/step.ts';
import { unpackTarball } from '../steps/unpack-tarball.ts';
import { validateConfig } from '../steps/validate-config.ts';
import { writeConfigFiles } from '../steps/write-config-files.ts';
import { restartPart } from './restart.ts';

/** From a bare host to one that has the product and its Java, with nothing of it running that ran not before. */
const GET = {
  tarball: [fetchTarball, checkJava, unpackTarball, makeDirectories],
  package: [setUpRepository, installProduct, checkJava, recoverShippedFiles], // Java comes with them
} satisfies Record<RunInput['install']['type'], readonly Step[]>;

/** The steps that stop the node look first: one that runs with this very configuration is left running. */
export const install: Recipe = ({ install: { type } }) => [
  gatherFacts,
  ...GET[type],
  validateConfig,
  writeConfigFiles,
  ...restartPart,
  changeDefaultPassword,
];
