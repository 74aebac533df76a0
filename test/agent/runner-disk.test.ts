// Runs on a disk that fails: what was ordered takes effect all the same, and no run is left without its end.
import { expect } from 'chai';
import type { Step, StepContext } from '../../agent/steps/step.ts';
import { type Clock, realClock } from '../../shared/clock.ts';
import { eventually } from '../support/eventually.ts';
import { failingDisk } from './disk/failing-disk.ts';
import { Scratch } from './disk/scratch.ts';
import { inputJson, inWords, openRig, type Rig, type RigOptions, RUN, step } from './run-rig.ts';

describe('runner on a failing disk', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  const open = async (steps: readonly Step[], options: RigOptions): Promise<Rig> => {
    const rig = await openRig(await scratch.directory(), steps, options);
    scratch.atEnd(() => rig.close());
    return rig;
  };

  it('stops and lets go of nothing less for a disk on which it cannot note that', async () => {
    for (const order of ['stop', 'fence'] as const) {
      const disk = failingDisk('EIO');
      const signals: Pick<StepContext, 'stopping' | 'aborted'>[] = [];
      const listening = step('first', async (context) => {
        signals.push(context);
        await new Promise<void>((resolve) => {
          for (const signal of [context.stopping, context.aborted])
            signal.addEventListener('abort', () => resolve(), { once: true });
        });
      });
      const rig = await open([listening], {
        journal: { openFile: disk.openFile },
      });
      await rig.runner.take(RUN, inputJson, '');
      await eventually(() => expect(signals).to.have.length(1));
      disk.fail();
      const failure = await rig.runner[order](RUN).catch((error: unknown) => error);
      expect(failure).to.include({ code: 'step-failed', subtype: 'disk-failed' });
      expect(signals[0]?.[order === 'stop' ? 'stopping' : 'aborted'].aborted, order).to.equal(true);
      disk.heal();
    }
  });

  it('tells the end of a run once its disk takes it, and only once', async () => {
    for (const [part, words] of [
      ['outbox', ['first', 'succeeded']],
      ['journal', ['first', 'succeeded']],
    ] as const) {
      const disk = failingDisk('EIO');
      const waitsMs: number[] = [];
      const clock: Clock = {
        nowMs: () => Date.now(),
        wait: (ms, signal) => {
          waitsMs.push(ms);
          return realClock.wait(5, signal);
        },
      };
      const steps = [
        step('first', async () => {
          if (part === 'outbox') disk.fail();
        }),
      ];
      const rig = await open(steps, {
        clock,
        [part]: { openFile: disk.openFile },
      });
      if (part === 'journal') {
        const { stepFinished } = rig.journal;
        rig.journal.stepFinished = async (...told) => {
          await stepFinished.apply(rig.journal, told);
          disk.fail();
        };
      }
      await rig.runner.take(RUN, inputJson, '');
      if (part === 'outbox') {
        await eventually(() => expect(waitsMs.length).to.be.greaterThan(1));
        expect(rig.runner.progress()).to.have.length(1);
        disk.heal();
      }
      await eventually(() => expect(rig.outbox.isFinished(RUN)).to.equal(true));
      await eventually(() => expect(rig.runner.progress()).to.deep.equal([]));
      disk.heal();
      expect(inWords(rig.told()), part).to.deep.equal(words);
    }
  });
});
