// The agent's settings: where each comes from, and that all mistakes are told at once.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../agent/config.ts';
import { OwnNodeFile } from '../../agent/own-node.ts';
import { Scratch } from './disk/scratch.ts';

describe('agent config', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  it('takes a flag before the environment, that before the file, and that before the default', async () => {
    const config = join(await scratch.directory(), 'agent.yaml');
    await writeFile(config, 'log-level: error\ndata-dir: /from-file\ncoordinators: a:1\n');
    const env = {
      RINGMASTER_LOG_LEVEL: 'warn',
      RINGMASTER_AGENT_DATA_DIR: '/from-env',
      RINGMASTER_AGENT_CONFIG: config,
    };
    expect(readConfig({ logLevel: 'debug' }, env)).to.deep.include({
      logLevel: 'debug',
      dataDirectory: '/from-env',
      coordinators: ['a:1'],
      enrolment: null,
    });
    expect(readConfig({}, {}).logLevel).to.equal('info');
  });

  it('keeps its state where its package has it, whatever the directory it is started in, also by a file of comments alone', async () => {
    const config = join(await scratch.directory(), 'agent.yaml');
    await writeFile(config, '# log-level: info\n');
    const env = { RINGMASTER_PACKAGED: 'true', RINGMASTER_AGENT_CONFIG: config };
    expect(readConfig({}, env).dataDirectory).to.equal('/var/lib/ringmaster-agent');
  });

  it('refuses a data-dir in its file that depends on where it is started, but not one by a flag', async () => {
    const config = join(await scratch.directory(), 'agent.yaml');
    for (const path of ['state', './state', '']) {
      await writeFile(config, `data-dir: ${path}\n`);
      expect(() => readConfig({ config }, { RINGMASTER_PACKAGED: 'true' }), path).to.throw(
        `data-dir: "${path}" must be an absolute path, such as /var/lib/ringmaster-agent`,
      );
    }
    expect(readConfig({ config, dataDir: 'state' }, {}).dataDirectory).to.equal(join(process.cwd(), 'state'));
    expect(() => readConfig({ dataDir: '' }, {})).to.throw('--data-dir: "" must be an absolute path');
  });

  it('tells every mistake in one message', async () => {
    const config = join(await scratch.directory(), 'agent.yaml');
    await writeFile(config, 'colour: red\n');
    expect(() => readConfig({ config, logLevel: 'loud', coordinators: 'a:1,nowhere' }, {})).to.throw(
      /colour.*"nowhere".*"loud"/s,
    );
  });

  it('says of each value that it cannot use where it stands', async () => {
    const config = join(await scratch.directory(), 'agent.yaml');
    await writeFile(
      config,
      'log-level: loud\ncoordinators: nowhere\nenrolment: /no/bundle\ndata-dir: here\n',
    );
    const told = (flags: Parameters<typeof readConfig>[0], env = {}): string[] => {
      try {
        readConfig(flags, env);
      } catch (error) {
        return (error as Error).message.split('\n  ').slice(1);
      }
      return [];
    };
    expect(told({ config })).to.deep.equal([
      `${config}: coordinators: "nowhere" must be host:port`,
      `${config}: data-dir: "here" must be an absolute path, such as ${process.cwd()}/.ringmaster/agent`,
      `${config}: enrolment: no such file /no/bundle, and not a bundle`,
      `${config}: log-level: "loud" must be one of debug, info, warn, error`,
    ]);
    const flags = { coordinators: 'nowhere', enrolment: '/no/bundle' };
    expect(told(flags, { RINGMASTER_LOG_LEVEL: 'loud' })).to.deep.equal([
      '--coordinators: "nowhere" must be host:port',
      '--enrolment: no such file /no/bundle, and not a bundle',
      'RINGMASTER_LOG_LEVEL: "loud" must be one of debug, info, warn, error',
    ]);
  });

  it('takes the bundle itself or a file that holds it', async () => {
    const file = join(await scratch.directory(), 'bundle');
    await writeFile(file, 'from-file');
    expect(readConfig({ enrolment: file }, {}).enrolment).to.equal('from-file');
    expect(readConfig({}, { RINGMASTER_ENROLMENT: 'x'.repeat(5_000) }).enrolment).to.have.length(5_000);
    expect(readConfig({ enrolment: `${'x'.repeat(300)}\n${'x'.repeat(300)}` }, {}).enrolment).to.have.length(
      600,
    );
  });

  it('says of a mistyped path that there is no such file, and repeats nothing that may be a secret', () => {
    expect(() => readConfig({ enrolment: '/nowhere/bundle' }, {})).to.throw(
      'enrolment: no such file /nowhere/bundle, and not a bundle',
    );
    expect(() => readConfig({ enrolment: 'eyJ2Ijox' }, {})).to.throw(
      /enrolment: no such file, and not a bundle$/,
    );
  });

  it('refuses a variable that no program of ours knows, names the nearest, and lets those of the others be', () => {
    const others = { RINGMASTER_REST_PORT: '1', RINGMASTER_TOKEN: 't', RINGMASTER_QUICKSTART_ONCE: 'true' };
    readConfig({}, others);
    expect(() => readConfig({}, { RINGMASTER_ENROLMNT: 'hidden' })).to.throw(
      /unknown environment variable RINGMASTER_ENROLMNT; did you mean RINGMASTER_ENROLMENT\?$/,
    );
    for (const name of ['RINGMASTER_PORT', 'RINGMASTER_USER', 'RINGMASTER_PACKAGE'])
      expect(() => readConfig({}, { [name]: '1' }), name).to.throw(new RegExp(`variable ${name}$`));
  });
});

describe('own node file', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  it('remembers across restarts, and takes a damaged file for none', async () => {
    const directory = await scratch.directory();
    const node = { directory: '/opt/c', jmxPort: 7199 };
    new OwnNodeFile(directory).learn(node);
    expect(new OwnNodeFile(directory).read()).to.deep.equal(node);
    await writeFile(join(directory, 'node.json'), '{"dire');
    expect(new OwnNodeFile(directory).read()).to.equal(null);
  });
});
