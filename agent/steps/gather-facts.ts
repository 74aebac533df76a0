// Looks at the machine and at what is installed below the install directory; refuses what cannot work before anything is touched.
import { StepFailed } from '../../shared/errors.ts';
import { layoutOf } from '../products/index.ts';
import { isInstall, isUpgrade, type Step, type StepContext } from './step.ts';
import { looked, milestone, processView } from './telling.ts';

/** Kept in installed.json by unpack-tarball. */
export interface Installed {
  product: string;
  version: string;
  sha256: string;
  /** versions that upgrades left here, the newest first; absent: none */
  kept?: string[];
}

export async function installedOf({
  host,
  input,
}: Pick<StepContext, 'host' | 'input'>): Promise<Installed | null> {
  const text = await host.readText(layoutOf(input).installed);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Installed;
  } catch (cause) {
    const path = layoutOf(input).installed;
    throw new StepFailed('install-unreadable', `${path} is damaged`, { resource: path, cause });
  }
}

export const gatherFacts: Step = {
  name: 'gather-facts',
  async *run(context) {
    const { host, input } = context;
    const layout = layoutOf(input);
    yield looked('facts', 'Looking at the machine', { resource: layout.directory });
    const running = await host.findCassandra(layout.directory);
    const installed = await installedOf(context);
    const facts: Record<string, unknown> = {
      ...(await host.facts(layout.directory)),
      installed,
      running: running === null ? null : processView(running),
      // where clients of the original look for the directory
      'run-context': {
        'install-options': { 'install-type': input.install.type, 'install-directory': layout.directory },
      },
    };
    yield milestone('facts', 'Looked at the machine', false, { resource: layout.directory, after: facts });
    if (isUpgrade(input)) return facts; // check-upgrade judges
    if (installed !== null && (installed.version !== input.version || installed.product !== input.product)) {
      throw new StepFailed(
        'other-version-installed',
        `${layout.directory} holds ${installed.product} ${installed.version}, not ${input.product} ${input.version}: only an upgrade job changes a version`,
        { resource: layout.directory, detail: { installed: installed.version, wanted: input.version } },
      );
    }
    if (!isInstall(input) && !(await host.exists(layout.launcher))) {
      throw new StepFailed('not-installed', `${input.product} ${input.version} is not installed here`, {
        resource: layout.launcher,
      });
    }
    return facts;
  },
};
