// Unpacks the tarball into the product's home, whole or not at all, and keeps which version that is; an upgrade keeps it once that runs.
import { layoutOf } from '../products/index.ts';
import { checkHolds } from './check-unpacked.ts';
import { type Installed, installedOf } from './gather-facts.ts';
import { isUpgrade, type Step, type StepContext } from './step.ts';
import { looked, milestone } from './telling.ts';
import { leaving } from './waiting.ts';

const UNPACK_MS = 900_000;

/** From here on the directory holds this version. */
export async function keepInstalled(context: StepContext, kept: readonly string[] = []): Promise<void> {
  const { host, input } = context;
  const { sha256 } = (context.resultOf('fetch-tarball') ?? { sha256: '' }) as { sha256: string };
  const installed: Installed = { product: input.product, version: input.version, sha256 };
  if (kept.length > 0) installed.kept = [...kept];
  await host.replaceText(layoutOf(input).installed, `${JSON.stringify(installed)}\n`);
}

export const unpackTarball: Step = {
  name: 'unpack-tarball',
  async *run(context) {
    const { host, input } = context;
    const layout = layoutOf(input);
    yield looked('unpacked', `Checking if ${layout.home} is unpacked`, { resource: layout.home });
    const isUnpacked = await host.exists(layout.home);
    const installed = await installedOf(context);
    if (isUnpacked && installed !== null) return; // already so
    const startedMs = host.nowMs();
    if (!isUnpacked) {
      await host.unpackTarball(layout.tarball, layout.home, {
        withinMs: UNPACK_MS,
        signal: leaving(context),
        onOutput: () => context.tick(),
      });
    }
    if (!isUpgrade(input)) {
      await checkHolds(context);
      await keepInstalled(context, installed?.kept);
    }
    yield milestone('tarball-unpacked', `Unpacked into ${layout.home}`, true, {
      resource: layout.home,
      after: { 'unpack-ms': host.nowMs() - startedMs },
    });
  },
};
