// A machine in memory whose database node does not come up with one setting.
import type { ProcessId } from '../../agent/host/host.ts';
import { FakeHost } from '../support/fake-host.ts';

export class PickyHost extends FakeHost {
  override async spawnDetached(argv: readonly [string, ...string[]]): Promise<ProcessId> {
    const yaml = this.files.get('/srv/node1/cassandra-5.0.8/conf/cassandra.yaml');
    this.diesAtStart = yaml?.includes('concurrent_reads: 17') === true;
    return await super.spawnDetached(argv);
  }
}
