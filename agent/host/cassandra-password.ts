// Changing the password of the role `cassandra` through the database node itself.
import { setTimeout as delay } from 'node:timers/promises';
import { StepFailed } from '../../shared/errors.ts';
import type { Host } from './host.ts';
import { reachable } from './native-port.ts';

type Options = Parameters<Host['changeCassandraPassword']>[0];
type Login = 'done' | 'refused' | 'away' | 'not-possible';

const WHY = {
  refused: 'neither the old password nor the new one is taken',
  away: 'no login was possible',
  'not-possible':
    'the database node takes the login and refuses the change; is authenticator PasswordAuthenticator in cassandra-yaml?',
} as const satisfies Record<Exclude<Login, 'done'>, string>;

/** A password cannot be a bound value in ALTER ROLE. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Logs in as `cassandra`, runs `cql` if any. The driver's errors quote the query, so none of them leaves here. */
async function withLogin(options: Options, password: string, cql: string | null): Promise<Login> {
  const { default: driver } = await import('cassandra-driver');
  const client = new driver.Client({
    contactPoints: [`${reachable(options.address)}:${options.port}`],
    localDataCenter: options.datacenter,
    authProvider: new driver.auth.PlainTextAuthProvider('cassandra', password),
    policies: {
      // this node and no other
      loadBalancing: new driver.policies.loadBalancing.AllowListPolicy(
        new driver.policies.loadBalancing.RoundRobinPolicy(),
        [`${reachable(options.address)}:${options.port}`],
      ),
    },
    socketOptions: { connectTimeout: 5_000, readTimeout: 12_000 },
  });
  try {
    await client.connect();
    if (cql !== null) await client.execute(cql);
    return 'done';
  } catch (error) {
    const inner = Object.values((error as { innerErrors?: Record<string, Error> }).innerErrors ?? {});
    if ([error as Error, ...inner].some((one) => one.name === 'AuthenticationError')) return 'refused';
    const { invalid, unauthorized } = driver.types.responseErrorCodes;
    // The login was taken, and the change refused: without authentication nobody has a password.
    const isNotPossible = [invalid, unauthorized].includes((error as { code?: number }).code ?? 0);
    return isNotPossible ? 'not-possible' : 'away';
  } finally {
    await client.shutdown().catch(() => {});
  }
}

/**
 * Tries until the time is up: the role is made some seconds after a first start.
 * @throws StepFailed `password-not-changed`
 */
export async function changeCassandraPassword(options: Options): Promise<'changed' | 'already'> {
  const deadline = Date.now() + options.withinMs;
  for (;;) {
    const cql = `ALTER ROLE cassandra WITH PASSWORD = ${quoted(options.newPassword)}`;
    const old = await withLogin(options, options.oldPassword, cql);
    if (old === 'done') return 'changed';
    if (old === 'refused' && (await withLogin(options, options.newPassword, null)) === 'done')
      return 'already';
    if (old === 'not-possible' || Date.now() >= deadline) {
      const why = WHY[old];
      throw new StepFailed('password-not-changed', `The password of cassandra was not changed: ${why}`, {
        resource: `${options.address}:${options.port}`,
      });
    }
    await delay(500);
  }
}
