// What a node inherits: its own value, else its datacenter's, else its cluster's.

/** An expression over n (node), d (datacenter) and cl (cluster). */
export const nearest = (
  column: 'config_profile_id' | 'machine_credential_id' | 'ssh_management_port',
): string => `coalesce(n.${column}, d.${column}, cl.${column})`;

/**
 * Whether an install has something to install from, over n, d and cl: a repository; packages come
 * from their vendor's without a `repo-url` (LCM API: "null: the DataStax repository"), and DSE's were the original's way.
 */
export const HAS_SOURCE = `exists (select from repository r where r.id = cl.repository_id
  and (r.repo_url is not null or exists (select from config_profile p where p.id = ${nearest('config_profile_id')} 
    and (p.product = 'dse' or p.json #>> '{install-options,install-type}' = 'package'))))`;
