// Unpacks the tarball into the product's home, whole or not at all, and keeps which version that is.
import { layoutOf } from '../products/index.ts';
import { installedOf } from './gather-facts.ts';
import type { Step } from './step.ts';
import { looked, milestone } from './telling.ts';
import { leaving } from './waiting.ts';

const UNPACK_MS = 900_000;

export const unpackTarball: Step = {
  name: 'unpack-tarball',
  async *run(context) {
    const { host, input } = context;
    const layout = layoutOf(input);
    yield looked('unpacked', `Checking if ${layout.home} is unpacked`, { resource: layout.home });
    const isUnpacked = await host.exists(layout.home);
    if (isUnpacked && (await installedOf(context)) !== null) return; // already so
    const startedMs = host.nowMs();
    if (!isUnpacked) {
      await host.unpackTarball(layout.tarball, layout.home, {
        withinMs: UNPACK_MS,
        signal: leaving(context),
        onOutput: () => context.tick(),
      });
    }
    const { sha256 } = (context.resultOf('fetch-tarball') ?? { sha256: '' }) as { sha256: string };
    const installed = { product: input.product, version: input.version, sha256 };
    await host.replaceText(layout.installed, `${JSON.stringify(installed)}\n`);
    yield milestone('tarball-unpacked', `Unpacked into ${layout.home}`, true, {
      resource: layout.home,
      after: { 'unpack-ms': host.nowMs() - startedMs },
    });
  },
};
