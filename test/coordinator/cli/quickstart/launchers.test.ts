// The launchers inside the tarball, with a Java that only writes down how it was called.
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { eventually } from '../../../support/eventually.ts';

const run = promisify(execFile);
const tarball = fileURLToPath(new URL('../../../../coordinator/cli/quickstart/tarball', import.meta.url));

describe('the launchers', () => {
  let home: string;
  let environment: NodeJS.ProcessEnv;

  /** A Java home whose java writes its pid and its arguments, one a line, to `called`. */
  const installJava = async (version: string) => {
    await mkdir(join(home, 'java/bin'), { recursive: true });
    await writeFile(join(home, 'java/release'), `IMPLEMENTOR="x"\nJAVA_VERSION="${version}"\n`);
    const script = `#!/bin/sh\n{ echo $$; printf '%s\\n' "$@"; } > ${home}/called.part\nmv ${home}/called.part ${home}/called\n`;
    await writeFile(join(home, 'java/bin/java'), script, { mode: 0o755 });
  };
  const called = async () => {
    const [pid, ...args] = (await readFile(join(home, 'called'), 'utf8')).trim().split('\n');
    return { pid: Number(pid), args };
  };
  const launch = (program: 'cassandra' | 'nodetool', args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    run(join(home, 'bin', program), args, { env: { ...environment, ...more } });

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'launchers-'));
    await cp(join(tarball, 'bin'), join(home, 'bin'), { recursive: true });
    await cp(join(tarball, 'conf'), join(home, 'conf'), { recursive: true });
    await mkdir(join(home, 'lib'));
    await writeFile(join(home, 'lib/jamm-0.4.0.jar'), '');
    await installJava('17.0.15');
    environment = { PATH: process.env['PATH'], HOME: home, JAVA_HOME: join(home, 'java') };
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('become the JVM in the foreground, under the pid they wrote', async () => {
    const pidFile = join(home, 'pid');
    const child = spawn(join(home, 'bin/cassandra'), ['-f', '-R', '-p', pidFile], { env: environment });
    const exited = new Promise((resolve) => child.on('exit', resolve));
    expect(await exited).to.equal(0);
    const { pid, args } = await called();
    expect(pid).to.equal(child.pid);
    expect(Number(await readFile(pidFile, 'utf8'))).to.equal(child.pid);
    expect(args).to.include.members([`-Dcassandra-pidfile=${pidFile}`, '-Dcassandra-foreground=yes']);
    expect(args.at(-1)).to.equal('org.apache.cassandra.service.CassandraDaemon');
  });

  it('go to the background unless told, and write the pid of the JVM', async () => {
    await launch('cassandra', ['-R', '-p', join(home, 'pid')]);
    const { pid, args } = await eventually(called);
    expect(Number(await readFile(join(home, 'pid'), 'utf8'))).to.equal(pid);
    expect(args.join()).not.to.include('foreground');
  });

  it('take the home from where they stand, and everything else from the home', async () => {
    await launch('cassandra', ['-f', '-R']);
    const { args } = await called();
    expect(args).to.include.members([
      `-javaagent:${home}/lib/jamm-0.4.0.jar`,
      `-Dcassandra.logdir=${home}/logs`,
      `-Dcassandra.storagedir=${home}/data`,
      `${home}/conf:${home}/lib/*`,
    ]);
  });

  it('take other directories from the environment', async () => {
    await cp(join(home, 'conf'), join(home, 'other conf'), { recursive: true });
    await launch('cassandra', ['-f', '-R'], {
      CASSANDRA_CONF: join(home, 'other conf'),
      CASSANDRA_LOG_DIR: join(home, 'l'),
      cassandra_storagedir: join(home, 'd'),
    });
    expect((await called()).args).to.include.members([
      `-Dcassandra.logdir=${home}/l`,
      `-Dcassandra.storagedir=${home}/d`,
      `${home}/other conf:${home}/lib/*`,
    ]);
  });

  it('read the options of this Java, and leave the comments', async () => {
    await writeFile(join(home, 'conf/jvm-server.options'), '# -Dno=1\n-Dyes=1\n\n #-Dno=2\n');
    await writeFile(join(home, 'conf/jvm11-server.options'), '-Deleven=1\n');
    await launch('cassandra', ['-f', '-R']);
    const { args } = await called();
    expect(args).to.include.members(['-Dyes=1', '--add-opens=java.base/java.nio=ALL-UNNAMED']);
    expect(args.join()).not.to.match(/-Dno|-Deleven/);
  });

  it('let options of the service file come after those of the configuration', async () => {
    await launch('cassandra', ['-f', '-R'], {
      JVM_EXTRA_OPTS: '-Xms64m -Xmx256m -XX:+UseSerialGC',
      MAX_HEAP_SIZE: '1G',
    });
    const { args } = await called();
    expect(args.lastIndexOf('-Xmx256m')).to.be.greaterThan(args.lastIndexOf('-Xmx1G'));
    expect(args).to.include.members(['-XX:+UseSerialGC', '-Xms1G']);
  });

  it('open JMX on this host only unless LOCAL_JMX says no', async () => {
    await launch('cassandra', ['-f', '-R']);
    expect((await called()).args).to.include('-Dcassandra.jmx.local.port=7199');
    await launch('cassandra', ['-f', '-R'], { LOCAL_JMX: 'no' });
    const { args } = await called();
    expect(args).to.include('-Dcassandra.jmx.remote.port=7199');
    expect(args).to.include('-Dcom.sun.management.jmxremote.authenticate=true');
  });

  it('refuse root without -R, as the original does, and take anybody else', async () => {
    const idPrints = async (number: string) => {
      await mkdir(join(home, 'fake'), { recursive: true });
      await writeFile(join(home, 'fake/id'), `#!/bin/sh\necho ${number}\n`, { mode: 0o755 });
    };
    const PATH = `${home}/fake:${process.env['PATH'] ?? ''}`;
    await idPrints('0');
    const failure = await launch('cassandra', ['-f'], { PATH }).catch((error: unknown) => error);
    expect(failure).to.have.property('code', 1);
    expect(failure).to.have.property('stderr').that.includes('-R');
    await idPrints('1000');
    await launch('cassandra', ['-f'], { PATH });
    expect((await called()).args.at(-1)).to.include('CassandraDaemon');
  });

  it('refuse a Java that Cassandra 5.0 does not run on', async () => {
    await installJava('21.0.2');
    const failure = await launch('cassandra', ['-f', '-R']).catch((error: unknown) => error);
    expect(failure).to.have.property('code', 1);
    expect(failure)
      .to.have.property('stderr')
      .that.matches(/Java 11 or 17.* is 21\./);
  });

  it('give nodetool the JMX port of cassandra-env.sh and its arguments unharmed', async () => {
    const path = join(home, 'conf/cassandra-env.sh');
    await writeFile(path, (await readFile(path, 'utf8')).replace('JMX_PORT="7199"', 'JMX_PORT="7299"'));
    await launch('nodetool', ['-h', '127.0.0.1', 'snapshot', '-t', 'a b', '*']);
    const { args } = await called();
    const tool = args.indexOf('org.apache.cassandra.tools.NodeTool');
    expect(args.slice(tool + 1)).to.deep.equal([
      '-p',
      '7299',
      '-h',
      '127.0.0.1',
      'snapshot',
      '-t',
      'a b',
      '*',
    ]);
    expect(args.join()).not.to.match(/jmx\.local\.port|Xlog:gc/);
  });

  it('let -p and --port of nodetool win, wherever they stand', async () => {
    for (const args of [['-p', '1'], ['--port', '1'], ['--port=1']]) {
      await launch('nodetool', ['status', ...args, 'ks']);
      expect((await called()).args.slice(-4)).to.deep.equal(['-p', '1', 'status', 'ks']);
    }
  });

  it('are POSIX sh', async () => {
    for (const name of ['cassandra', 'nodetool', 'cassandra.in.sh']) {
      await run('sh', ['-n', join(home, 'bin', name)]);
    }
  });
});
