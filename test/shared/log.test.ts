// A log entry is one JSON line on standard error: whatever is in it, and nothing that was not put in it.
import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { LogLevel } from '../../shared/log.ts';

const kind = extname(import.meta.url);
const moduleOf = (name: string): string => new URL(`../../shared/${name}${kind}`, import.meta.url).href;

/** Runs a program that has `log` and `LcmError`s at hand, and returns the lines that it wrote. */
async function linesOf(level: LogLevel, program: string): Promise<Record<string, unknown>[]> {
  const script = `
    const { createLogger } = await import(${JSON.stringify(moduleOf('log'))});
    const { Unavailable } = await import(${JSON.stringify(moduleOf('errors'))});
    const log = createLogger(${JSON.stringify(level)});
    ${program}`;
  const argv = [...process.execArgv, '--input-type=module', '-e', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv);
  expect(stdout).to.equal('');
  return stderr === ''
    ? []
    : stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('takes percent signs in a sentence for what they are, and keeps its fields', async () => {
    const [line] = await linesOf('info', `log.info('the disk is 100%s full, %j', { count: 3 });`);
    expect(line).to.include({ message: 'the disk is 100%s full, %j', count: 3, level: 'info' });
  });

  it('writes a sentence and its fields as one line of JSON with a time in UTC', async () => {
    const [line] = await linesOf(
      'info',
      `log.info('node moved', { nodeId: 'n', from: 'PENDING', to: 'RUNNING' });`,
    );
    const { timestamp, ...rest } = line ?? {};
    expect(rest).to.deep.equal({
      level: 'info',
      message: 'node moved',
      nodeId: 'n',
      from: 'PENDING',
      to: 'RUNNING',
    });
    expect(timestamp).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('stays one line with line breaks in the sentence, a field or an error', async () => {
    const lines = await linesOf(
      'info',
      `log.warn('a\\n{"level":"error"}', { reason: 'b\\r\\nc', err: new Error('d\\ne\\u2028f') });`,
    );
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({
      message: 'a\n{"level":"error"}',
      reason: 'b\r\nc',
      err: 'Error: d\ne\u2028f',
    });
  });

  it('tells an error by its chain, and neither its stack nor what else hangs on it', async () => {
    const program = `
      const cause = Object.assign(new Error('refused'), { parameters: ['hunter2'], connectionString: 'hunter2' });
      log.error('pass failed', { err: new Unavailable('The database is away', cause) });`;
    const [line] = await linesOf('info', program);
    expect(line?.['err']).to.equal('Unavailable: The database is away <- Error: refused');
    expect(JSON.stringify(line)).to.not.match(/hunter2|\bat .*:\d+/);
  });

  it('gives a child its fields for every line, which the line may replace', async () => {
    const program = `
      const child = log.child({ component: 'gateway', nodeId: 'n' }).child({ runId: 'r' });
      child.info('a');
      child.info('b', { nodeId: 'm' });`;
    const lines = await linesOf('info', program);
    const fields = lines.map(({ component, nodeId, runId }) => ({ component, nodeId, runId }));
    expect(fields).to.deep.equal([
      { component: 'gateway', nodeId: 'n', runId: 'r' },
      { component: 'gateway', nodeId: 'm', runId: 'r' },
    ]);
  });

  it('says no more than its level, and nothing when silent', async () => {
    const program = `for (const level of ['debug', 'info', 'warn', 'error']) log[level](level);`;
    const levels = async (level: LogLevel) => (await linesOf(level, program)).map(({ message }) => message);
    expect(await levels('debug')).to.deep.equal(['debug', 'info', 'warn', 'error']);
    expect(await levels('warn')).to.deep.equal(['warn', 'error']);
    expect(await levels('silent')).to.deep.equal([]);
  });
});
