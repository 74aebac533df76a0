// What a config profile may say, as far as it can be told before a node is asked: file ids, switches, ports, directories.
import { INTERFACE_KEYS, PROFILE_FILE_IDS, type Product } from '../../shared/config-files.ts';
import { type FieldProblem, InvalidInput, pointerTo } from '../../shared/errors.ts';
import { formatProblem } from '../../shared/formats.ts';

const PRODUCT_NAME: Readonly<Record<Product, string>> = { dse: 'DSE', cassandra: 'Cassandra' };

type Check = (value: unknown) => string | null;

const port: Check = (value) =>
  ['number', 'string'].includes(typeof value) &&
  /^\d{1,5}$/.test(String(value)) &&
  Number(value) >= 1 &&
  Number(value) <= 65_535
    ? null
    : 'must be a port, from 1 to 65535';
const directory: Check = (value) =>
  typeof value === 'string' ? formatProblem('install-directory', value) : 'must be a string';
const installType: Check = (value) =>
  value === 'tarball' ? null : 'must be tarball: packages are not installed by this version';
const boolean: Check = (value) => (typeof value === 'boolean' ? null : 'must be true or false');

/** Settings that steer Ringmaster itself, so that a wrong one could only fail later, on every node. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  'install-options': { 'install-type': installType, 'install-directory': directory },
  'cassandra-yaml': {
    native_transport_port: port,
    storage_port: port,
    ...Object.fromEntries(
      INTERFACE_KEYS.map((key) => [key, () => "cannot be set, since the node's addresses are"] as const),
    ),
  },
  'cassandra-env-sh': { 'jmx-port': port },
};

const MANAGE = 'lcm-manage--';

function fileProblems(fileId: string, settings: unknown): FieldProblem[] {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    return [{ pointer: pointerTo('json', fileId), message: 'must be an object of settings' }];
  const checks = SETTINGS[fileId] ?? {};
  return Object.entries(settings).flatMap(([key, value]) => {
    if (key.startsWith(MANAGE) && key !== `${MANAGE}${fileId}`)
      return [
        { pointer: pointerTo('json', fileId, key), message: `must stand among the settings of its own file` },
      ];
    const check = key.startsWith(MANAGE) ? boolean : Object.hasOwn(checks, key) ? checks[key] : undefined;
    const message = value === null && !key.startsWith(MANAGE) ? null : (check?.(value) ?? null);
    return message === null ? [] : [{ pointer: pointerTo('json', fileId, key), message }];
  });
}

/**
 * @param profile as it would be stored
 * @throws InvalidInput in the original's words when a key names no configuration file of the product
 */
export function checkProfile(profile: {
  product: Product;
  version: string;
  json: Readonly<Record<string, unknown>>;
}): void {
  const known = PROFILE_FILE_IDS[profile.product];
  const unknown = Object.keys(profile.json).filter((fileId) => !known.includes(fileId));
  if (unknown.length > 0)
    throw new InvalidInput(
      `Invalid config keys for ${PRODUCT_NAME[profile.product]} version ${profile.version}: ${unknown.join(', ')}`,
      unknown.map((fileId) => ({
        pointer: pointerTo('json', fileId),
        message: `is no configuration file of ${profile.product}; known: ${known.join(', ')}`,
      })),
    );
  const problems = Object.entries(profile.json).flatMap(([fileId, settings]) =>
    fileProblems(fileId, settings),
  );
  if (problems.length > 0) throw new InvalidInput('The config-profile is not valid', problems);
}
