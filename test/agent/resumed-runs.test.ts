// Runs that a new process of the agent goes on with: what is known of them, done once, and given up.
import { expect } from 'chai';
import { recipes } from '../../agent/recipes/index.ts';
import type { Step } from '../../agent/steps/step.ts';
import { eventually } from '../support/eventually.ts';
import { Scratch } from './disk/scratch.ts';
import { finished, inputJson, inWords, type Rig, RUN, rigsIn, step, untilAborted } from './run-rig.ts';
import { inputFor } from './steps/step-driver.ts';

describe('resumed runs', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  const open = rigsIn(scratch);

  it('goes on after a restart of the agent at the step it was in, with its notes and the results before it', async () => {
    const directory = await scratch.directory();
    const seen: unknown[] = [];
    const first = step('first', async () => ({ pid: 7 }));
    const before = await open(directory, [
      first,
      step('second', async (context) => {
        await context.note('half-way');
        seen.push('noted');
        return await untilAborted(context);
      }),
    ]);
    expect(await before.runner.take(RUN, inputJson, '')).to.equal(null);
    await eventually(() => expect(seen).to.deep.equal(['noted']));
    await before.close();

    const after = await open(directory, [
      first,
      step('second', async ({ notes, resultOf, secrets }) => {
        seen.push(notes, resultOf('first'), secrets.repositoryPassword);
      }),
    ]);
    expect(after.runner.heldRunIds()).to.deep.equal([RUN]);
    await after.runner.secretsCame(RUN, '{"repositoryPassword":"s3cret"}');
    await finished(after);
    expect(seen).to.deep.equal(['noted', ['half-way'], { pid: 7 }, 's3cret']);
    expect(inWords(after.told())).to.deep.equal(['first', 'second', 'second', 'succeeded']);
  });

  it('asks for leave again that it had before its agent ended, until the stop has begun', async () => {
    const directory = await scratch.directory();
    const leave = { ...step('leave'), goodUntil: 'stop' };
    const goOn = async (...steps: Step[]): Promise<Rig> => {
      const rig = await open(directory, [leave, ...steps]);
      if (rig.runner.heldRunIds().length === 0) await rig.runner.take(RUN, inputJson, '');
      else await rig.runner.secretsCame(RUN, '');
      return rig;
    };
    const endsIn = async (rig: Rig, told: readonly string[]): Promise<void> => {
      await eventually(() => expect(inWords(rig.told())).to.deep.equal(told));
      await rig.close();
    };
    await endsIn(await goOn(step('check', untilAborted), step('stop')), ['leave', 'check']);
    const again = ['leave', 'check', 'leave', 'check', 'stop'];
    await endsIn(await goOn(step('check'), step('stop', untilAborted)), again);
    await endsIn(await goOn(step('check'), step('stop')), [...again, 'stop', 'succeeded']);
  });

  it('is not stopped with its node down where the step under way has another name than it had for an earlier agent', async () => {
    const directory = await scratch.directory();
    const [facts, start] = [step('facts'), step('start-node')];
    const before = await open(directory, [facts, step('files', untilAborted), step('stop-node'), start]);
    await before.runner.take(RUN, inputJson, '');
    await eventually(() => expect(inWords(before.told())).to.include('files'));
    await before.close();

    let goOn = (): void => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const after = await open(directory, [facts, step('stop-node', () => gate, 'start-node'), start]);
    await after.runner.secretsCame(RUN, '');
    await eventually(() => expect(inWords(after.told())).to.include('stop-node'));
    await after.runner.stop(RUN);
    goOn();
    await finished(after);
    expect(inWords(after.told()).slice(-2)).to.deep.equal(['start-node', 'succeeded']);
  });

  it('can be told from their steps, which have a name of their own in every recipe', () => {
    for (const [name, recipe] of Object.entries(recipes))
      for (const type of ['tarball', 'package'] as const) {
        const input = inputFor('install', '/opt/c');
        const names = recipe({ ...input, install: { ...input.install, type } }).map((one) => one.name);
        expect(names, `${name} ${type}`).to.deep.equal([...new Set(names)]);
      }
  });

  it('does each step once, and leaves none out, whatever steps an earlier recipe had before it', async () => {
    const directory = await scratch.directory();
    const done: string[] = [];
    const doing = (name: string): Step => step(name, async () => void done.push(name));
    const before = await open(directory, [doing('facts'), doing('files'), step('start-node', untilAborted)]);
    await before.runner.take(RUN, inputJson, '');
    await eventually(() => expect(inWords(before.told())).to.include('start-node'));
    await before.close();

    const steps = ['facts', 'ports', 'files', 'gate', 'start-node', 'peers'];
    const after = await open(directory, steps.map(doing));
    await after.runner.secretsCame(RUN, '');
    await finished(after);
    expect(done).to.deep.equal(['facts', 'files', 'ports', 'gate', 'start-node', 'peers']);
    await after.close();
    const again = await open(directory, steps.map(doing));
    expect(again.runner.heldRunIds()).to.deep.equal([RUN]);
    expect(done).to.have.length(6);
  });

  it('does not resume a run whose fence was cut short by a crash', async () => {
    const directory = await scratch.directory();
    const rig = await open(directory, [step('first', untilAborted)]);
    await rig.runner.take(RUN, inputJson, '');
    await eventually(() => expect(rig.told()).to.have.length(1));
    await rig.journal.fenced(RUN);
    await rig.close();
    const after = await open(directory, [step('first')]);
    expect(after.runner.heldRunIds()).to.deep.equal([]);
    expect(after.told()).to.deep.equal([]);
  });

  it('carries out what it knows of a run of a later coordinator, and keeps the rest for a later agent', async () => {
    const directory = await scratch.directory();
    const later = { ...inputFor('restart', '/opt/c'), added: { deep: true } };
    const rig = await open(directory, [
      step('first', async ({ input, secrets }) => {
        expect(input).to.not.have.property('added');
        expect(secrets.repositoryPassword).to.equal('s3cret');
      }),
    ]);
    const secretsJson = '{"repositoryPassword":"s3cret","added":"hush"}';
    expect(await rig.runner.take(RUN, JSON.stringify(later), secretsJson)).to.equal(null);
    await finished(rig);
    expect(inWords(rig.told())).to.deep.equal(['first', 'succeeded']);
    expect(rig.journal.run(RUN)?.input).to.deep.equal(later);
  });

  it('ends a run as failed whose journalled input it cannot read', async () => {
    const directory = await scratch.directory();
    const rig = await open(directory, []);
    await rig.journal.accept({ runId: RUN, recipe: 'restart', input: { from: 'a later version' } });
    await rig.close();
    const after = await open(directory, []);
    expect(inWords(after.told()).at(-1)).to.equal('failed');
  });
});
