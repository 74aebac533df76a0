// Check: look at the machine, and at what a job would do to it, as that job itself looks before it acts; nothing is touched.
import { byFiles, readServing } from '../steps/by-files.ts';
import { checkJavaThere, checkOffer } from '../steps/check-offer.ts';
import { checkStart } from '../steps/check-restart.ts';
import { checkSummary } from '../steps/check-summary.ts';
import { checkPackageUpgrade, checkUpgrade } from '../steps/check-upgrade.ts';
import { compareConfigFiles } from '../steps/compare-config-files.ts';
import { gatherFacts } from '../steps/gather-facts.ts';
import { jobOf, type Recipe, type Step } from '../steps/step.ts';
import { validateConfig } from '../steps/validate-config.ts';
import { validateFiles } from '../steps/validate-files.ts';

const UPGRADE = { tarball: checkUpgrade, package: checkPackageUpgrade } as const;

/** A restart writes nothing; only what gets a version has to know where that comes from. */
const looksOf = (job: string, upgrade: Step): readonly Step[] => {
  if (job === 'restart') return [validateFiles];
  if (job === 'configure') return [checkJavaThere, compareConfigFiles, validateConfig];
  return [
    ...(job === 'upgrade' ? [upgrade] : []),
    checkOffer,
    checkJavaThere,
    compareConfigFiles,
    validateConfig,
  ];
};

export const check: Recipe = (input) => {
  const job = jobOf(input);
  const steps = [gatherFacts, checkStart, ...looksOf(job, UPGRADE[input.install.type]), checkSummary];
  return job === 'restart' ? [readServing, ...steps.map(byFiles)] : steps;
};
