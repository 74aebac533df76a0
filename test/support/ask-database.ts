// One statement on a connection of its own, to look at what the product wrote, or to change what only time would.
import pg from 'pg';

// biome-ignore lint/suspicious/noExplicitAny: rows of any shape
export async function askDatabase(url: string, statement: string, values: unknown[] = []): Promise<any[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement, values)).rows;
  } finally {
    await client.end();
  }
}
