// The same recipe under every name.
import type { RunnerParts } from '../../agent/runner.ts';
import type { Recipe } from '../../agent/steps/step.ts';

export const oneRecipe = (recipe: Recipe): RunnerParts['recipes'] => ({
  install: recipe,
  configure: recipe,
  restart: recipe,
  'install-with-secrets': recipe,
  'configure-with-secrets': recipe,
  upgrade: recipe,
  'upgrade-with-secrets': recipe,
  'restart-stale': recipe,
  'configure-stale': recipe,
  'configure-stale-with-secrets': recipe,
  'configure-reverting': recipe,
  'configure-reverting-with-secrets': recipe,
  'configure-stale-reverting': recipe,
  'configure-stale-reverting-with-secrets': recipe,
  check: recipe,
  'check-with-secrets': recipe,
});
