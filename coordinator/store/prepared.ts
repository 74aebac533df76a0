// Has every connection prepare each statement with values once: planning the large ones costs more than running them.
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/** Texts are few, except where a list of columns varies; what comes after these is planned each time. */
const MOST_NAMED = 500;

export interface Preparing {
  /** how many different texts get a name */
  mostNamed?: number;
  /** of the names; another for each view of one pool */
  prefix?: string;
  /** sees each statement that was sent */
  sent?: (client: pg.PoolClient, answer: Promise<unknown>) => void;
}

/** The same pool, whose statements with values are prepared under a name on first use of each connection. */
export function preparing(
  pool: pg.Pool,
  { mostNamed = MOST_NAMED, prefix = 'rm', sent = () => {} }: Preparing = {},
): PostgresPool {
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text);
    if (known !== undefined || names.size >= mostNamed) return known;
    const name = `${prefix}${names.size}`;
    names.set(text, name);
    return name;
  };
  // One wrapper a client: kysely tells connections apart by the object.
  const wrappers = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const wrap = (client: pg.PoolClient): PostgresPoolClient => {
    const query = (text: string, values: readonly unknown[] = []) => {
      const name = values.length > 0 ? nameOf(text) : undefined;
      const given = [...values];
      const answer = client.query(
        name === undefined ? { text, values: given } : { name, text, values: given },
      );
      sent(client, answer);
      return answer;
    };
    // kysely's type has cursors too; none is ever asked for.
    return { query, release: () => client.release() } as unknown as PostgresPoolClient;
  };
  return {
    connect: async () => {
      const client = await pool.connect();
      const wrapper = wrappers.get(client) ?? wrap(client);
      wrappers.set(client, wrapper);
      return wrapper;
    },
    end: () => pool.end(),
  };
}
