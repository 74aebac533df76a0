// The programs that a quickstart needs on this machine, Java 17 and Maven: looked for, and installed where we may.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Unavailable } from '../../../shared/errors.ts';
import { lastLines, runProgram } from './tarball/run-program.ts';

/** A Java as it describes itself. */
export interface FoundJava {
  /** 8, 11, 17, … */
  majorVersion: number;
  /** What JAVA_HOME would be. */
  home: string;
}

export interface FoundPrograms {
  /** Null when no Java 17 is to be found, whatever other Java there is. */
  java: FoundJava | null;
  hasMaven: boolean;
}

export interface ThisSystem {
  isRoot: boolean;
  hasAptGet: boolean;
}

export type PrerequisiteAction =
  | { do: 'nothing' }
  | { do: 'install-packages'; packages: readonly string[] }
  | { do: 'refuse'; message: string };

const JAVA_MAJOR_VERSION = 17; // the newest that Cassandra 5.0 supports
const SHOW_JAVA = ['-XshowSettings:properties', '-version'];
const JVM_DIRECTORY = '/usr/lib/jvm'; // Debian's, Red Hat's and SUSE's

/** Reads what `java -XshowSettings:properties -version` prints; null when that is not a Java's answer. */
export function parseJava(output: string): FoundJava | null {
  const version = /^\s*java\.specification\.version = (?:1\.)?(\d+)\s*$/m.exec(output)?.[1];
  const home = /^\s*java\.home = (.+?)\s*$/m.exec(output)?.[1];
  return version === undefined || home === undefined ? null : { majorVersion: Number(version), home };
}

/** What to do about what is missing. Debian's package names; installing needs root. */
export function decidePrerequisites(found: FoundPrograms, system: ThisSystem): PrerequisiteAction {
  const missing = [
    ...(found.java?.majorVersion === JAVA_MAJOR_VERSION
      ? []
      : [{ name: 'Java 17', package: 'openjdk-17-jre-headless' }]),
    ...(found.hasMaven ? [] : [{ name: 'Maven', package: 'maven' }]),
  ];
  if (missing.length === 0) return { do: 'nothing' };
  const packages = missing.map((m) => m.package);
  if (system.isRoot && system.hasAptGet) return { do: 'install-packages', packages };
  const names = missing.map((m) => m.name).join(' and ');
  const how = system.hasAptGet
    ? `run as root: apt-get install ${packages.join(' ')}`
    : 'install it with the package manager of this system and try again';
  return { do: 'refuse', message: `${names} not found; ${how}` };
}

/**
 * Sees to it that Java 17 and Maven are there.
 * @returns where that Java is: pass it as JAVA_HOME, since `java` on the PATH may be another
 * @throws Unavailable with one line that says what to install, when we may not or could not
 */
export async function ensurePrerequisites(log: (line: string) => void): Promise<{ javaHome: string }> {
  const system = {
    isRoot: process.getuid?.() === 0,
    hasAptGet: await runs('apt-get', ['--version']),
  };
  const before = await lookForPrograms();
  const action = decidePrerequisites(before, system);
  if (action.do === 'refuse') throw new Unavailable(action.message);
  if (action.do === 'install-packages') await installPackages(action.packages, log);
  const after = action.do === 'nothing' ? before : await lookForPrograms();
  const left = decidePrerequisites(after, { isRoot: false, hasAptGet: system.hasAptGet });
  if (left.do === 'refuse') throw new Unavailable(left.message);
  if (after.java === null) throw new Unavailable('Java 17 not found');
  return { javaHome: after.java.home };
}

async function lookForPrograms(): Promise<FoundPrograms> {
  return { java: await findJava(), hasMaven: await runs('mvn', ['--version']) };
}

/** JAVA_HOME first, then the PATH, then where distributions keep the Javas that are not the default one. */
async function findJava(): Promise<FoundJava | null> {
  const installed = await readdir(JVM_DIRECTORY).catch(() => []);
  const homes = installed.filter((name) => name.includes(String(JAVA_MAJOR_VERSION))).sort();
  const configured = process.env['JAVA_HOME'] ?? '';
  const programs = [
    ...(configured === '' ? [] : [join(configured, 'bin', 'java')]),
    'java',
    ...homes.map((home) => join(JVM_DIRECTORY, home, 'bin', 'java')),
  ];
  for (const program of programs) {
    const ran = await runProgram(program, SHOW_JAVA).catch(() => null);
    const java = ran === null ? null : parseJava(ran.output);
    if (java?.majorVersion === JAVA_MAJOR_VERSION) return java;
  }
  return null;
}

/** Whether there is such a program and it says that it works. */
async function runs(program: string, args: readonly string[]): Promise<boolean> {
  const ran = await runProgram(program, args).catch(() => null);
  return ran?.exitCode === 0;
}

async function installPackages(packages: readonly string[], log: (line: string) => void): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  log(`Installing ${packages.join(' and ')} with apt-get`);
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const ran = await runProgram('apt-get', args, { env });
    if (ran.exitCode !== 0) {
      throw new Unavailable(
        `apt-get ${args[0]} failed; install ${packages.join(' and ')} by hand`,
        new Error(lastLines(ran.output)),
      );
    }
  }
}
