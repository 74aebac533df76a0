// Which line of a dead node's logs says why it died; the logs are those of Cassandra 5.0 and Java 17, shortened.
import { expect } from 'chai';
import { decisiveLine, lastTrace } from '../../../agent/steps/last-words.ts';

const TRACE = '\tat org.apache.cassandra.service.CassandraDaemon.main(CassandraDaemon.java:865)';

describe('the decisive line of a failed start', () => {
  it('is the exception that Cassandra prints, without its class', () => {
    const output = [
      'INFO  [main] 2026-01-01 x.java:1 - Loading settings',
      'Exception (org.apache.cassandra.exceptions.ConfigurationException) encountered during startup: Invalid yaml. Please remove properties [num_tokenz] from your cassandra.yaml',
      TRACE,
    ];
    expect(decisiveLine([], output)).to.equal(
      'Invalid yaml. Please remove properties [num_tokenz] from your cassandra.yaml',
    );
  });

  it('is the innermost cause below an error that says nothing itself', () => {
    const system = [
      'ERROR [main] 2026-01-01 10:00:00,000 CassandraDaemon.java:887 - Exception encountered during startup',
      'java.lang.RuntimeException: outer',
      TRACE,
      'Caused by: java.net.BindException: Address already in use',
    ];
    expect(decisiveLine(system, [])).to.equal('java.net.BindException: Address already in use');
  });

  it('is what an exception says that one without words only wraps', () => {
    const output = ['Exception (java.io.UncheckedIOException) encountered during startup: null'];
    const system = [
      'ERROR [main] t CassandraDaemon.java:887 - Exception encountered during startup',
      'java.io.UncheckedIOException: null',
      'Caused by: java.nio.file.NoSuchFileException: /proc/nope',
    ];
    expect(decisiveLine(system, output)).to.equal('java.nio.file.NoSuchFileException: /proc/nope');
  });

  it('is the last error, with the exception below it', () => {
    const system = [
      'ERROR [main] t X.java:1 - first',
      'ERROR [main] t X.java:1 - Cannot start',
      'java.io.IOException: no room',
    ];
    expect(decisiveLine(system, [])).to.equal('Cannot start: java.io.IOException: no room');
  });

  it('is what the JVM says when it does not even start, and nothing when nobody says anything', () => {
    const refused = ["Unrecognized VM option 'UseFoo'", 'Error: Could not create the Java Virtual Machine.'];
    expect(decisiveLine([''], refused)).to.equal("Unrecognized VM option 'UseFoo'");
    const heap = 'Initial heap size set to a larger value than the maximum heap size';
    expect(decisiveLine([''], ['Error occurred during initialization of VM', heap])).to.equal(heap);
    expect(decisiveLine([''], ['INFO all well'])).to.equal(null);
  });
});

describe('the last error of a failed start', () => {
  it('is told as the node logged it, with its exceptions, and nothing of what was logged after', () => {
    const error = 'ERROR [main] t CassandraDaemon.java:887 - Fatal configuration error';
    const exception = [
      'org.apache.cassandra.exceptions.ConfigurationException: Cannot change the number of tokens from 1 to 2',
      TRACE,
    ];
    const system = ['ERROR [main] t X.java:1 - first', error, ...exception, 'INFO  [Hook] t X.java:2 - bye'];
    const short = ['Exception (a.B) encountered during startup: Cannot change', 'ERROR: see the log'];
    expect(lastTrace(system, short)).to.equal([error, ...exception].join('\n'));
    expect(lastTrace(['INFO all well'], [])).to.equal(null);
    expect(lastTrace([error, ...Array(200).fill(TRACE)], [])?.split('\n')).to.have.length(60);
  });
});
