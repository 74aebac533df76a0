// The agent's command line: what it says and ends with where a word of it is wrong, and of each command.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { afterEnrolment } from '../../agent/after-enrolment.ts';
import { createAuthority } from '../../coordinator/security/authority.ts';
import { encodeBundle } from '../../shared/pki/enrolment-bundle.ts';
import { Scratch } from './disk/scratch.ts';

const MAIN = fileURLToPath(new URL(`../../agent/main${extname(import.meta.url)}`, import.meta.url));

describe('the command line of the agent', function () {
  this.timeout(20_000);
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  const said = async (argv: readonly string[], input = ''): Promise<{ code: number; err: string }> => {
    const child = spawn(process.execPath, [...process.execArgv, MAIN, ...argv], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    child.stdin.on('error', () => {}); // who is not asked for it does not read it
    child.stdin.end(input);
    const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    return { code, err };
  };

  it('ends with 64 where it is wrong, whatever is wrong about it', async () => {
    for (const argv of [
      ['--colour', 'red'],
      ['enrol', 'one', 'two'],
      ['status', '--log-level', 'loud'],
    ])
      expect(await said(argv), argv.join(' ')).to.have.property('code', 64);
  });

  it('tells a command that there is none of from a word too many', async () => {
    expect(await said(['enroll'])).to.deep.equal({
      code: 64,
      err: "error: unknown command 'enroll'; did you mean enrol? (the commands are run, enrol, status, version)\n",
    });
    expect(await said(['--log-level', 'info', 'serve'])).to.deep.equal({
      code: 64,
      err: "error: unknown command 'serve' (the commands are run, enrol, status, version)\n",
    });
    expect(await said(['run', 'now'])).to.deep.equal({
      code: 64,
      err: "error: run takes no argument, and was given 'now'\n",
    });
  });

  it('says what is wanted where an enrolment is given nothing', async () => {
    const argv = ['enrol', '--data-dir', await scratch.directory()];
    const { code, err } = await said(argv, '\n');
    expect(code).to.equal(1);
    expect(err).to.match(
      /^Standard input is empty: give the bundle of POST nodes\/\{id\}\/enrolment .*<FILE\n$/,
    );
  });

  it('says that a bundle is not in the file that it is given, and repeats none', async () => {
    const directory = await scratch.directory();
    const enrol = (file: string) => said(['enrol', '--data-dir', directory, file]);
    const { code, err } = await enrol('/nowhere');
    expect(code).to.equal(1);
    expect(err).to.match(
      /^There is no file \/nowhere: give the bundle of POST nodes\/\{id\}\/enrolment .*<FILE\n$/,
    );
    expect((await enrol('b'.repeat(2_000))).err).to.match(/^There is no file of that name: give the bundle/);
    expect((await enrol(directory)).err).to.equal(`${directory} cannot be read (EISDIR)\n`);
  });

  it('says of a coordinator that is not reached why, and what is to be done', async () => {
    const { certificatePem } = await createAuthority('any');
    const bundle = encodeBundle({
      v: 1,
      nodeId: '018f0000-0000-7000-8000-000000000001',
      secret: 'x'.repeat(43),
      ca: certificatePem,
      enrolAddresses: ['127.0.0.1:1', '127.0.0.2:1'],
    });
    const argv = ['enrol', '--data-dir', await scratch.directory()];
    expect(await said(argv, bundle)).to.deep.equal({
      code: 1,
      err: 'This agent could not be enrolled: 127.0.0.1:1 cannot be reached: nobody listens there (ECONNREFUSED); 127.0.0.2:1 cannot be reached: nobody listens there (ECONNREFUSED). Let this host reach the coordinator there (its enrol-port), or give the coordinator agent-addresses that it reaches and make another bundle\n',
    });
  });

  it('says where the service of a package looks, where that is not where it was enrolled', () => {
    const start = 'systemctl enable --now ringmaster-agent';
    const byHand = 'ringmaster-agent run --data-dir /srv/a';
    expect(afterEnrolment('/var/lib/ringmaster-agent', '/var/lib/ringmaster-agent')).to.equal(start);
    expect(afterEnrolment('/srv/a', null)).to.equal(byHand);
    expect(afterEnrolment('/srv/a', '/var/lib/ringmaster-agent')).to.equal(
      `${byHand}. The service looks in /var/lib/ringmaster-agent: for it set data-dir in /etc/ringmaster/agent.yaml to /srv/a, then ${start}`,
    );
  });

  it('says why an identity cannot be read', async () => {
    const file = join(await scratch.directory(), 'file');
    await writeFile(file, '');
    const { code, err } = await said(['status', '--data-dir', file]);
    expect(code).to.equal(1);
    expect(err).to.match(/^cannot read .*\/file\/identity\/identity\.json: ENOTDIR: not a directory/);
  });
});
