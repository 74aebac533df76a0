// With which Java and class path, and as whom, the database node runs, or would: for whoever tries something as it would go there.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import type { Account, ProcessId, RunningProgram } from '../host/host.ts';
import { layoutOf, PRODUCTS } from '../products/index.ts';
import { databaseJarOf } from './database-jar.ts';
import type { StepContext } from './step.ts';

export interface NodeJava {
  /** the program */
  java: string;
  /** as -cp has it; null: the version's own jar is not there, or not known with what else it runs */
  classPath: string | null;
  /** why there is no class path */
  lacks: string;
  /** whether the next start has this very Java and class path; else what they lack the node may have */
  isCertain: boolean;
  /** whether the class path has all that what runs was started with, besides the version's own jars */
  hasNodesClassPath: boolean;
  /** what the running node was given as -D, by files that are not ours as well */
  properties: readonly string[];
}

const SETS_JAVA = /^[^#\n]*(?<![\w$])(?:JAVA|JAVA_HOME|(?:EXTRA_)?CLASSPATH)=/m;

/**
 * A node that runs with this version's jar tells both itself, whatever its start script adds; the jars beside it may be others by
 * now, and are those of the next start. Else the class path is the version's own jars, unless the file with the environment adds
 * to them in a way that only a shell can tell. What starts a service may set both in files of its own; what starts a tarball is ours.
 * @param believed null: no node runs whose word can be taken
 * @param environment the text of cassandra-env.sh and its like; '' when there is none
 */
export async function nodeJavaOf(
  { host, input }: StepContext,
  believed: RunningProgram | null,
  environment: string,
): Promise<NodeJava> {
  const { product, version } = input;
  const { service, libraries } = layoutOf(input);
  const jar = await databaseJarOf(host, input);
  const words = believed?.words ?? [];
  const at = words.findIndex((word) => word === '-cp' || word === '-classpath');
  const told = at === -1 ? '' : (words[at + 1] ?? '');
  const ofVersion = jar === null ? [] : [jar.path, posix.join(posix.dirname(jar.path), '*')];
  const isOfVersion = told.split(':').some((entry) => ofVersion.includes(entry));
  // another version may be started with another Java, by what is first in PATH
  const java = isOfVersion && believed?.path && (await host.exists(believed.path)) ? believed.path : 'java';
  const isCertain = (isOfVersion || service === null) && !SETS_JAVA.test(environment);
  const properties = isOfVersion ? words.filter((word) => word.startsWith('-D')) : [];
  const known = { java, isCertain, hasNodesClassPath: isOfVersion, properties };
  const lacking = (lacks: string): NodeJava => ({ ...known, classPath: null, lacks });
  if (jar === null) return lacking(`the jar of ${product} ${version} is not to be found`);
  const ofLibraries = libraries.map((library) => posix.join(library, '*'));
  if (isOfVersion) return { ...known, classPath: [told, ...ofLibraries].join(':'), lacks: '' };
  if (/^[^#\n]*CLASSPATH/m.test(environment))
    return lacking('cassandra-env.sh adds to the class path, and no node runs by it');
  return { ...known, classPath: ofLibraries.join(':'), lacks: '' };
}

/** As whom something is tried. */
export interface NodeUser {
  /** null: as we run ourselves */
  account: Account | null;
  /** in words */
  who: string;
  /** what may be believed what it says of itself; null: nothing */
  believed: RunningProgram | null;
}

const ROOT = 0;

/**
 * Anybody can start a program whose command line is of his making, and name a node's directory in it: su(1) is root's while it
 * waits for a password. So one is believed only that runs a Java with the rights of that user and no others; and as root none is.
 * What a service names is run without a way to more rights, which its unit may have taken from it.
 */
function believable(program: RunningProgram | null, uid: unknown): RunningProgram | null {
  if (program === null || uid === ROOT || !program.path?.endsWith('/java')) return null;
  const { uids } = program;
  return uids.length === 4 && uids.every((one) => one === uid) ? program : null;
}

/**
 * A node that is a service reads its configuration, and key stores that this names, by the rights of its own user.
 * @throws StepFailed `user-unknown` where this host does not tell of that user, or the node runs as another
 */
export async function nodeUserOf(context: StepContext, running: ProcessId | null): Promise<NodeUser> {
  const { host, input } = context;
  const { service, directory } = layoutOf(input);
  const program = running === null ? null : await host.programOf(running);
  if (service === null)
    return {
      account: null,
      who: "this agent's own user",
      believed: believable(program, (await host.facts(directory))['user-id']),
    };
  const given = input.profile['dse-default']?.['cassandra-user'];
  const name = typeof given === 'string' ? given : PRODUCTS[input.product].package.user;
  const accounts = ((await host.readText('/etc/passwd')) ?? '').split('\n').map((line) => line.split(':'));
  const found = accounts.find((account) => account[0] === name);
  if (found === undefined)
    throw new StepFailed('user-unknown', `/etc/passwd has no user ${name}`, { resource: name });
  const account = { uid: Number(found[2]), gid: Number(found[3]) };
  const other = program?.uids.find((uid) => uid !== account.uid);
  if (other !== undefined)
    throw new StepFailed('user-unknown', `the node runs as user ${other}, and not as ${name}`, {
      resource: String(other),
    });
  return { account, who: `user ${name}`, believed: believable(program, account.uid) };
}

/**
 * What starts a service may give it groups that its user has not. Those of one that cannot be believed are not known.
 * @returns null: the same as its user
 */
export function asItRuns({ account, who, believed }: NodeUser): NodeUser | null {
  const [gid, ...groups] = believed?.groups ?? [];
  return account === null || gid === undefined
    ? null
    : { account: { ...account, gid, groups }, who, believed };
}

const groupsOf = (groups: readonly number[]): string =>
  groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`;

/** In front of a command line, so that it is carried out by that user, with all of its groups, and after what serves clients. */
export const asAccount = (account: Account | null): string[] => [
  ...['nice', '-n', '10'],
  ...(account === null
    ? []
    : [
        'setpriv',
        `--reuid=${account.uid}`,
        `--regid=${account.gid}`,
        account.groups === undefined ? '--init-groups' : groupsOf(account.groups),
        '--no-new-privs',
        '--',
      ]),
];
