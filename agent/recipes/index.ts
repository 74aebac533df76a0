// The recipes by their names.
import type { RunInput } from '../../shared/run-input.ts';
import type { Recipe } from '../steps/step.ts';
import { check } from './check.ts';
import { configure, configureStale } from './configure.ts';
import { install } from './install.ts';
import { restart, restartStale } from './restart.ts';
import { upgrade } from './upgrade.ts';

export const recipes: Readonly<Record<RunInput['recipe'], Recipe>> = {
  install,
  configure,
  restart,
  'install-with-secrets': install,
  'configure-with-secrets': configure,
  upgrade,
  'upgrade-with-secrets': upgrade,
  'restart-stale': restartStale,
  'configure-stale': configureStale,
  'configure-stale-with-secrets': configureStale,
  check,
  'check-with-secrets': check,
};
