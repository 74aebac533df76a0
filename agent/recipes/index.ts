// The recipes by their names.
import type { RunInput } from '../../shared/run-input.ts';
import type { Recipe } from '../steps/step.ts';
import { configure } from './configure.ts';
import { install } from './install.ts';
import { restart } from './restart.ts';
import { upgrade } from './upgrade.ts';

export const recipes: Readonly<Record<RunInput['recipe'], Recipe>> = {
  install,
  configure,
  restart,
  'install-with-secrets': install,
  'configure-with-secrets': configure,
  upgrade,
  'upgrade-with-secrets': upgrade,
};
