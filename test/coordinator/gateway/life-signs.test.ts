// Life signs on their way to the database: gathered by node and run, and said again when a run was busy.
import { expect } from 'chai';
import { LifeSigns } from '../../../coordinator/gateway/life-signs.ts';
import type { LifeSign, Touched } from '../../../coordinator/store/runs.ts';
import { silentLogger } from '../../../shared/log.ts';
import { eventually } from '../../support/eventually.ts';

const progress = (runId: string, ticks: number) => ({ runId, stepNumber: 1, stepCount: 2, step: 'a', ticks });

describe('life signs on their way', () => {
  let written: (readonly LifeSign[])[];
  let woken: string[];
  let answer: (signs: readonly LifeSign[]) => Touched;
  let signs: LifeSigns;
  beforeEach(() => {
    written = [];
    woken = [];
    answer = () => ({ jobIds: [], busy: [] });
    const touch = async (given: readonly LifeSign[]): Promise<Touched> => {
      written.push(given);
      return answer(given);
    };
    signs = new LifeSigns(touch, { wake: (_, id) => woken.push(id) }, silentLogger);
  });
  afterEach(() => signs.stop());

  it("go together, the newest of each node and run: no node's word takes the place of another's", async () => {
    answer = () => ({ jobIds: ['job'], busy: [] });
    signs.heard('one', progress('run', 1));
    signs.heard('other', progress('run', 9));
    signs.heard('one', progress('run', 2));
    await eventually(() => expect(woken).to.deep.equal(['job']));
    expect(written).to.deep.equal([
      [
        { nodeId: 'one', progress: progress('run', 2) },
        { nodeId: 'other', progress: progress('run', 9) },
      ],
    ]);
  });

  it('of a busy run are said again, unless a newer one has come', async () => {
    answer = (given) => {
      answer = () => ({ jobIds: [], busy: [] });
      signs.heard('b', progress('run', 2));
      return { jobIds: [], busy: [...given] };
    };
    signs.heard('a', progress('run', 1));
    signs.heard('b', progress('run', 1));
    await eventually(() => expect(written).to.have.length(2));
    expect(written[1]).to.have.deep.members([
      { nodeId: 'a', progress: progress('run', 1) },
      { nodeId: 'b', progress: progress('run', 2) },
    ]);
  });

  it('go on after a failure', async () => {
    answer = () => {
      answer = () => ({ jobIds: [], busy: [] });
      throw new Error('the database is away');
    };
    signs.heard('a', progress('run', 1));
    await eventually(() => expect(written).to.have.length(1));
    signs.heard('a', progress('run', 2));
    await eventually(() => expect(written[1]).to.deep.equal([{ nodeId: 'a', progress: progress('run', 2) }]));
  });
});
