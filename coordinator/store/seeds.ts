// Which nodes of a cluster are its seeds: those that the model marks; where it marks none, the oldest of each datacenter.

/**
 * A condition over n (node) and d (its datacenter). Real clients of the LCM API mark no seeds, and without any each node
 * would found a ring of its own. The oldest stays what it is when others are added: a later one that became a seed would
 * not bootstrap.
 */
export const IS_SEED = `(n.seed or (not exists (
    select from datacenter marked_dc join node marked on marked.datacenter_id = marked_dc.id and marked.seed
    where marked_dc.cluster_id = d.cluster_id)
  and n.id = (select oldest.id from node oldest where oldest.datacenter_id = n.datacenter_id
    order by oldest.created_on, oldest.id limit 1)))`;
