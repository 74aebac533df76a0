// A service that its manager does not start: the failure says so, why, and where to look further.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import { lastSaid } from '../../../agent/steps/last-words.ts';
import { AptHost } from '../../support/apt-host.ts';
import { failureOf } from '../../support/failure-of.ts';
import { drive, packagedInputFor } from './step-driver.ts';

describe('a service that could not be started', () => {
  let host: AptHost;
  const input = packagedInputFor('restart');
  const failure = () => failureOf(drive(recipes.restart(input), { host, input }));
  beforeEach(() => {
    host = new AptHost();
    host.has('cassandra', '5.0.8-1');
  });

  it('is told with the result, the status, and the last line of what it ran, without secrets', async () => {
    const journal = 'password: geheim1\nthe volume is not mounted\n';
    host.refusesStart = { output: 'Job for cassandra.service failed.', journal, result: 'exit-code' };
    const { subtype, message, detail } = await failure();
    expect(subtype).to.equal('node-died');
    expect(message).to.equal(
      'systemd did not start cassandra.service (exit-code, status 3): the volume is not mounted. ' +
        '`journalctl -u cassandra` on this host tells more',
    );
    expect(detail['service-log']).to.have.length(2).and.include('the volume is not mounted');
    expect(JSON.stringify(detail)).to.not.contain('geheim1');
  });

  it('is told in the words of systemd where nothing of it ran', async () => {
    const output = 'A dependency job for cassandra.service failed.\nSee journalctl -xe for details.';
    host.refusesStart = { output, journal: '', result: 'success' };
    expect((await failure()).message).to.equal(
      'systemd did not start cassandra.service: A dependency job for cassandra.service failed. ' +
        '`journalctl -u cassandra` on this host tells more',
    );
  });

  it('is told in the words of its own script where there is no systemd', async () => {
    host.directories.delete('/run/systemd/system');
    host.files.set('/etc/init.d/cassandra', '');
    host.refusesStart = { output: 'Starting\nno room for the pid file', journal: '', result: '' };
    expect((await failure()).message).to.equal(
      '/etc/init.d/cassandra did not start it (status 1): no room for the pid file',
    );
  });

  it('that was started, with no node, has what its start script said last', async () => {
    host.diesAtStart = true;
    const log = '/var/log/cassandra/stdout.log';
    const before = host.run.bind(host);
    host.run = async (argv, options) => {
      if (argv[0] === 'systemctl' && argv[1] === 'start')
        host.files.set(log, 'Unable to find java executable. Check JAVA_HOME and PATH.\n');
      return await before(argv, options);
    };
    expect((await failure()).message).to.equal(
      'The service cassandra was started, and no database node runs: Unable to find java executable. Check JAVA_HOME and PATH.',
    );
  });

  it('is not said to fail for what a JVM or a logger says on the way', () => {
    const onTheWay = [
      'CompileCommand: dontinline x',
      'OpenJDK 64-Bit Server VM warning: y',
      'INFO  [main] z',
      '',
    ];
    expect(lastSaid(onTheWay)).to.equal(null);
    expect(lastSaid(['Killed', ...onTheWay])).to.equal('Killed');
  });
});
