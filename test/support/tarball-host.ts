// A machine in memory with a database node from a tarball, which runs unless told otherwise.
import { FakeHost } from './fake-host.ts';

export function tarballHost({ runs = true }: { runs?: boolean } = {}): FakeHost {
  const host = new FakeHost();
  const home = '/srv/node1/cassandra-5.0.8';
  host.files.set(`${home}/bin/cassandra`, '');
  host.files.set(`${home}/conf/cassandra.yaml`, 'cluster_name: prod\n');
  host.files.set(`${home}/conf/cassandra-env.sh`, '');
  if (runs) host.startNode();
  return host;
}
