-- Where no node is marked as a seed the oldest of each datacenter is one; both are asked of each node that is shown.
create index node_marked_seeds on node (datacenter_id) where seed;
create index node_by_age on node (datacenter_id, created_on, id);
