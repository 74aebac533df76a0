// What was edited on a node's host since a job wrote it, and what the model would change there, as the last check or configure saw it.
import { NotFound } from '../../shared/errors.ts';
import { modelOf } from '../../shared/models.ts';
import { readDrift } from '../store/drift.ts';
import { readModel } from '../store/models.ts';
import { idOf } from './parameters.ts';
import type { RestParts, Routes } from './parts.ts';

const NODES = modelOf('nodes');

export function addDriftRoutes(router: Routes, { db }: RestParts): void {
  router.get('/nodes/:id/drift', async (ctx) => {
    const { id } = await readModel(db, NODES, idOf(NODES.type, ctx.params['id']));
    const drift = await readDrift(db, id);
    if (drift === null) {
      const message = `Nobody has looked at the configuration files of node ${id} yet: a check or a configure of it does`;
      throw new NotFound('drift', id, message);
    }
    const { url } = ctx.state.base;
    const { jobId, jobNodeId, checkedOn, files, eventIds } = drift;
    ctx.body = {
      type: 'drift',
      'node-id': id,
      'job-id': jobId,
      'job-node-id': jobNodeId,
      'checked-on': checkedOn,
      files: files.map((file) => ({
        ...file,
        'checked-on': checkedOn,
        'event-ids': eventIds.get(file.path) ?? [],
      })),
      'related-resources': {
        node: `${url}/nodes/${id}`,
        job: `${url}/jobs/${jobId}`,
        'job-events': `${url}/job_nodes/${jobNodeId}/job_events/`,
      },
    };
  });
}
