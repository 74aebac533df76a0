// A host that was configured well, and runs of a configure on it that goes back, to their end.
import { expect } from 'chai';
import { recipes } from '../../agent/recipes/index.ts';
import type { Step } from '../../agent/steps/step.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { eventually } from '../support/eventually.ts';
import type { FakeHost } from '../support/fake-host.ts';
import type { Scratch } from './disk/scratch.ts';
import { PickyHost } from './picky-host.ts';
import { openRig, type Rig, RUN } from './run-rig.ts';
import { drive, inputFor } from './steps/step-driver.ts';

export const CONF = '/srv/node1/cassandra-5.0.8/conf';
export const YAML = `${CONF}/cassandra.yaml`;
export const REPLACED = '/srv/node1/run/replaced.json';
const BAD = { 'cassandra-yaml': { concurrent_reads: 17, native_transport_port: 9999 } };

/** With it the node of a PickyHost does not start. */
export const input = inputFor('configure-reverting', '/srv/node1', {
  profile: BAD,
  ports: { native: 9999, storage: 7000, jmx: 7199 },
});

const ELSEWHERE = ['await-peers', 'await-peers-again', 'await-leave'];
/** Without the steps that go through a coordinator. */
export const stepsOf = (of: RunInput): Step[] =>
  recipes[of.recipe](of).filter(({ name }) => !ELSEWHERE.includes(name));

const STEPS = stepsOf(input);
/** Those at whose end its files are written. */
export const untilWritten = STEPS.slice(0, STEPS.findIndex(({ name }) => name === 'write-config-files') + 1);

export const configFilesOf = ({ files }: FakeHost) =>
  new Map([...files].filter(([path]) => path.startsWith(CONF) || path.endsWith('/pushed.json')));

/** Its node runs with files that it starts with; one is missing, so that the run makes one. */
export async function configuredHost(): Promise<FakeHost> {
  const host = new PickyHost();
  for (const [path, text] of host.packed) host.files.set(`/srv/node1/cassandra-5.0.8/${path}`, text);
  const good = inputFor('configure', '/srv/node1', {
    profile: { 'cassandra-yaml': { concurrent_reads: 8 } },
  });
  await drive(recipes.configure(good), { host, input: good });
  host.files.delete(`${CONF}/cassandra-rackdc.properties`);
  host.done.length = 0;
  return host;
}

/** Takes the run on, or gives it its secrets when the directory's journal holds it. */
export const beginIn =
  (scratch: Scratch, hostOf: () => FakeHost) =>
  async (steps = stepsOf(input), of = input, directory?: string): Promise<Rig> => {
    const rig = await openRig(directory ?? (await scratch.directory()), steps, { host: hostOf() });
    scratch.atEnd(() => rig.close());
    if (rig.runner.heldRunIds().length === 0)
      expect(await rig.runner.take(RUN, JSON.stringify(of), '')).to.equal(null);
    else await rig.runner.secretsCame(RUN, '');
    return rig;
  };

/** Once nothing is done for the run any more. */
export async function endOf(rig: Rig) {
  await eventually(() => {
    expect(rig.outbox.isFinished(RUN)).to.equal(true);
    expect(rig.runner.progress()).to.deep.equal([]);
  });
  const told = rig.told();
  const last = told.at(-1);
  if (last?.kind !== 'finished') throw new Error('the last is the finish');
  const events = told.flatMap((record) => (record.kind === 'event' ? [record.event] : []));
  return { ...last.finish, events, subtypes: events.map(({ subtype }) => subtype) };
}
