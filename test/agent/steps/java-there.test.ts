// A database node whose Java is gone from under it: it is not stopped, since nothing would start it again.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import { StepFailed } from '../../../shared/errors.ts';
import { failureOf } from '../../support/failure-of.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { type DriveOptions, drive, inputFor } from './step-driver.ts';

const LINK = '/usr/bin/java';
const REAL = '/usr/lib/jvm/java-17/bin/java';

describe('the Java of a database node that runs', () => {
  let host: FakeHost;
  const restart = inputFor('restart', '/srv/node1');
  const dryRun = {
    ...restart,
    recipe: 'check' as const,
    dryRun: { of: 'restart' as const, onlyStale: false },
  };
  const run = (input = restart, askLeave?: DriveOptions['askLeave']) =>
    drive(recipes[input.recipe](input), { host, input, ...(askLeave === undefined ? {} : { askLeave }) });
  const runsWith = (word: string, path: string | null): void => {
    host.programs.set(host.startNode().pid, { path, uids: [1000], words: [word, '-Xss256k'] });
  };

  beforeEach(() => {
    host = new FakeHost();
    for (const [path, text] of host.packed) host.files.set(`/srv/node1/cassandra-5.0.8/${path}`, text);
    const installed = { product: 'cassandra', version: '5.0.8' };
    host.files.set('/srv/node1/installed.json', JSON.stringify(installed));
    host.files.set(LINK, '').set(REAL, '');
    host.javaOutput = new StepFailed('program-not-found', 'There is no program java');
    runsWith(LINK, REAL);
  });

  it('is missed by a restart and its dry-run before leave is asked for, by the name that it was started by', async () => {
    host.files.delete(LINK);
    let asked = false;
    const askLeave: DriveOptions['askLeave'] = async function* () {
      asked = true;
      yield { verdict: 'allowed', message: 'Every range keeps its level', notes: [] };
    };
    for (const input of [restart, dryRun]) {
      const failure = await failureOf(run(input, askLeave));
      expect(failure).to.include({ subtype: 'java-missing', resource: LINK });
      expect(failure.message).to.contain('and runs on. Put Java back');
    }
    expect([asked, host.done]).to.deep.equal([false, []]);
    runsWith('java', `${REAL} (deleted)`);
    host.files.delete(REAL);
    expect((await failureOf(run())).resource).to.equal(REAL);
  });

  it('is missed where the link to it is there, and leads nowhere', async () => {
    host.changedMs = async (path) => (path === LINK ? null : 0);
    expect(await failureOf(run())).to.include({ subtype: 'java-missing', resource: LINK });
    expect(host.done).to.deep.equal([]);
  });

  it('is missed as well where it went while leave was waited for', async () => {
    const askLeave: DriveOptions['askLeave'] = async function* () {
      host.files.delete(LINK);
      yield { verdict: 'allowed', message: 'Every range keeps its level', notes: [] };
    };
    expect((await failureOf(run(restart, askLeave))).subtype).to.equal('java-missing');
    expect(host.done).to.deep.equal([]);
  });

  it('is none to miss where it was replaced in its place, where there is another, or what runs is no java', async () => {
    runsWith('java', `${REAL} (deleted)`);
    await run();
    host.files.delete(LINK);
    runsWith('jsvc.exec', '/usr/bin/jsvc (deleted)');
    await run();
    host.javaOutput = 'openjdk version "17.0.15" 2025-04-15';
    runsWith(LINK, REAL);
    await run();
    expect(host.done.filter((what) => what === 'spawn')).to.have.length(3);
  });
});
