// The packages of an upgrade, on a machine in memory, that somebody cleans away before the node is stopped.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { AptHost } from '../../support/apt-host.ts';
import { failureOf } from '../../support/failure-of.ts';
import { drive, packagedInputFor } from './step-driver.ts';

describe('packages that were downloaded for an upgrade', () => {
  let host: AptHost;
  const run = (recipe: RunInput['recipe'], version: string, onSnapshot = (): void => {}) => {
    const input = packagedInputFor(recipe, {
      version,
      snapshot: true,
    });
    const onEvent = ({ subtype }: { subtype: string }) => {
      if (subtype === 'snapshot-taken') onSnapshot();
    };
    return drive(recipes[recipe](input), { host, input, onEvent });
  };
  const clean = (): void => {
    for (const path of [...host.files.keys()]) if (path.endsWith('.deb')) host.files.delete(path);
  };
  const touches = () => host.done.filter((done) => !/^(write|remove|snapshot) /.test(done));

  beforeEach(async () => {
    host = new AptHost();
    host.has('cassandra', '5.0.7-1');
    host.offered.set('cassandra', ['5.0.8-1', '5.0.7-1']);
    host.startNode();
    await run('configure', '5.0.7');
    host.done.length = 0;
  });

  it('are downloaded again before the node is touched when they are gone, and only then', async () => {
    const { events } = await run('upgrade', '5.0.8', clean);
    expect(touches().slice(0, 3)).to.deep.equal([
      'download packages',
      'download packages',
      'stop native transport',
    ]);
    expect(events.find(({ subtype }) => subtype === 'packages-gone')?.message).to.contain(
      'cassandra 5.0.8-1',
    );
    expect(host.packages.get('cassandra')?.version).to.equal('5.0.8-1');
  });

  it('stay as they are while they are there', async () => {
    await run('upgrade', '5.0.8');
    expect(touches().filter((done) => done === 'download packages')).to.have.length(1);
  });

  it('leave the node running when they are gone and cannot be downloaded again', async () => {
    const failure = await failureOf(
      run('upgrade', '5.0.8', () => {
        clean();
        host.alsoReplaces = 'other [1] (2 all)'; // as the repository now has it
      }),
    );
    expect(failure.subtype).to.equal('packages-would-change');
    expect(touches()).to.deep.equal(['download packages']);
    expect(host.running).to.not.equal(null);
  });

  it('leave the node running when they are there and could not be installed any more', async () => {
    for (const [spoil, subtype] of [
      [() => host.offered.set('cassandra', ['5.0.9-1', '5.0.7-1']), 'no-such-package'],
      [() => (host.alsoReplaces = 'other [1] (2 all)'), 'packages-would-change'],
    ] as const) {
      host.offered.set('cassandra', ['5.0.8-1', '5.0.7-1']);
      host.done.length = 0;
      const failure = await failureOf(run('upgrade', '5.0.8', spoil));
      expect(failure.subtype).to.equal(subtype);
      expect(failure.message).to.not.contain('To go back');
      expect(touches()).to.deep.equal(['download packages']);
      expect(host.running).to.not.equal(null);
    }
  });
});
