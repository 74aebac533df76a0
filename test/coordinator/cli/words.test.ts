// Small words: what was probably meant, how long things last, what goes by which name.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { endsOf, jobColumns, jobRow, stepOf } from '../../../coordinator/cli/jobs/job-words.ts';
import { KINDS, kindOf } from '../../../coordinator/cli/kinds.ts';
import { matching } from '../../../coordinator/cli/names.ts';
import { tableLines } from '../../../coordinator/cli/terminal/table.ts';
import { durationMs, spoken } from '../../../coordinator/cli/values.ts';
import { MODELS } from '../../../shared/models.ts';
import { didYouMean, nearestWord } from '../../../shared/nearest-word.ts';
import { VERSION } from '../../../shared/version.ts';

describe('words of the command line', () => {
  it('guess what was meant, when it is near enough', () => {
    expect(nearestWord('prdo', ['prod', 'test'])).to.equal('prod');
    expect(nearestWord('cluster', ['clusters', 'dc'])).to.equal('clusters');
    expect(nearestWord('abc', ['xyz'])).to.equal(null);
    expect(didYouMean('abc', [])).to.equal('');
  });

  it('read durations with and without a unit', () => {
    expect(['90', '90s', '15m', '2h', '1d', '5ms'].map(durationMs)).to.deep.equal([
      90_000, 90_000, 900_000, 7_200_000, 86_400_000, 5,
    ]);
    expect(['', 'x', '-1', '1w', '1.5h'].map(durationMs)).to.deep.equal([null, null, null, null, null]);
  });

  it('say durations as people do', () => {
    expect(
      [0, 59_400, 60_000, 3_599_000, 3_600_000, 47 * 3_600_000, 49 * 3_600_000].map(spoken),
    ).to.deep.equal(['0s', '59s', '1m 00s', '59m 59s', '1h 00m', '47h 00m', '2d']);
  });

  it('name a record by its id, its whole path, or the end of it', () => {
    const named = (id: string, path: string) => ({ id, path, record: {} });
    const all = [named('1', 'a/d/n'), named('2', 'b/d/n'), named('3', 'n'), named('4', 'b/d/m')];
    const ids = (given: string): string[] => matching(all, given).map(({ id }) => id);
    expect([ids('4'), ids('n'), ids('d/n'), ids('b/d/n'), ids('m'), ids('x')]).to.deep.equal([
      ['4'],
      ['3'],
      ['1', '2'],
      ['2'],
      ['4'],
      [],
    ]);
  });

  it('know every model, by fields that it has', () => {
    expect(KINDS.map(({ model }) => model)).to.have.members([...MODELS]);
    const answered = ['id', 'modified-on', 'created-by', 'modified-by', 'agent'];
    for (const { word, model, columns, wide } of KINDS)
      for (const column of [...columns, ...wide])
        expect([...model.fields.map(({ name }) => name), ...answered], word).to.include(column);
    expect(() => kindOf('ring')).to.throw();
  });

  it('say of every field that can be set what it is', () => {
    for (const { fields, type } of MODELS)
      for (const { name, what, readOnly } of fields)
        expect(what !== '', `${type} ${name}`).to.equal(readOnly !== true);
  });

  it('are of the version that the package has', () => {
    expect(VERSION).to.equal(JSON.parse(readFileSync('package.json', 'utf8')).version);
  });
});

describe('a list of jobs', () => {
  it('tells their targets apart on 80 columns', () => {
    const createdMs = Date.parse('2026-11-28T18:00:00Z');
    const job = (node: string | null) => ({
      id: '01a22359-7252-799a-ac89-161e21e5a66c',
      'job-type': 'configure',
      'cluster-name': 'production-west-europe',
      'datacenter-name': 'dc1',
      'node-name': node,
      status: 'WILL_FAIL',
      'created-on': new Date(createdMs).toISOString(),
    });
    const rows = ['cassandra-host-041', 'cassandra-host-042', null].map((node) =>
      jobRow(job(node), false, createdMs + 7_500_000),
    );
    const lines = tableLines(jobColumns({ head: 'STATUS' }, false), rows, { most: 80, heads: false });
    for (const line of lines)
      expect(line)
        .to.match(/^01a22359-7252-799a-ac89-161e21e5a66c {2}.* {2}WILL_FAIL {2}2h$/)
        .and.have.length.at.most(80);
    expect(lines.map((line) => /(?<=configure {2})\S+/.exec(line)?.[0])).to.deep.equal([
      'productio…st-041',
      'productio…st-042',
      'productio…pe/dc1',
    ]);
  });
});

describe('when a job is expected to end', () => {
  it('is said with how long that is from now, and not at all where nobody knows', () => {
    const at = (ms: number) => endsOf({ 'expected-end-on': new Date(ms).toISOString() }, 1_000);
    expect(at(91_000)).to.equal('1970-01-01T00:01:31.000Z  (in 1m 30s)');
    expect(at(0), 'it is about to').to.equal('1970-01-01T00:00:00.000Z  (in 0s)');
    for (const none of [{}, { 'expected-end-on': null }]) expect(endsOf(none, 1_000)).to.equal(null);
  });
});

describe('how far a node has come', () => {
  it('is its step with its number, and nothing where there is none', () => {
    expect(stepOf({ step: 'drain-node', 'step-number': 3, 'step-count': 7 })).to.equal('3/7 drain-node');
    for (const none of [null, {}, undefined]) expect(stepOf(none)).to.equal('');
  });
});
