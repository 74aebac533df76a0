// All that a database holds, as text: for tests that look for what must not be in it.
import { askDatabase } from './ask-database.ts';

/** Every row of every table, bytes in hex as PostgreSQL shows them. */
export async function dumpDatabase(url: string): Promise<string> {
  const tables = await askDatabase(
    url,
    "select format('%I', relname) as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
  );
  const parts: string[] = [];
  for (const { name } of tables)
    for (const { row } of await askDatabase(url, `select t::text as row from ${name} t`))
      parts.push(`${name} ${row}`);
  return parts.join('\n');
}

/** Whether a text gives a secret away, plainly or in one of the forms that bytes are written in. */
export const givesAway = (text: string, secret: string): boolean =>
  ['utf8', 'hex', 'base64', 'base64url'].some((form) =>
    // Without what may differ by what stands around it.
    text.includes(
      Buffer.from(secret)
        .toString(form as BufferEncoding)
        .replace(/.?=*$/, ''),
    ),
  );
