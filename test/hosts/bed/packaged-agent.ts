// The agent's own package on a host, as an operator brings it there: installed, enrolled by a bundle, and run by the unit that comes with it.
import { basename, join } from 'node:path';
import { installFile, ownPackage } from '../packages/own-packages.ts';
import type { TestHost } from './host.ts';
import type { Flavour } from './image.ts';
import type { Bed } from './start-hosts.ts';

/** @returns what starts one, given a host and the bundle of its node */
export const packagedAgents =
  (bed: Bed<string>, format: Flavour) =>
  async (host: TestHost, bundle: string): Promise<void> => {
    const into = join(bed.directory, 'own-packages');
    const path = await ownPackage('agent', { format, version: '0.1.0', into });
    await installFile(host, `${await bed.serve(into)}/${basename(path)}`);
    await host.run(['ringmaster-agent', 'enrol'], { input: bundle });
    await host.run(['systemctl', 'enable', '--now', 'ringmaster-agent']);
  };
