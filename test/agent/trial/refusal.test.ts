// What versions and JVMs say to a configuration, and what is made of it.
import { expect } from 'chai';
import { jvmRefusalIn, refusalIn, type Said } from '../../../agent/trial/refusal.ts';

const AT = '\tat org.apache.cassandra.config.DatabaseDescriptor.applyAll(DatabaseDescriptor.java:415)';

const open = (raw: string): Said => ({ raw, shown: raw });

describe('what was said to a configuration', () => {
  it("is a refusal in the version's words, the deepest cause of it, and the setting that it names", () => {
    const yaml = [
      'org.apache.cassandra.exceptions.ConfigurationException: Invalid yaml: file:/etc/cassandra/cassandra.yaml',
      AT,
      'Caused by: Cannot create property=read_request_timeout for JavaBean=org.apache.cassandra.config.Config@4a07d605',
      " in 'reader', line 5, column 1:",
      '    cluster_name: "Test Cluster"',
      "Can't construct a java object for scalar tag:yaml.org,2002:str; exception=null",
      AT,
      '\t... 5 more',
      'Caused by: java.lang.reflect.InvocationTargetException',
      AT,
      'Caused by: java.lang.IllegalArgumentException: Invalid duration: 5xs Accepted units:[SECONDS]',
    ];
    expect(refusalIn(open(yaml.join('\n')))).to.deep.equal({
      reason: 'Invalid duration: 5xs Accepted units:[SECONDS]',
      key: 'read_request_timeout',
    });
  });

  it('leaves out where in the file it stands, and the line that is shown of that', () => {
    const said = [
      'org.apache.cassandra.exceptions.ConfigurationException: Invalid yaml: file:/x/cassandra.yaml',
      'Caused by: Unable to find enum value',
      " in 'reader', line 5, column 1:",
      '    some_line: shown',
    ];
    expect(refusalIn(open(said.join('\n')))?.reason).to.equal('Unable to find enum value');
  });

  it('has what the version says around a cause as well', () => {
    const said = [
      'OpenJDK 64-Bit Server VM warning: something',
      'org.apache.cassandra.exceptions.ConfigurationException: Unable to check the keystore',
      AT,
      'Caused by: java.io.FileNotFoundException: conf/.keystore (No such file or directory)',
    ];
    expect(refusalIn(open(said.join('\n')))?.reason).to.equal(
      'Unable to check the keystore: conf/.keystore (No such file or directory)',
    );
    expect(refusalIn(open('java.lang.IllegalStateException: null seeds.'))?.reason).to.equal('null seeds');
  });

  it('is none where a class, memory or room is missing, or nothing was thrown', () => {
    for (const said of [
      'java.lang.NoSuchMethodError: void daemonInitialization()',
      'java.lang.ExceptionInInitializerError\nCaused by: java.lang.RuntimeException: x',
      'java.lang.OutOfMemoryError: Java heap space',
      'java.lang.RuntimeException: java.io.IOException: No space left on device',
      'java.lang.RuntimeException: java.lang.IllegalAccessException: access to public member failed',
      'java.lang.UnsatisfiedLinkError: /tmp/x.so: failed to map segment from shared object',
      'java.lang.IllegalStateException: The installation of x\n\tat o.a.c.security.AbstractCryptoProvider.install(A:1)',
      'Killed',
      '',
    ])
      expect(refusalIn(open(said)), said).to.equal(null);
  });

  it('is told by what was said, and shown without secrets, whichever words these are a part of', () => {
    const raw = [
      'org.apache.cassandra.exceptions.ConfigurationException: Bad store',
      AT,
      'Caused by: java.io.IOException: password of apache: geheim.',
      'apache, too',
    ].join('\n');
    const shown = raw.replaceAll('apache', '********').replace('geheim.', '********');
    expect(refusalIn({ raw, shown })?.reason).to.equal(
      'Bad store: password of ********: ******** ********, too',
    );
    const whole = raw.replace(/org\S+/, '********').replace(/java\S+/, '********');
    expect(refusalIn({ raw, shown: whole })?.reason).to.not.contain('ConfigurationException');
    const [option, line] = ["VM option 'UseZGC' is experimental", "******** 'UseZGC' is experimental"];
    expect(jvmRefusalIn({ raw: `x\n${option}`, shown: `x\n${line}` })).to.deep.equal({
      raw: option,
      shown: line,
    });
  });

  it('is of a JVM its own line, and none where memory is short', () => {
    const tail = 'Error: Could not create the Java Virtual Machine.';
    for (const line of [
      "Unrecognized VM option 'UseNoSuchThing'",
      'Error occurred during initialization of VM\nMultiple garbage collectors selected',
      "Error: VM option 'UseZGC' is experimental and must be enabled via -XX:+UnlockExperimentalVMOptions.",
      'intx ParallelGCThreads=-7 is outside the allowed range [ 0 ... 2147483647 ]',
      "Improperly specified VM option 'MaxGCPauseMillis=soon'",
      'Invalid maximum heap size: -Xmx4Q',
    ])
      expect(jvmRefusalIn(open(`${line}\n${tail}`))?.shown, line).to.equal(line.split('\n').at(-1));
    for (const said of [
      'Error occurred during initialization of VM\nCould not reserve enough space for 8388608KB object heap',
      'OpenJDK 64-Bit Server VM warning: INFO: os::commit_memory failed; error=Cannot allocate memory',
      tail,
    ])
      expect(jvmRefusalIn(open(said)), said).to.equal(null);
  });
});
