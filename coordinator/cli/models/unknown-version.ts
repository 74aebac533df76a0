// A profile of a version that has no definitions: its settings are stored as they are, and that is worth a word.
import { ApiRefusal, type Json } from '../rest-client.ts';
import type { Session } from '../session.ts';
import { harmless } from '../terminal/harmless.ts';

/** @param record of any kind, as it was written */
export async function noteUnknownVersion({ client, output }: Session, record: Json): Promise<void> {
  if (record['type'] !== 'config-profile') return;
  const [version, product] = [String(record['datastax-version']), String(record['product'])];
  try {
    await client.get(`definitions/${encodeURIComponent(version)}/?product=${encodeURIComponent(product)}`);
  } catch (error) {
    // The record is written, whatever else goes wrong now.
    if (error instanceof ApiRefusal && error.status === 404)
      output.note(
        `there are no definitions of ${harmless(`${product} ${version}`)}: the names and values of its settings were not checked (\`ringmaster definitions list\` shows the known versions)`,
      );
  }
}
