// What a node inherits: its own value, else its datacenter's, else its cluster's.

/** An expression over n (node), d (datacenter) and cl (cluster). */
export const nearest = (
  column: 'config_profile_id' | 'machine_credential_id' | 'ssh_management_port',
): string => `coalesce(n.${column}, d.${column}, cl.${column})`;
