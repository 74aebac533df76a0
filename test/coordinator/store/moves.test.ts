// Moves of several job nodes at once.
import { expect } from 'chai';
import { moveStatus } from '../../../coordinator/store/jobs.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { tellJob } from '../../support/told-jobs.ts';

describe('a move of several job nodes', () => {
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  it('says so when somebody has moved one of them first', async () => {
    const { jobNodes } = await tellJob(database.db, 3);
    const [first = '', ...others] = jobNodes.map(({ id }) => id);
    const move = { from: 'COMPLETE', to: 'IDLE', started: false, over: false } as const;
    expect(await moveStatus(database.db, 'job_node', [first], move)).to.equal(true);
    expect(await moveStatus(database.db, 'job_node', others, move)).to.equal(true);
    const back = { ...move, from: 'IDLE', to: 'RUNNING' } as const;
    expect(await moveStatus(database.db, 'job_node', [first], back)).to.equal(true);
    expect(await moveStatus(database.db, 'job_node', [first, ...others], back)).to.equal(false);
  });
});
