// Cassandra's jars and all they need, fetched by Maven, and which of them this kind of machine can use.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Unavailable } from '../../../../shared/errors.ts';
import { lastLines, runProgram } from './run-program.ts';

// Named, so that the same jars come out whatever a machine's Maven takes by default.
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

const pom = (version: string): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>ringmaster</groupId>
  <artifactId>cassandra-tarball</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.cassandra</groupId>
      <artifactId>cassandra-all</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * Puts the jars of one Cassandra version into `intoDirectory`. About 6 s and 66 MB.
 * @throws Unavailable when Maven cannot fetch them, or is not there
 */
export async function fetchJars(version: string, intoDirectory: string): Promise<void> {
  const project = await mkdtemp(join(tmpdir(), 'cassandra-pom-'));
  try {
    await writeFile(join(project, 'pom.xml'), pom(version));
    const args = [
      '-q',
      '-B',
      COPY_DEPENDENCIES,
      `-DoutputDirectory=${intoDirectory}`,
      '-DincludeScope=runtime',
    ];
    const ran = await runProgram('mvn', args, { cwd: project }).catch((cause: unknown) => {
      throw new Unavailable('Maven (mvn) cannot be run', cause);
    });
    if (ran.exitCode !== 0) {
      throw new Unavailable(
        `Maven could not fetch Cassandra ${version}`,
        new Error(`mvn exited ${ran.exitCode}: ${lastLines(ran.output)}`),
      );
    }
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

const FOREIGN_SYSTEM = /-(osx|windows)-[\w]+\.jar$/;
const LINUX_ARCHITECTURE = /-linux-(?<architecture>[\w]+)\.jar$/;
// Node's words for processors, as the classifiers of native jars spell them.
const CLASSIFIERS: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch_64',
  riscv64: 'riscv64',
};

/** Whether a jar is of use on Linux with this processor (`process.arch`); jars without native code always are. */
export function suitsThisMachine(jarName: string, architecture: string): boolean {
  if (FOREIGN_SYSTEM.test(jarName)) return false;
  const native = LINUX_ARCHITECTURE.exec(jarName)?.groups?.['architecture'];
  return native === undefined || native === CLASSIFIERS[architecture];
}
