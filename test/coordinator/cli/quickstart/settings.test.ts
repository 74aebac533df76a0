// The quickstart's settings: its own and the coordinator's, by flag, environment and file, in that order.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readQuickstartConfig } from '../../../../coordinator/cli/quickstart/settings.ts';
import { readConfig } from '../../../../coordinator/config.ts';

describe('quickstart settings', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'quickstart-settings-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('come by flag before environment before file before default, and the coordinator is handed its own', async () => {
    const file = join(directory, 'ringmaster.yaml');
    await writeFile(
      file,
      'rest-port: 1\ngrpc-port: 1\nenrol-port: 1\nonce: true\nnative-port: 19042\nhost-names: [a, b]\n',
    );
    const env = { RINGMASTER_CONFIG: file, RINGMASTER_REST_PORT: '2', RINGMASTER_GRPC_PORT: '2' };
    const config = readQuickstartConfig(['--rest-port', '3', '--data-dir=/q'], env);
    expect(config).to.deep.include({ once: true, directory: '/q', nativePort: 19_042, storagePort: 7_000 });
    expect(config.coordinatorEnvironment).to.deep.include({
      RINGMASTER_REST_PORT: '3',
      RINGMASTER_GRPC_PORT: '2',
      RINGMASTER_ENROL_PORT: '1',
      RINGMASTER_HOST_NAMES: 'a,b',
      RINGMASTER_GRPC_HOST: '127.0.0.1',
      RINGMASTER_DATA_DIR: '/q/coordinator',
      RINGMASTER_CONFIG: '',
    });
    expect(readQuickstartConfig([], {}).once).to.equal(false);
  });

  it('refuses an option that it does not know, and lists those it knows', () => {
    expect(() => readQuickstartConfig(['--rest-prt', '1', '--once'], {})).to.throw(
      /unknown option --rest-prt; did you mean rest-port\?\nthe options are .*--once .*--database-url/s,
    );
  });

  it('tells a mistake in a setting of the coordinator by the name that was used', () => {
    expect(() => readQuickstartConfig(['--rest-port', 'x'], {})).to.throw('--rest-port: "x" must be');
    expect(() => readQuickstartConfig([], { RINGMASTER_GRPC_PORT: 'x' })).to.throw(
      'RINGMASTER_GRPC_PORT: "x"',
    );
    expect(() => readQuickstartConfig(['--jmx-ports', '7199'], {})).to.throw('as many as the addresses');
    expect(() => readQuickstartConfig(['--addresses', '192.0.2.1', '--jmx-ports=1'], {})).to.throw(
      'loopback',
    );
  });

  it('leave authentication off, since nobody has a password for it', () => {
    expect(readQuickstartConfig([], {}).coordinatorEnvironment).to.include({ RINGMASTER_AUTH: 'off' });
    expect(() => readQuickstartConfig([], { RINGMASTER_AUTH: 'on' })).to.throw(
      'RINGMASTER_AUTH: must be off',
    );
  });

  it('refuse a variable with a mistyped name, the coordinator as well', () => {
    const env = { RINGMASTER_REST_PROT: '1', RINGMASTER_AGENT_DATA_DIR: '/a' };
    const told = 'unknown environment variable RINGMASTER_REST_PROT; did you mean RINGMASTER_REST_PORT?';
    expect(() => readQuickstartConfig([], env)).to.throw(told);
    expect(() => readConfig([], env)).to.throw(told);
  });
});
