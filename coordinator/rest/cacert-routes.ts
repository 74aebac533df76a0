// The authority of a cluster's own certificates: there is none, since the coordinator makes none for database nodes.
import { NotFound } from '../../shared/errors.ts';
import { modelOf } from '../../shared/models.ts';
import { readModel } from '../store/models.ts';
import { idOf } from './parameters.ts';
import type { RestParts, Routes } from './parts.ts';

const CLUSTERS = modelOf('clusters');

export function addCacertRoutes(router: Routes, { db }: RestParts): void {
  router.get('/clusters/:id/cacert', async (ctx) => {
    const { id } = await readModel(db, CLUSTERS, idOf(CLUSTERS.type, ctx.params['id']));
    // The authority of agents will not do: a client that trusted it would trust no database node, and every agent.
    throw new NotFound(
      'cacert',
      id,
      `Cluster ${id} has no CA certificate here: its nodes' certificates are the operator's own, named in server_encryption_options and client_encryption_options of its config profile`,
    );
  });
}
