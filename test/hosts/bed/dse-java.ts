// What stands in for DSE 5.1 on a host runs on the image's Java, which DSE itself would not: the agent is told of another.
import type { TestHost } from './host.ts';

const SMALL_AND_QUICK =
  '-Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dcassandra.ring_delay_ms=2000';

/** Before the packages are installed. */
export async function giveDseItsJava(host: TestHost): Promise<void> {
  const java = '/usr/bin/java';
  const claim = `[ "$*" = -version ] && exec echo 'openjdk version "1.8.0_402"' >&2`;
  await host.put('/usr/local/bin/java', `#!/bin/sh\n${claim}\nexec ${java} "$@"\n`, 0o755);
  const home = (await host.run(['readlink', '-f', java])).trim().replace(/\/bin\/java$/, '');
  const dropIn = `[Service]\nEnvironment=JAVA_HOME=${home}\nEnvironment="JVM_EXTRA_OPTS=${SMALL_AND_QUICK}"\n`;
  await host.put('/etc/systemd/system/dse.service.d/java.conf', dropIn);
}
