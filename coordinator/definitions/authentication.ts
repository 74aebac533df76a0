// Whether roles have passwords under a profile: what decides it in the product's files, and in its defaults.
import { manageKey, type Product } from '../../shared/config-files.ts';
import type { Setting } from './definition.ts';
import { writableOf } from './series.ts';

type Profile = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

/** A class as cassandra.yaml names it: by its name, or with parameters, as an object or a list of one; without its package. */
function classOf(value: unknown): string {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return String(typeof one === 'string' ? one : (asObject(one)['class_name'] ?? '')).replace(/^.*\./, '');
}

/**
 * Only what is sure: an authenticator of somebody's own may know roles with passwords, and a file that the operator keeps
 * himself may say anything.
 * @returns the setting that keeps all roles from having one, with its value; null when nothing does
 */
export function withoutPasswords(product: Product, version: string, profile: Profile): string | null {
  const definitions = writableOf(product, version);
  const defaultOf = (setting: Setting | undefined): unknown => setting?.default_value;
  const isOurs = (fileId: string): boolean => profile[fileId]?.[manageKey(fileId)] !== false;
  if (!isOurs('cassandra-yaml')) return null;
  const given = profile['cassandra-yaml']?.['authenticator'] ?? null;
  // Cassandra's definitions name none: without one it takes this.
  const authenticator =
    classOf(given ?? defaultOf(definitions['cassandra-yaml']?.['authenticator'])) || 'AllowAllAuthenticator';
  if (authenticator === 'AllowAllAuthenticator')
    return `authenticator in cassandra-yaml is ${given === null ? `not set, which means ${authenticator}` : authenticator}`;
  if (authenticator !== 'DseAuthenticator' || !isOurs('dse-yaml')) return null;
  const options = definitions['dse-yaml']?.['authentication_options'];
  const enabled =
    asObject(profile['dse-yaml']?.['authentication_options'])['enabled'] ??
    defaultOf(options?.fields?.['enabled']);
  return String(enabled) === 'false' ? 'authentication_options.enabled in dse-yaml is false' : null;
}
