// Runs carried out with real files: what is done once, when a stop is honoured, what a fence ends, how failures are told.
import { expect } from 'chai';
import type { Step } from '../../agent/steps/step.ts';
import { StepFailed } from '../../shared/errors.ts';
import { eventually } from '../support/eventually.ts';
import { Scratch } from './disk/scratch.ts';
import { finished, inputJson, inWords, RUN, rigsIn, said, step, untilAborted } from './run-rig.ts';

describe('runner', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  const open = rigsIn(scratch);

  it('waits for its secrets before it goes on', async () => {
    const directory = await scratch.directory();
    const before = await open(directory, [step('first', untilAborted)]);
    await before.runner.take(RUN, inputJson, '');
    await eventually(() => expect(before.told()).to.have.length(1));
    await before.close();
    const after = await open(directory, [step('first')]);
    expect(inWords(after.told())).to.deep.equal(['first']);
    await after.runner.secretsCame(RUN, '');
    await finished(after);
  });

  it('forgets a run once its finish is stored, and not before', async () => {
    const rig = await open(await scratch.directory(), [step('first')]);
    await rig.runner.take(RUN, inputJson, '');
    await finished(rig);
    await rig.runner.stored(RUN, 1);
    expect(rig.runner.heldRunIds()).to.deep.equal([RUN]);
    await rig.runner.stored(RUN, 2);
    expect(rig.runner.heldRunIds()).to.deep.equal([]);
  });

  it('does not do a run twice that is asked for twice at once', async () => {
    let times = 0;
    const count = step('first', async () => {
      times += 1;
    });
    const rig = await open(await scratch.directory(), [count]);
    const taken = [rig.runner.take(RUN, inputJson, ''), rig.runner.take(RUN, inputJson, '')];
    expect(await Promise.all(taken)).to.deep.equal([null, null]);
    await finished(rig);
    expect(times).to.equal(1);
  });

  it('stops before the next step when the step under way does not listen', async () => {
    let go: () => void = () => {};
    const going = new Promise<void>((resolve) => (go = resolve));
    const rig = await open(await scratch.directory(), [step('first', () => going), step('second')]);
    await rig.runner.take(RUN, inputJson, '');
    await eventually(() => expect(rig.told()).to.have.length(1));
    await rig.runner.stop(RUN);
    go();
    await finished(rig);
    expect(inWords(rig.told())).to.deep.equal([
      'first',
      'Stopped as asked before the step second was done: the database node does not run. Run restart again for the rest, which starts it',
      'stopped',
    ]);
  });

  it('stops only after the node is up again once it is being taken down', async () => {
    let go: () => void = () => {};
    const going = new Promise<void>((resolve) => (go = resolve));
    let heard: boolean | null = null;
    const rig = await open(await scratch.directory(), [
      step('stop-node', () => going, 'start-node'),
      step('start-node', async ({ stopping }) => {
        heard = stopping.aborted;
      }),
      step('await-peers'),
    ]);
    await rig.runner.take(RUN, inputJson, '');
    await eventually(() => expect(rig.told()).to.have.length(1));
    await rig.runner.stop(RUN);
    go();
    await finished(rig);
    expect(heard).to.equal(false);
    const [first, second, left, finish] = inWords(rig.told());
    expect([first, second, finish]).to.deep.equal(['stop-node', 'start-node', 'stopped']);
    expect(left).to.contain('Stopped as asked before the step await-peers was done');
  });

  it('tells a failure that has nothing to do with a stop asked for', async () => {
    let go: () => void = () => {};
    const going = new Promise<void>((resolve) => (go = resolve));
    const rig = await open(await scratch.directory(), [
      step('first', async () => {
        await going;
        throw new StepFailed('disk-full', 'No space is left', {
          resource: '/opt/c',
          detail: { free: 0 },
          cause: new Error('ENOSPC'),
        });
      }),
    ]);
    await rig.runner.take(RUN, inputJson, '');
    await eventually(() => expect(rig.told()).to.have.length(1));
    await rig.runner.stop(RUN);
    go();
    await finished(rig);
    const [, failure, finish] = rig.told();
    expect(failure).to.deep.nested.include({
      'event.type': 'error',
      'event.subtype': 'disk-full',
      'event.resource': '/opt/c',
      'event.message': 'No space is left',
      'event.afterJson': '{"step":"first","free":0}',
    });
    expect(failure).to.have.nested.property('event.traceback', 'Error: ENOSPC'); // and no stack of ours
    expect(finish).to.deep.nested.include({
      'finish.outcome': 'failed',
      'finish.reason': 'No space is left',
    });
  });

  it('tells what no step foresaw as an internal error', async () => {
    const broken = step('first', async () => {
      throw new TypeError('x is undefined');
    });
    const rig = await open(await scratch.directory(), [broken]);
    await rig.runner.take(RUN, inputJson, '');
    await finished(rig);
    expect(rig.told()[1]).to.have.nested.property('event.subtype', 'internal-error');
  });

  it('does nothing more for a fenced run once the fence has resolved, not even another step or another start', async () => {
    let go: () => void = () => {};
    const going = new Promise<void>((resolve) => (go = resolve));
    const done: string[] = [];
    const steps = [
      step('deaf', async () => {
        await going;
        done.push('deaf');
      }),
      {
        name: 'next',
        async *run() {
          done.push('next');
          yield said('next');
        },
      },
    ] satisfies Step[];
    const directory = await scratch.directory();
    const rig = await open(directory, steps);
    await rig.runner.take(RUN, inputJson, '');
    await eventually(() => expect(rig.told()).to.have.length(1));
    const fence = rig.runner.fence(RUN).then(() => done.push('let go'));
    await eventually(() => expect(rig.journal.isFenced(RUN)).to.equal(true));
    go();
    await fence;
    expect(done).to.deep.equal(['deaf', 'let go']);
    expect(rig.told()).to.deep.equal([]);
    expect(await rig.runner.take(RUN, inputJson, '')).to.equal('this run was fenced');
  });

  it('fails a resumed run whose secrets cannot be read, without showing them', async () => {
    const directory = await scratch.directory();
    const before = await open(directory, [step('first', untilAborted)]);
    await before.runner.take(RUN, inputJson, '');
    await eventually(() => expect(before.told()).to.have.length(1));
    await before.close();
    const after = await open(directory, [step('first')]);
    await after.runner.secretsCame(RUN, '{"repositoryPassword": hush');
    await finished(after);
    const [, failure, finish] = after.told();
    expect(failure).to.have.nested.property('event.subtype', 'secrets-unreadable');
    expect(finish).to.have.nested.property('finish.outcome', 'failed');
    expect(JSON.stringify(after.told())).to.not.contain('hush');
  });

  it('takes a step no further than its next event once the agent ends', async () => {
    const done: string[] = [];
    let go: () => void = () => {};
    const going = new Promise<void>((resolve) => (go = resolve));
    const rig = await open(await scratch.directory(), [
      {
        name: 'talks',
        async *run() {
          yield said('before');
          await going;
          yield said('after');
          done.push('acted');
        },
      },
    ]);
    await rig.runner.take(RUN, inputJson, '');
    await eventually(() => expect(rig.told()).to.have.length(1));
    const closed = rig.runner.close();
    go();
    await closed;
    expect(done).to.deep.equal([]);
    expect(inWords(rig.told())).to.deep.equal(['before', 'after']);
  });
});
