// A configure that went back and could not put all files back: the only copy of those of before stays until a run succeeds.
import { expect } from 'chai';
import type { StepContext } from '../../agent/steps/step.ts';
import { StepFailed } from '../../shared/errors.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { eventually } from '../support/eventually.ts';
import type { FakeHost } from '../support/fake-host.ts';
import { Scratch } from './disk/scratch.ts';
import {
  beginIn,
  configFilesOf,
  configuredHost,
  endOf,
  input,
  REPLACED,
  stepsOf,
  YAML,
} from './reverting-rig.ts';
import { type Rig, RUN, step } from './run-rig.ts';

describe('a configure that cannot put all files back', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());
  let host: FakeHost;
  let before: Map<string, string>;
  const begin = beginIn(scratch, () => host);
  const NOT_PUT_BACK = REPLACED.replace('replaced', 'not-put-back');
  let isFull: boolean;
  let runs: number;
  /** One more run with these steps, to its end and acknowledged. */
  const then = async ({ runner, outbox }: Rig, recipe: RunInput['recipe']): Promise<void> => {
    runs += 1;
    const runId = `${RUN.slice(0, -1)}${runs}`;
    await runner.take(runId, JSON.stringify({ ...input, recipe }), '');
    await eventually(() => expect(outbox.isFinished(runId)).to.equal(true));
    await runner.stored(runId, outbox.lastSeq(runId));
  };
  beforeEach(async () => {
    host = await configuredHost();
    before = configFilesOf(host);
    isFull = true;
    runs = 1;
    const replaceText = host.replaceText.bind(host);
    host.replaceText = async (path, text, ...rest) => {
      if (isFull && text === before.get(YAML))
        throw new StepFailed('disk-full', `No space left while writing ${path}`, { resource: path });
      await replaceText(path, text, ...rest);
    };
  });

  it('keeps the only copy, says where, and drops it once a run succeeds', async () => {
    let isAtWork = true;
    const steps = stepsOf(input).map((one) => ({
      ...one,
      async *run(context: StepContext) {
        return isAtWork ? yield* one.run(context) : undefined;
      },
    }));
    const rig = await begin(steps);
    const { reason, events } = await endOf(rig);
    expect(reason).to.contain('Going back to the configuration of before failed too: No space left');
    expect(events.at(-1)?.message).to.match(
      /once the cause is mended, run configure again, which starts the node\. The configuration files were not all put back: \/srv\/node1\/run\/replaced\.json has them as they were before this run, until a job of this node succeeds$/,
    );
    expect(JSON.parse(host.files.get(REPLACED) ?? '{}').configs).to.deep.include({
      path: YAML,
      text: before.get(YAML),
    });
    expect(host.rights.get(REPLACED)).to.equal(0o600);
    isAtWork = false;
    await then(rig, 'check');
    expect(host.files.has(REPLACED)).to.equal(true);
    await then(rig, 'restart');
    expect(host.files.has(REPLACED)).to.equal(false);
  });

  it('touches nothing but what the run wrote and the agent keeps of it, whatever paths the copy names', async () => {
    isFull = false;
    host.files.set('/etc/passwd', 'root');
    const edited = step('edit', async () => {
      const kept = JSON.parse(host.files.get(REPLACED) ?? '{}');
      const other = { path: '/etc/passwd', text: null };
      kept.configs.push(other);
      for (const file of Object.values(kept.own))
        if (typeof file === 'object') Object.assign(file ?? {}, other);
      host.files.set(REPLACED, JSON.stringify(kept));
    });
    const steps = stepsOf(input).flatMap((one) => (one.name === 'check-restart' ? [edited, one] : [one]));
    const { reason } = await endOf(await begin(steps));
    expect(reason).to.match(/is back with it$/);
    expect(host.files.get('/etc/passwd')).to.equal('root');
  });

  it('writes nothing over a file whose bytes it could not put back', async () => {
    host.files.set(YAML, Buffer.from('# caf\u00e9\n', 'latin1').toString('utf8'));
    const ofText = host.sha256;
    host.sha256 = async (path) => (path === YAML ? 'that of other bytes' : await ofText(path));
    const there = configFilesOf(host);
    const { reason, subtypes } = await endOf(await begin());
    expect(subtypes).to.include('not-utf-8');
    expect(reason).to.equal(
      `${YAML} is not UTF-8 text, and so could not be put back as it is: save it as UTF-8, or run the job without revert-on-failure. Nothing was written`,
    );
    expect(configFilesOf(host)).to.deep.equal(there);
    expect(host.done).to.deep.equal([]);
  });

  it('goes back to a file that has the character which stands for other bytes', async () => {
    isFull = false;
    const odd = `${before.get(YAML)}# \uFFFD\n`;
    host.files.set(YAML, odd);
    const { reason } = await endOf(await begin());
    expect(reason).to.match(/is back with it$/);
    expect(host.files.get(YAML)).to.equal(odd);
  });

  it('keeps it when its run is fenced on the way back', async () => {
    isFull = false;
    let isReverting = false;
    let goOn = (): void => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const remove = host.remove.bind(host);
    host.remove = async (path) => {
      isReverting = true;
      await held;
      await remove(path);
    };
    const rig = await begin();
    await eventually(() => expect(isReverting).to.equal(true));
    const fenced = rig.runner.fence(RUN);
    goOn();
    await fenced;
    expect(host.files.has(REPLACED)).to.equal(true);
  });

  it('is not lost to a later run, that fails before it writes or cannot put its own back either', async () => {
    let isBroken = false;
    const check = step('look', async () => {
      if (isBroken) throw new StepFailed('no-java', 'No');
    });
    const rig = await begin([check, ...stepsOf(input)]);
    await endOf(rig);
    const left = host.files.get(REPLACED);
    isBroken = true;
    await then(rig, 'configure-reverting');
    expect(host.files.get(REPLACED)).to.equal(left);
    isBroken = false;
    await then(rig, 'configure-reverting');
    expect(host.files.get(NOT_PUT_BACK)).to.equal(left);
    expect(host.rights.get(NOT_PUT_BACK)).to.equal(0o600);
  });
});
