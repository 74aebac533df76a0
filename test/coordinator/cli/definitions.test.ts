// What profiles may set, from the command line.
import { expect } from 'chai';
import { type CliOptions, cli } from '../../support/cli.ts';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';

describe('ringmaster definitions', () => {
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator();
  });
  after(() => coordinator.remove());
  const run = (line: string, options: CliOptions = {}) => cli(coordinator.restUrl, line.split(' '), options);
  const good = async (line: string): Promise<string> => {
    const { code, out, err } = await run(line);
    expect(code, err).to.equal(0);
    return out;
  };
  const api = async (path: string) => (await coordinator.call('GET', `/api/v2/lcm/${path}`)).body;

  it('lists the known versions of both products', async () => {
    const lines = (await good('definitions list --no-headers')).trim().split('\n');
    expect(lines).to.include.members(['dse        6.8.36', 'cassandra  5.0.8']);
    const { dse, cassandra } = await api('definitions/');
    expect(lines).to.have.length(dse.length + cassandra.length);
    expect(JSON.parse(await good('definitions list -o json'))).to.deep.include({ product: 'dse', ...dse[0] });
    expect((await good('definitions list -q')).split('\n')).to.include('4.1.0');
  });

  it('shows the settings of a version, those inside others too, of one file or all', async () => {
    const table = await good('definitions show 5.0.8 --file cassandra-yaml');
    expect(table).to.match(/^FILE +SETTING +TYPE +DEFAULT +WHAT$/m);
    expect(table).to.match(
      /^cassandra-yaml +read_request_timeout +string +5000ms +How long a coordinator waits for reads\.$/m,
    );
    expect(table).to.match(/^cassandra-yaml +client_encryption_options\.require_client_auth +boolean +no/m);
    expect(table).to.match(/^cassandra-yaml +data_file_directories +list of string/m);
    expect(table).to.match(/^cassandra-yaml +read_request_timeout_in_ms +int +- +\(deprecated\) /m);
    expect(table).to.not.contain('logback-xml');
    expect(JSON.parse(await good('definitions show 6.8.36 -o json'))).to.deep.equal(
      await api('definitions/6.8.36/'),
    );
    const names = (await good('definitions show 4.0.1 --product cassandra -q')).split('\n');
    expect(names).to.include.members(['cassandra-yaml.num_tokens', 'logback-xml.loggers.level']);
  });

  it('says what there is not', async () => {
    const file = await run('definitions show 5.0.8 --file cassandra-yml');
    expect([file.code, file.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 2 && /did you mean cassandra-yaml\?/.test(err),
    );
    const version = await run('definitions show 3.11.4');
    expect([version.code, version.out]).to.deep.equal([4, '']);
    expect(version.err).to.contain('no definitions for version 3.11.4');
    expect((await run('definitions show 6.8.36 --product cassandra')).code).to.equal(4);
  });

  it('completes versions', async () => {
    const { out } = await run('complete -- definitions show 6.9.1');
    expect(out.split('\n')[0]).to.equal('6.9.1\tdse');
  });
});
