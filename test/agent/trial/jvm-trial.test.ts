// Which options of rendered files are tried beside a database that runs, and which go along when it loads its configuration.
import { expect } from 'chai';
import {
  jvmOptionsOf,
  loadingOptions,
  missedProperties,
  mostHeapOf,
  scriptedProperties,
  scriptsJvm,
  triedOptions,
} from '../../../agent/trial/jvm-trial.ts';

const file = (fileId: string, ...lines: string[]) => ({
  fileId,
  path: `/conf/${fileId}`,
  text: lines.join('\n'),
});
const words = (options: readonly { option: string }[]): string[] => options.map(({ option }) => option);

describe('options of the JVM in rendered files', () => {
  it('are those that the start script takes with this Java, in its order, ours of cassandra-env.sh last', () => {
    const files = [
      file('cassandra-env-sh', 'JVM_OPTS="$JVM_OPTS -Xmx$X"', `JVM_OPTS="$JVM_OPTS "'-XX:+Ours'`, '# end'),
      file('jvm-server-options', '# -Xms1G', '-ea', '-XX:+UseNUMA \r'),
      file('jvm8-server-options', '-XX:+Of8'),
      file('jvm11-server-options', '-XX:+Of11'),
      file('jvm17-server-options', '-XX:+Of17'),
    ];
    expect(words(jvmOptionsOf(files, 11))).to.deep.equal(['-ea', '-XX:+UseNUMA', '-XX:+Of11', '-XX:+Ours']);
    expect(jvmOptionsOf(files, 21).map(({ path }) => path)).to.include('/conf/jvm17-server-options');
    expect(words(jvmOptionsOf(files.slice(0, 4), 17))).to.include('-XX:+Of11');
    expect(words(jvmOptionsOf([file('jvm-options', '-XX:+Old')], 8))).to.deep.equal(['-XX:+Old']);
  });

  it('are tried where they are switches, sizes or numbers, and never where they write, run or take something', () => {
    const tried = [
      '-Xms4G',
      '-Xmx4G',
      '-Xmn1G',
      '-Xss256k',
      '-XX:+UseG1GC',
      '-XX:-Nonsense',
      '-XX:MaxGCPauseMillis=soon',
    ];
    const left = [
      ...[
        '-Xlog:gc=info,file=/var/log/gc.log',
        '-Xloggc:/x',
        '-javaagent:/x.jar',
        '-agentlib:jdwp=x',
        '-Dx=y',
        '-ea',
      ],
      ...[
        '-XX:OnError=reboot',
        '-XX:OnOutOfMemoryError=reboot',
        '-XX:HeapDumpPath=here',
        '-XX:+LogCompilation',
      ],
      ...['-XX:+AlwaysPreTouch', '-XX:+UseLargePages', '-XX:StartFlightRecording=x', '-XX:+FlightRecorder'],
      ...['-XX:ArchiveClassesAtExit=x', '-XX:LogFile=x', '-XX:CompileCommandFile=/x', '-XX:+PauseAtStartup'],
      ...['-XX:VMOptionsFile=x', '-XX:Flags=x', '-XX:+ShowMessageBoxOnError', '--add-opens=a/b=c', '-X'],
    ];
    const options = [...tried, ...left].map((option) => ({ option, path: '' }));
    expect(words(triedOptions(options))).to.deep.equal(tried);
  });

  it('go along when it is loaded where the classes need them or it is read by them, without a secret', () => {
    const options = jvmOptionsOf(
      [
        file(
          'jvm-server-options',
          '--add-opens java.base/java.lang=ALL-UNNAMED',
          '--add-exports=java.base/sun.nio.ch=ALL-UNNAMED',
          '-Dcassandra.allow_simplestrategy=false',
          '-Djava.net.preferIPv4Stack=true',
          '-Dcom.corp.x',
          '-Djava.security.auth.login.config=/etc/jaas.conf',
          '-Dcassandra.config=file:///x',
          '-Dcassandra.jmx.local.port=7199',
          '-Dcorp.url=https://u:geheim@h',
          '-Dcorp.x=a-geheim2',
          '-Dcassandra.our_password=geheim',
          '-Djavax.net.ssl.keyStorePassword=geheim',
          '-Dcom.sun.management.jmxremote.port=7199',
          '-XX:+UseG1GC',
        ),
      ],
      17,
    );
    expect(loadingOptions(options, ['geheim2'])).to.deep.equal([
      '--add-opens=java.base/java.lang=ALL-UNNAMED',
      '--add-exports=java.base/sun.nio.ch=ALL-UNNAMED',
      '-Dcassandra.allow_simplestrategy=false',
      '-Djava.net.preferIPv4Stack=true',
      '-Dcom.corp.x',
      '-Djava.security.auth.login.config=/etc/jaas.conf',
    ]);
    expect(missedProperties(options, ['geheim2'])).to.deep.equal([
      'cassandra.config',
      'corp.url',
      'corp.x',
      'cassandra.our_password',
      'javax.net.ssl.keyStorePassword',
    ]);
  });

  it('name what only lines of the start script may give the node, and not what comes with it', () => {
    const shell = [
      '# JVM_OPTS="$JVM_OPTS -Dcommented.out=1"',
      'JVM_OPTS="$JVM_OPTS -Dcassandra.jmx.local.port=$JMX_PORT -Djava.library.path=$CASSANDRA_HOME/lib"',
      '    JVM_OPTS="$JVM_OPTS -Dcassandra.config=file:/x -Dcorp.flag=$A" # twice: -Dcorp.flag',
      'JVM_OPTS="$JVM_OPTS "\'-Dgiven.anyway=1\'',
      'export CASSANDRA_CONF=/srv/other',
      'echo a-Dash "$CASSANDRA_CONF"',
    ].join('\n');
    const options = [{ option: '-Dgiven.anyway=1', path: '' }];
    expect(scriptedProperties(shell, options)).to.deep.equal([
      'cassandra.config',
      'corp.flag',
      'CASSANDRA_CONF',
    ]);
  });

  it('are not those of 3.x where a later version has its own beside them', () => {
    const files = [
      file('jvm-options', '-XX:+UseConcMarkSweepGC'),
      file('jvm-server-options', '-XX:+UseG1GC'),
    ];
    expect(words(jvmOptionsOf(files, 17))).to.deep.equal(['-XX:+UseG1GC']);
  });

  it('may be taken by what only lines of the start script have, or be taken away there', () => {
    const known = [{ option: '-XX:+UnlockDiagnosticVMOptions', path: '' }];
    for (const line of [
      'JVM_OPTS="$JVM_OPTS -XX:+IgnoreUnrecognizedVMOptions"',
      '[ "$x" ] || JVM_OPTS="-XX:+UnlockExperimentalVMOptions $JVM_OPTS"',
      'export JVM_OPTS="-ea"',
      'a=1; JVM_OPTS=; b="$JVM_OPTS"',
      'JVM_OPTS=$(echo $JVM_OPTS | sed s/-ea//)',
      'JVM_OPTS="`filtered $JVM_OPTS`"',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's
      'JVM_OPTS="${JVM_OPTS#-ea}"',
    ])
      expect(scriptsJvm(line, known), line).to.equal(true);
    for (const line of [
      '# JVM_OPTS="-ea" -XX:+IgnoreUnrecognizedVMOptions',
      'JVM_OPTS="$JVM_OPTS "\'-XX:+UnlockDiagnosticVMOptions\'',
      'JVM_OPTS="$JVM_OPTS -XX:HeapDumpPath=$D/cassandra-`date +%s`-pid$$.hprof"',
      'JVM_OPTS="-ea $JVM_OPTS"; JVM_OPTS=$JVM_OPTS',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's
      'JVM_OPTS="${JVM_OPTS} -ea"',
      'JVM_OPTS="$JVM_OPTS $JVM_EXTRA_OPTS"',
      'case "$JVM_OPTS" in *-Xmx*) ;; esac',
    ])
      expect(scriptsJvm(line, known), line).to.equal(false);
  });

  it('say how large the heap may be, or leave that to the start script', () => {
    const env = file('cassandra-env-sh', "MAX_HEAP_SIZE='2G'", 'MAX_HEAP_SIZE="$half"');
    const options = jvmOptionsOf([file('jvm-server-options', '-Xmx4G')], 17);
    expect(mostHeapOf([env], options)).to.equal('4G');
    expect(mostHeapOf([env], [])).to.equal('2G');
    expect(mostHeapOf([], [])).to.equal(null);
  });
});
