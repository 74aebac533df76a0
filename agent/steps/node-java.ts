// With which Java and class path, and as whom, the database node runs, or would: for whoever tries something as it would go there.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import type { Account, ProcessId } from '../host/host.ts';
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
}

/** By which a JVM runs; none where it has said nothing of it. */
async function wordsOf({ host }: StepContext, { pid }: ProcessId): Promise<string[]> {
  return ((await host.readText(`/proc/${pid}/cmdline`)) ?? '').split('\0').slice(0, -1);
}

/**
 * A node that runs with this version's jar tells both itself, whatever its start script adds. Else the class path is the version's
 * own jars, unless the file with the environment adds to them in a way that only a shell can tell.
 * @param running one that may be believed; null: none runs
 * @param environment the text of cassandra-env.sh; '' when there is none
 */
export async function nodeJavaOf(
  context: StepContext,
  running: ProcessId | null,
  environment: string,
): Promise<NodeJava> {
  const { host, input } = context;
  const { product, version } = input;
  const words = running === null ? [] : await wordsOf(context, running);
  const own = words[0] ?? '';
  const java = /^\/.*\/java$/.test(own) && (await host.exists(own)) ? own : 'java';
  const jar = await databaseJarOf(host, input);
  if (jar === null)
    return { java, classPath: null, lacks: `the jar of ${product} ${version} is not to be found` };
  const at = words.findIndex((word) => word === '-cp' || word === '-classpath');
  const told = at === -1 ? '' : (words[at + 1] ?? '');
  const isOfVersion = told
    .split(':')
    .some((entry) => entry === jar.path || entry === posix.join(posix.dirname(jar.path), '*'));
  if (isOfVersion) return { java, classPath: told, lacks: '' };
  if (/^[^#\n]*CLASSPATH/m.test(environment))
    return {
      java,
      classPath: null,
      lacks: 'cassandra-env.sh adds to the class path, and no node runs by it',
    };
  const classPath = layoutOf(input).libraries.map((library) => posix.join(library, '*'));
  return { java, classPath: classPath.join(':'), lacks: '' };
}

/** As whom something is tried. */
export interface NodeUser {
  /** null: as we run ourselves */
  account: Account | null;
  /** the process that may be believed what it says of itself: anybody could name another's directory; null: none */
  believed: ProcessId | null;
}

const ROOT = 0;

async function userOf({ host }: StepContext, { pid }: ProcessId): Promise<number | null> {
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec((await host.readText(`/proc/${pid}/status`)) ?? '')?.[1];
  return uid === undefined ? null : Number(uid);
}

/**
 * A node that is a service reads its configuration, and key stores that this names, by the rights of its own user.
 * @throws StepFailed `user-unknown` where this host does not tell of that user, or the node runs as another
 */
export async function nodeUserOf(context: StepContext, running: ProcessId | null): Promise<NodeUser> {
  const { host, input } = context;
  const { service, directory } = layoutOf(input);
  const uid = running === null ? null : await userOf(context, running);
  if (service === null) {
    const own = (await host.facts(directory))['user-id'];
    return { account: null, believed: uid !== null && uid === own ? running : null };
  }
  if (uid === ROOT) return { account: null, believed: running };
  const given = input.profile['dse-default']?.['cassandra-user'];
  const name = typeof given === 'string' ? given : PRODUCTS[input.product].package.user;
  const accounts = ((await host.readText('/etc/passwd')) ?? '').split('\n').map((line) => line.split(':'));
  const found = accounts.find((account) => account[0] === name);
  if (found === undefined)
    throw new StepFailed('user-unknown', `/etc/passwd has no user ${name}`, { resource: name });
  const account = { uid: Number(found[2]), gid: Number(found[3]) };
  if (uid !== null && uid !== account.uid)
    throw new StepFailed('user-unknown', `the node runs as user ${uid}, and not as ${name}`, {
      resource: String(uid),
    });
  return { account, believed: uid === null ? null : running };
}

/** In front of a command line, so that it is carried out by that user, with all of its groups, and after what serves clients. */
export const asAccount = (account: Account | null): string[] => [
  ...['nice', '-n', '10'],
  ...(account === null
    ? []
    : ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--init-groups', '--']),
];
