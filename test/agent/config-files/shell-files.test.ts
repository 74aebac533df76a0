// cassandra-env.sh and DSE's shell files, read by a real shell.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { renderFile } from '../../../agent/config-files/render.ts';
import { cassandra, dse, pristine } from './fixtures.ts';
import { problemsOf } from './problems.ts';

const FILE = 'cassandra-env-sh';
const source = pristine('cassandra-env.sh');
const render = (settings: Record<string, unknown>, text = source): string =>
  renderFile(FILE, text, cassandra({ [FILE]: settings }));

describe('rendering of shell files', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'config-files-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Sources the text, then prints what each expression gives, as the start script would see it. */
  function sourced(text: string, expression: string, env: Record<string, string> = {}): string[] {
    const path = join(directory, 'file.sh');
    writeFileSync(path, text);
    const script = `. "$1"; set -f; for word in ${expression}; do printf '%s\\n' "$word"; done`;
    const output = execFileSync('sh', ['-c', script, 'sh', path], { cwd: directory, env, encoding: 'utf8' });
    return output.split('\n').slice(0, -1);
  }

  for (const [form, line] of [
    ['as the real file has it', 'JMX_PORT="7199"'],
    ['with a default', `JMX_PORT=\${JMX_PORT:-7199}`],
    ['with a quoted default', `JMX_PORT="\${JMX_PORT:-7199}"`],
    ['exported, with a comment', 'export JMX_PORT=7199 # for nodetool'],
    ['only when there is none', 'if [ -z "$JMX_PORT" ]; then\n  JMX_PORT="7199"\nfi'],
    ['in a branch', 'if [ "$LOCAL_JMX" != no ]; then\n\tJMX_PORT="7199"\nfi'],
    ['only when there is none, in one expansion', `: \${JMX_PORT:=7199}`],
  ] as const) {
    it(`sets the JMX port where the file assigns it ${form}`, () => {
      const text = render({ 'jmx-port': 7299 }, source.replace('JMX_PORT="7199"', line));
      expect(sourced(text, '$JVM_OPTS')).to.include('-Dcassandra.jmx.local.port=7299');
    });
  }

  it('leaves an assignment alone that is more than a plain value', () => {
    const odd = 'JMX_PORT=$(echo 7199)';
    expect(render({ 'jmx-port': 7299 }, odd)).to.include(odd);
  });

  it('sets the heap before the file works it out', () => {
    const text = render({ 'max-heap-size': '2G', HEAP_NEWSIZE: '200M' });
    expect(sourced(text, '$JVM_OPTS $HEAP_NEWSIZE')).to.include.members(['-Xms2G', '-Xmx2G', '200M']);
    const own = source.replace('#MAX_HEAP_SIZE="4G"', 'MAX_HEAP_SIZE="4G"');
    expect(sourced(render({ 'max-heap-size': '2G' }, own), '$JVM_OPTS')).to.include('-Xmx2G');
    expect(sourced(render({}), '$JVM_OPTS')).to.include('-Xmx512M');
  });

  it('keeps the log directory of the environment, else takes that of the model', () => {
    expect(sourced(render({}), '$CASSANDRA_LOG_DIR')).to.deep.equal(['/srv/ring/logs']);
    expect(sourced(render({}), '$CASSANDRA_LOG_DIR', { CASSANDRA_LOG_DIR: '/x' })).to.deep.equal(['/x']);
  });

  it('gives java each further option unchanged and runs nothing, whatever is in it', () => {
    const options = [
      "-Da='$(touch$IFS''canary)`touch$IFS''canary`",
      '-Db="\\";echo>canary',
      "-Dc='';#$HOME&|>canary",
      '-Xlog:gc*=info:file=/x/%p.log',
      '-Dd=größe😀',
    ];
    const words = sourced(render({ 'jvm-opts': options }), '$JVM_OPTS');
    expect(words.slice(-options.length)).to.deep.equal(options);
    expect(existsSync(join(directory, 'canary'))).to.equal(false);
  });

  it('either refuses an option or gives it to java as one word, by property', () => {
    const option = fc
      .string({ unit: fc.constantFrom(...'aZ0-=\'"\\$`(){}[];&|<>#!*?~ \n\t\r\u0000é%') })
      .map((text) => `-D${text}`);
    fc.assert(
      fc.property(fc.array(option, { minLength: 1, maxLength: 3 }), (options) => {
        let text: string;
        try {
          text = render({ 'additional-jvm-opts': options });
        } catch {
          expect(options.some((own) => /\s|\0/.test(own))).to.equal(true);
          return;
        }
        expect(sourced(text, '$JVM_OPTS').slice(-options.length)).to.deep.equal(options);
      }),
      { numRuns: 60 },
    );
  });

  it('replaces a block that an earlier rendering left', () => {
    const settings = { 'jmx-port': 7299, 'jvm-opts': ['-Da=b'] };
    expect(render(settings, render(settings))).to.equal(render(settings));
  });

  for (const [settings, pointer] of [
    [{ 'jmx-port': 0 }, '/cassandra-env-sh/jmx-port'],
    [{ 'jmx-port': '7199' }, '/cassandra-env-sh/jmx-port'],
    [{ 'max-heap-size': '8G; id' }, '/cassandra-env-sh/max-heap-size'],
    [{ 'max-heap-size': '8G\n' }, '/cassandra-env-sh/max-heap-size'],
    [{ 'max-heap-size': '8G', MAX_HEAP_SIZE: '4G' }, '/cassandra-env-sh/MAX_HEAP_SIZE'],
    [{ 'heap-dump-dir': 'relative' }, '/cassandra-env-sh/heap-dump-dir'],
    [{ 'jvm-opts': ['-Da=b', 'Main'] }, '/cassandra-env-sh/jvm-opts/1'],
    [{ 'jvm-opts': ['-Da=b Main'] }, '/cassandra-env-sh/jvm-opts/0'],
    [{ 'jvm-opts': '-Da=b' }, '/cassandra-env-sh/jvm-opts'],
  ] as const) {
    it(`refuses ${JSON.stringify(settings)}`, () => {
      expect(problemsOf(() => render(settings)).map((problem) => problem.pointer)).to.deep.equal([pointer]);
    });
  }

  it('names the known settings when it refuses an unknown one', () => {
    const [problem] = problemsOf(() => render({ 'jmx-prot': 1 }));
    expect(problem?.message).to.include('jmx-port, max-heap-size');
  });

  it('sets the workloads of the model and the account of the profile in dse.default', () => {
    const input = dse('6.8.36', { 'dse-default': { 'cassandra-user': 'cass' } });
    const text = renderFile('dse-default', pristine('dse.default'), input);
    const expression = '$GRAPH_ENABLED $SOLR_ENABLED $SPARK_ENABLED $CASSANDRA_USER';
    expect(sourced(text, expression)).to.deep.equal(['0', '1', '0', 'cass']);
  });

  it('exports the variables of dse-env.sh below its first line, whatever their text', () => {
    const hostile = `'$(touch canary)"\\ \`x\``;
    const input = dse('6.8.36', { 'dse-env-sh': { 'custom-env-vars': { MY_VAR: hostile } } });
    const text = renderFile('dse-env-sh', pristine('dse-env.sh'), input);
    expect(text.split('\n')[0]).to.equal('#!/bin/sh');
    expect(sourced(text, '"$(printenv MY_VAR)"', { PATH: '/usr/bin:/bin' })).to.deep.equal([hostile]);
    expect(existsSync(join(directory, 'canary'))).to.equal(false);
  });

  for (const variables of [
    { PATH: '/x' },
    { LD_PRELOAD: '/x' },
    { 'A=b;C': 'x' },
    { A: 'x\ny' },
    { A: 1 },
    7,
  ]) {
    it(`refuses the custom variables ${JSON.stringify(variables)} of dse-env.sh`, () => {
      const input = dse('6.8.36', { 'dse-env-sh': { 'custom-env-vars': variables } });
      expect(problemsOf(() => renderFile('dse-env-sh', '', input))).to.have.length(1);
    });
  }
});
