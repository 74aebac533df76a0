// A database node whose service takes too long to start or stop: its own process says what became of it.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { AptHost } from '../../support/apt-host.ts';
import { failureOf } from '../../support/failure-of.ts';
import { drive, inputFor } from './step-driver.ts';

describe('a service that comes to no end', () => {
  let host: AptHost;
  const run = (recipe: RunInput['recipe']) => {
    const input = inputFor(recipe, '/usr/share/cassandra', {
      install: { type: 'package', directory: '/usr/share/cassandra' },
    });
    return drive(recipes[recipe](input), { host, input });
  };

  beforeEach(async () => {
    host = new AptHost();
    host.has('cassandra', '5.0.8-1');
    host.startNode();
    await run('configure');
    host.done.length = 0;
    host.serviceHangs = true;
  });

  for (const { by, prepare } of [
    { by: 'systemd', prepare: () => {} },
    {
      by: 'an init script',
      prepare: () => {
        host.directories.delete('/run/systemd/system');
        host.files.set('/etc/init.d/cassandra', '');
      },
    },
  ])
    describe(`of ${by}`, () => {
      beforeEach(prepare);

      it('is no failure where the node runs and answers', async () => {
        const before = host.running?.pid;
        const { events } = await run('restart');
        const slow = events.filter(({ subtype }) => subtype === 'service-slow');
        expect(slow.map(({ message }) => message)).to.deep.equal([
          'The start of the service cassandra came to no end within 120 s: whether the node runs is seen by its process',
        ]);
        const subtypes = events.map(({ subtype }) => subtype);
        expect(subtypes).to.include.members(['node-started', 'native-port-answers']);
        expect(host.running?.pid).to.be.a('number').and.not.equal(before);
      });

      it('fails where no node runs, with what the service is', async () => {
        host.diesAtStart = true;
        const failure = await failureOf(run('restart'));
        expect(failure).to.include({ subtype: 'node-died', resource: 'cassandra' });
        expect(failure.detail['service']).to.include({ 'exit-code': null, output: 'it took too long' });
      });

      it('fails where the node runs and never answers', async () => {
        host.answersAfterMs = null;
        expect((await failureOf(run('restart'))).subtype).to.equal('node-not-up');
      });
    });
});
