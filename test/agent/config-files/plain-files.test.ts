// JVM option files, rackdc properties and logback.xml: what is set, what stays, what is refused.
import { expect } from 'chai';
import { HEADER, XML_HEADER } from '../../../agent/config-files/header.ts';
import { renderFile } from '../../../agent/config-files/render.ts';
import type { Profile } from '../../../agent/config-files/render-input.ts';
import { cassandra, dse, pristine, withWindowsLineEnds } from './fixtures.ts';
import { problemsOf } from './problems.ts';

/** Lines that are no comment. */
const active = (text: string): string[] =>
  text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));

describe('rendering of JVM option files', () => {
  const server = pristine('jvm-server.options');
  const java11 = pristine('jvm11-server.options');
  const render = (fileId: string, profile: Profile, text = server): string =>
    renderFile(fileId, text, cassandra(profile));
  const renderServer = (settings: Record<string, unknown>, text = server): string =>
    render('jvm-server-options', { 'jvm-server-options': settings }, text);

  it('replaces flags where they stand, also commented out, and keeps the rest', () => {
    const text = renderServer({
      per_thread_stack_size: '512k',
      initial_heap_size: '4G',
      max_heap_size: '8G',
    });
    const expected = server
      .replace('-Xss256k', '-Xss512k')
      .replace('#-Xms4G', '-Xms4G')
      .replace('#-Xmx4G', '-Xmx8G');
    expect(text).to.equal(`${HEADER}\n${expected}`);
  });

  it('sets both ends of the heap when only one is given, as the start script demands', () => {
    expect(active(renderServer({ max_heap_size: '8G' }))).to.include.members(['-Xms8G', '-Xmx8G']);
  });

  it('switches a flag off by its exact name', () => {
    const lines = active(renderServer({ use_numa: false }));
    expect(lines).to.include('-XX:+UseNUMAInterleaving').and.not.include('-XX:+UseNUMA');
  });

  it('adds what the pristine file does not have, one option a line, in a marked block at the end', () => {
    const options = ['-Da=b', '--add-opens java.base/java.lang=ALL-UNNAMED'];
    const text = renderServer({ 'additional-jvm-opts': options, max_gc_pause_millis: 200 });
    const block = `# BEGIN RINGMASTER\n-XX:MaxGCPauseMillis=200\n${options.join('\n')}\n# END RINGMASTER\n`;
    expect(text).to.equal(`${HEADER}\n${server}${block}`);
  });

  it('leaves one collector only', () => {
    const text = render(
      'jvm11-server-options',
      { 'jvm11-server-options': { garbage_collector: 'CMS' } },
      java11,
    );
    expect(active(text).filter((line) => /Use\w+GC$/.test(line))).to.deep.equal(['-XX:+UseConcMarkSweepGC']);
    expect(text).to.include('\n#-XX:+UseG1GC\n').and.include("add a '*' after");
  });

  it('follows the collector of jvm-server-options in the file of a Java version', () => {
    const text = render(
      'jvm11-server-options',
      { 'jvm-server-options': { garbage_collector: 'ZGC' } },
      java11,
    );
    expect(active(text)).to.include.members(['-XX:+UnlockExperimentalVMOptions', '-XX:+UseZGC']);
    expect(active(text)).not.to.include('-XX:+UseG1GC');
  });

  it('refuses two collectors for one start, and a collector that the Java version lacks', () => {
    const both = {
      'jvm-server-options': { garbage_collector: 'ZGC' },
      'jvm11-server-options': { garbage_collector: 'Serial' },
    };
    const gone = { 'jvm17-server-options': { garbage_collector: 'CMS' } };
    expect(problemsOf(() => render('jvm11-server-options', both))[0]?.message).to.include('contradicts');
    expect(problemsOf(() => render('jvm17-server-options', gone))[0]?.message).to.equal('Java 17 has no CMS');
  });

  it("knows what only DSE's definitions have, and not for Cassandra", () => {
    const settings = {
      heap_size_young_generation: '800M',
      use_biased_locking: true,
      print_flss_statistics: true,
      dse_consistent_replace_retries: '5',
      'guaranteed-safepoint-interval': 300000,
      flight_recorder: true,
      unlock_commercial_features: true,
    };
    const profile = { 'jvm-options': settings };
    const own = '-XX:+UseBiasedLocking\n#-XX:PrintFLSStatistics=2\n-Xmn200M\n';
    expect(active(renderFile('jvm-options', own, dse('6.7.3', profile)))).to.deep.equal([
      '-XX:-UseBiasedLocking',
      '-XX:PrintFLSStatistics=1',
      '-Xmn800M',
      '-XX:+UnlockCommercialFeatures', // before what it unlocks
      '-Ddse.consistent_replace.retries=5',
      '-XX:GuaranteedSafepointInterval=300000',
      '-XX:+FlightRecorder',
    ]);
    expect(problemsOf(() => render('jvm-options', profile)).map(({ pointer }) => pointer)).to.have.length(7);
  });

  it('keeps Windows line ends', () => {
    const text = renderServer(
      { max_heap_size: '8G', 'additional-jvm-opts': ['-Da=b'] },
      withWindowsLineEnds(server),
    );
    expect(text.replaceAll('\r\n', '')).not.to.match(/[\r\n]/);
    expect(active(text)).to.include.members(['-Xmx8G', '-Da=b']);
  });

  for (const settings of [
    { max_heap_size: 8 },
    { max_heap_size: '8G\n-Da=b' },
    { use_numa: 'yes' },
    { garbage_collector: 'constructor' },
    { 'additional-jvm-opts': ['Main'] },
    { 'additional-jvm-opts': ['-Da=b\n-Dc=d'] },
    { 'additional-jvm-opts': ['-Da=b Main'] },
    { 'additional-jvm-opts': ['--'.repeat(3)] },
    { 'additional-jvm-opts': ['-Da=\u0000'] },
    { unknown_key: 1 },
    { toString: 1 },
  ]) {
    it(`refuses ${JSON.stringify(settings)}`, () => {
      expect(problemsOf(() => renderServer(settings))).to.have.length(1);
    });
  }
});

describe('rendering of cassandra-rackdc.properties', () => {
  const FILE = 'cassandra-rackdc-properties';
  const source = pristine('cassandra-rackdc.properties');
  const render = (settings: Record<string, unknown>, text = source, rack = 'rack 1'): string =>
    renderFile(FILE, text, cassandra({ [FILE]: settings }, { rack }));

  it('sets datacenter and rack of the model, whatever the profile says, and keeps the comments', () => {
    const expected = source.replace('dc=dc1', 'dc=dc-east').replace('rack=rack1', 'rack=rack 1');
    expect(render({ dc: 'x', rack: 'y' })).to.equal(`${HEADER}\n${expected}`);
  });

  it('puts further keys below their commented-out example', () => {
    expect(render({ prefer_local: true })).to.include('# prefer_local=true\nprefer_local=true\n');
  });

  it('writes the whole file when there is none', () => {
    expect(render({}, '')).to.equal(`${HEADER}\ndc=dc-east\nrack=rack 1\n`);
  });

  it('escapes what java.util.Properties would read otherwise', () => {
    expect(active(render({}, '', ' ü\\n😀'))).to.include('rack=\\ \\u00fc\\\\n\\ud83d\\ude00');
  });

  it('replaces a value that goes on in the next line, and a key given twice', () => {
    const text = render({}, 'dc = a \\\n  more\nrack: b\n  dc c\n');
    expect(active(text)).to.deep.equal(['dc=dc-east', 'rack=rack 1']);
  });

  it('comments a key out when the profile says null', () => {
    expect(render({ prefer_local: null }, 'prefer_local=true\n')).to.include('\n# prefer_local=true\n');
  });

  it('refuses values of two lines, nested values and odd names', () => {
    for (const settings of [{ a: 'x\ndc=y' }, { a: [1] }, { 'a=b': 1 }]) {
      expect(problemsOf(() => render(settings))).to.have.length(1);
    }
    expect(problemsOf(() => render({}, source, 'a\rb'))[0]?.pointer).to.equal('/model/rack');
  });
});

describe('rendering of logback.xml', () => {
  const FILE = 'logback-xml';
  const source = pristine('logback.xml');
  const render = (settings: Record<string, unknown>, text = source): string =>
    renderFile(FILE, text, cassandra({ [FILE]: settings }));

  it('puts the sentence of the original below the XML declaration', () => {
    expect(render({})).to.equal(source.replace('?>\n', `?>\n${XML_HEADER}\n`));
    expect(render({}, '<configuration/>\n</configuration>').split('\n')[0]).to.equal(XML_HEADER);
  });

  it('changes loggers where they stand, but not in comments, and puts new ones before the end', () => {
    const loggers = [
      { name: 'org.apache.cassandra', level: 'warn' },
      { name: 'org.apache.cassandra.audit', level: 'OFF' },
      { name: 'no.level', level: 'ERROR' },
      { name: 'com.thinkaurelius.thrift', level: 'INFO' },
      { name: 'ROOT', level: 'DEBUG' },
    ];
    const expected = source
      .replace("'org.apache.cassandra' level='DEBUG'", `'org.apache.cassandra' level="WARN"`)
      .replace('additivity="false" level="INFO"', 'additivity="false" level="OFF"')
      .replace('<logger name="no.level" />', '<logger name="no.level" level="ERROR"/>')
      .replace('<root level="INFO">', '<root level="DEBUG">')
      .replace(
        /<\/configuration>\n$/,
        '  <logger name="com.thinkaurelius.thrift" level="INFO"/>\n</configuration>\n',
      )
      .replace('?>\n', `?>\n${XML_HEADER}\n`);
    expect(render({ loggers })).to.equal(expected);
  });

  it('renders the same bytes from a file it has rendered', () => {
    const settings = { loggers: [{ name: 'a.b', level: 'INFO' }] };
    expect(render(settings, render(settings))).to.equal(render(settings));
  });

  for (const logger of [
    { name: 'a"/><x', level: 'INFO' },
    { name: 'a', level: 'INFO"/><x' },
    { name: 'a', level: 'LOUD' },
    { name: '', level: 'INFO' },
    { name: 'a' },
    { name: 'a', level: 'INFO', additivity: false },
    'a',
    null,
  ]) {
    it(`refuses the logger ${JSON.stringify(logger)}`, () => {
      expect(problemsOf(() => render({ loggers: [logger] }))[0]?.pointer).to.match(
        /^\/logback-xml\/loggers\/0/,
      );
    });
  }

  it('refuses a pristine file without an end', () => {
    expect(problemsOf(() => render({}, '<configuration><!-- </configuration> -->'))).to.have.length(1);
  });
});
