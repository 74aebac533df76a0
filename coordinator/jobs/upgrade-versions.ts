// Whether nodes can go to the versions that their config profiles ask for, as far as their last jobs tell.
import { InvalidInput } from '../../shared/errors.ts';
import { patchStep, refusalOf } from '../../shared/upgrade-step.ts';
import type { Executor } from '../store/database.ts';
import { type NodeVersions, readNodeVersions } from '../store/node-versions.ts';
import type { Target } from '../store/targets.ts';

/** Why an upgrade would be refused on the host; null: it would not, or only the host itself can tell. */
function upgradeRefusal({ installed, wanted }: NodeVersions): string | null {
  if (installed.product !== wanted.product) return 'an upgrade does not change the product';
  const isUnclear = patchStep(installed.version, wanted.version) === 'unknown'; // a package may have a version of its own
  return isUnclear ? null : refusalOf(wanted.product, installed.version, wanted.version);
}

/** An upgrade from a version, as the last job of a node saw it, to which none is. @throws InvalidInput */
export async function checkVersions(db: Executor, { nodes }: Target): Promise<void> {
  const versions = await readNodeVersions(
    db,
    nodes.map(({ id }) => id),
  );
  const refused = versions.flatMap((node) => {
    const why = upgradeRefusal(node);
    const { installed, wanted } = node;
    return why === null
      ? []
      : [
          `${node.name} (${installed.product} ${installed.version} to ${wanted.product} ${wanted.version}: ${why})`,
        ];
  });
  if (refused.length === 0) return;
  const more = refused.length > 5 ? ` and ${refused.length - 5} more` : '';
  const message = `has nodes that cannot go to the datastax-version of their config profile: ${refused.slice(0, 5).join(', ')}${more}`;
  throw new InvalidInput('The upgrade job cannot be carried out as the model stands', [
    { pointer: '/resource-id', message },
  ]);
}
