// Kill -9 at every moment of a run: the next agent brings it to the same end, and nothing is done to the database node twice.
import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { recipes } from '../../agent/recipes/index.ts';
import type { RunInput } from '../../shared/run-input.ts';
import type { RecordBody } from '../../shared/wire/messages.ts';
import { AptHost } from '../support/apt-host.ts';
import { FakeHost } from '../support/fake-host.ts';
import { Scratch, takeAll } from './disk/scratch.ts';
import { Mortal } from './mortal.ts';
import { PickyHost } from './picky-host.ts';
import { openRig, RUN } from './run-rig.ts';
import { inputFor } from './steps/step-driver.ts';

/** Where a run begins with another version than it ends with. */
const OLD: Partial<Record<RunInput['recipe'], string>> = { upgrade: '5.0.7' };
const BEFORE = JSON.stringify({ product: 'cassandra', version: '5.0.7', sha256: '', kept: ['5.0.6'] });
const TARBALL = 'http://127.0.0.1:1/cassandra.tar.gz';

/** What the coordinator's database would know. */
interface Known {
  accepted: boolean;
  records: RecordBody[];
}

describe('an agent killed in the middle of a run', function () {
  this.timeout(120_000);
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  /** One life of the agent, as far as it gets: takes or resumes the run, tells, and lets go once all is acknowledged. */
  async function live(directory: string, machine: FakeHost, input: RunInput, known: Known, mortal: Mortal) {
    const disk = { openFile: mortal.openFile, reserveBytes: 4096 };
    const life = async (): Promise<void> => {
      // Leave, and what peers see, are asked for through a coordinator, and there is none here.
      const steps = recipes[input.recipe](input).filter(({ name }) => !/^await-(?:peers|leave)/.test(name));
      const rig = await openRig(directory, steps, {
        host: mortal.reach(machine),
        journal: disk,
        outbox: disk,
      });
      const isOver = (): boolean => known.records.at(-1)?.kind === 'finished';
      const held = rig.runner.heldRunIds().includes(RUN);
      // What a coordinator would call lost must never happen.
      expect(held || !known.accepted || isOver(), 'the run is held, or over').to.equal(true);
      if (rig.outbox.isFinished(RUN)) expect(rig.runner.progress(), 'not begun again').to.deep.equal([]);
      if (held) {
        known.accepted = true;
        await rig.runner.secretsCame(RUN, '');
      } else if (!known.accepted) {
        expect(await rig.runner.take(RUN, JSON.stringify(input), '')).to.equal(null);
        known.accepted = true;
      }
      while (!isOver()) {
        await rig.outbox.ready();
        for (const { seq, body } of takeAll(rig.outbox)) {
          if (seq > known.records.length + 1) throw new Error(`a hole before number ${seq}`);
          if (seq === known.records.length + 1) known.records.push(body as RecordBody);
          else expect(body, 'the same record').to.deep.equal(known.records[seq - 1]);
        }
      }
      await rig.runner.stored(RUN, known.records.length);
      expect(rig.runner.heldRunIds()).to.deep.equal([]);
      await rig.close();
    };
    await Promise.race([life(), mortal.death]);
    await mortal.closeFiles();
  }

  const makeMachine = (input: RunInput): FakeHost => {
    if (input.recipe === 'configure-reverting') return makePickyMachine();
    if (input.install.type === 'package') return makePackagedMachine();
    const machine = new FakeHost();
    if (input.recipe !== 'restart') {
      machine.remote.set(TARBALL, 'tarball');
      machine.remote.set(`${TARBALL}.sha256`, createHash('sha256').update('tarball').digest('hex'));
    }
    if (input.recipe !== 'install') {
      const home = `/srv/node1/cassandra-${OLD[input.recipe] ?? '5.0.8'}`;
      machine.files.set(`${home}/bin/cassandra`, '');
      machine.files.set(`${home}/conf/cassandra.yaml`, 'cluster_name: prod\n');
      machine.files.set(`${home}/conf/cassandra-env.sh`, '');
      machine.startNode();
    }
    if (input.recipe === 'upgrade') machine.files.set('/srv/node1/installed.json', BEFORE);
    return machine;
  };

  const makePickyMachine = (): FakeHost => {
    const machine = new PickyHost();
    for (const [path, text] of machine.packed) machine.files.set(`/srv/node1/cassandra-5.0.8/${path}`, text);
    machine.startNode();
    return machine;
  };

  const makePackagedMachine = (): AptHost => {
    const machine = new AptHost();
    machine.has('cassandra', '5.0.7');
    machine.offered.set('cassandra', ['5.0.8', '5.0.7']);
    machine.startNode();
    return machine;
  };

  /** What the kernel does when a process is gone: here the dead and the living are one process. */
  async function unlock(directory: string): Promise<void> {
    for (const name of await readdir(directory, { recursive: true }))
      if (name.includes('.lock.')) await rm(join(directory, name));
  }

  /** Lives one after the other, each killed at its moment, and a last one that is not. */
  async function survive(input: RunInput, killedAt: readonly number[]) {
    const machine = makeMachine(input);
    const old = machine.running;
    const known: Known = { accepted: false, records: [] };
    const directory = await scratch.directory();
    let moments = 0;
    for (const at of [...killedAt, Number.POSITIVE_INFINITY]) {
      const mortal = new Mortal(at);
      await live(directory, machine, input, known, mortal);
      moments = mortal.moments;
      await unlock(directory);
    }
    return { machine, old, known, moments };
  }

  const restart = inputFor('restart', '/srv/node1');
  const install = inputFor('install', '/srv/node1', {
    repository: { url: TARBALL, username: null },
  });
  const upgrade = inputFor('upgrade', '/srv/node1', {
    repository: { url: TARBALL, username: null },
    snapshot: true,
  });
  const packages = inputFor('upgrade', '/usr/share/cassandra', {
    install: { type: 'package', directory: '/usr/share/cassandra' },
    packageRepository: { manual: true, url: null, keyUrl: null, username: null, dist: './', components: [] },
    snapshot: true,
  });
  type Survived = Awaited<ReturnType<typeof survive>>;

  /** Every record once, in order, under dense numbers, and the end that a run has which nobody disturbed. */
  function hasEnded({ known, machine, old }: Survived, outcome = 'succeeded'): void {
    const finishes = known.records.filter(({ kind }) => kind === 'finished');
    expect(finishes).to.have.length(1);
    expect(known.records.at(-1)).to.have.nested.property('finish.outcome', outcome);
    expect(machine.running, 'a node runs').to.not.equal(null);
    expect(machine.running?.pid).to.not.equal(old?.pid);
    expect([machine.mode, machine.nativeRuns]).to.deep.equal(['NORMAL', true]);
  }
  /** Moments one and all, and then some two and three in a row, by a counter that strides over them. */
  function* killings(moments: number): Iterable<number[]> {
    for (let at = 1; at <= moments; at += 1) yield [at];
    for (let round = 1; round <= 20; round += 1) {
      yield [(round * 37) % moments, (round * 53) % moments, (round * 71) % moments].map((at) => at + 1);
    }
  }

  it('restarts the node once, whenever it was killed', async () => {
    const undisturbed = await survive(restart, []);
    const once = ['stop native transport', 'drain', 'SIGTERM', 'spawn'];
    expect(undisturbed.machine.done).to.deep.equal(once);
    for (const killedAt of killings(undisturbed.moments)) {
      const survived = await survive(restart, killedAt);
      expect(survived.machine.done, `killed at ${killedAt}`).to.deep.equal(once);
      hasEnded(survived);
    }
  });

  /** When files were pushed is another moment for whoever was killed meanwhile. */
  const filesOf = ({ machine }: Survived) =>
    [...machine.files].map(([path, text]) =>
      path.endsWith('/pushed.json') ? [path, text.replaceAll(/"on":"[^"]+"/g, '')] : [path, text],
    );

  it('installs and starts the node once, whenever it was killed', async () => {
    const undisturbed = await survive(install, []);
    for (const killedAt of killings(undisturbed.moments)) {
      const survived = await survive(install, killedAt);
      hasEnded(survived);
      expect(survived.machine.done.filter((done) => done === 'spawn')).to.have.length(1);
      expect(filesOf(survived), `killed at ${killedAt}`).to.have.deep.members(filesOf(undisturbed));
    }
  });

  it('goes back to the files of before, whenever it was killed, and stops the node that served once', async () => {
    const input = inputFor('configure-reverting', '/srv/node1', {
      profile: { 'cassandra-yaml': { concurrent_reads: 17 } },
    });
    const undisturbed = await survive(input, []);
    for (const killedAt of killings(undisturbed.moments)) {
      const survived = await survive(input, killedAt);
      hasEnded(survived, 'failed');
      expect(survived.known.records.at(-1), `killed at ${killedAt}`)
        .to.have.nested.property('finish.reason')
        .that.contains('is back with it');
      expect(survived.machine.done.filter((done) => /^(?:drain|SIG)/.test(done))).to.deep.equal([
        ...['drain', 'SIGTERM'],
      ]);
      expect(filesOf(survived), `killed at ${killedAt}`).to.have.deep.members(filesOf(undisturbed));
    }
  });

  const touching = ({ machine }: Survived) =>
    machine.done
      .filter((done) => !/^(write|download|unpack|remove) /.test(done))
      .map((done) => done.split('-')[0])
      .filter((done, at, all) => done !== 'snapshot upgrade' || all[at - 1] !== done); // taken anew: a broken one may lack tables

  it('upgrades the node once, whenever it was killed: it runs the old version or the new one', async () => {
    const undisturbed = await survive(upgrade, []);
    const once = ['snapshot upgrade', 'stop native transport', 'drain', 'SIGTERM', 'spawn'];
    expect(touching(undisturbed)).to.deep.equal(once);
    for (const killedAt of killings(undisturbed.moments)) {
      const survived = await survive(upgrade, killedAt);
      expect(touching(survived), `killed at ${killedAt}`).to.deep.equal(once);
      hasEnded(survived);
      expect(filesOf(survived), `killed at ${killedAt}`).to.have.deep.members(filesOf(undisturbed));
    }
  });

  it('replaces its packages once, held down, whenever it was killed', async () => {
    const undisturbed = await survive(packages, []);
    const once = [
      'snapshot upgrade',
      'stop native transport',
      'drain',
      'stop service',
      'install cassandra=5.0.8',
      'start service',
    ];
    expect(touching(undisturbed)).to.deep.equal(once);
    for (const killedAt of killings(undisturbed.moments)) {
      const survived = await survive(packages, killedAt);
      expect(touching(survived), `killed at ${killedAt}`).to.deep.equal(once);
      hasEnded(survived);
      expect((survived.machine as AptHost).isHeld, `killed at ${killedAt}`).to.equal(false);
      expect(filesOf(survived), `killed at ${killedAt}`).to.have.deep.members(filesOf(undisturbed));
    }
  });
});
