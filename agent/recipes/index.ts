// The recipes by their names.
import type { RunInput } from '../../shared/run-input.ts';
import type { Recipe } from '../steps/step.ts';
import { check } from './check.ts';
import { configure, configureReverting, configureStale, configureStaleReverting } from './configure.ts';
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
  'configure-reverting': configureReverting,
  'configure-reverting-with-secrets': configureReverting,
  'configure-stale-reverting': configureStaleReverting,
  'configure-stale-reverting-with-secrets': configureStaleReverting,
  check,
  'check-with-secrets': check,
};
