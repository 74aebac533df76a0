// cassandra.yaml under arbitrary and hostile profiles: refused, or read back exactly as set.
import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import { renderFile } from '../../../agent/config-files/render.ts';
import type { Json } from '../../../agent/config-files/settings.ts';
import { readYaml } from '../../../agent/config-files/yaml-source.ts';
import { InvalidInput } from '../../../shared/errors.ts';
import { cassandra, dse, pristine, withWindowsLineEnds } from './fixtures.ts';
import { problemsOf } from './problems.ts';

const source = pristine('cassandra.yaml');
const pristineKeys = Object.keys(parse(source));

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 24 }),
  fc.constantFrom(
    'x\ninjected: true',
    'x\r\ninjected: true',
    'x\u2028injected: true',
    'x\u0085injected: true',
    '"\ninjected: true',
    "'}\ninjected: true #",
    '*alias',
    '&anchor',
    '!!javax.script.ScriptEngineManager [x]',
    '| \n injected: true',
    '---',
    '...\ninjected: true',
    '# no comment',
    'a: b',
    '{injected: true}',
    '\u0000',
    '\ud800',
    '',
    ' ',
    '😀',
    '\ufeff',
  ),
);
const key = fc.oneof(fc.constantFrom(...pristineKeys, '__proto__', 'constructor', 'new_key'), hostileText);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    hostileText,
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }) as fc.Arbitrary<Json>,
  ),
}));
const settings = fc.dictionary(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...pristineKeys, 'new_key', 'other') },
    { weight: 1, arbitrary: key },
  ),
  value,
  {
    maxKeys: 4,
  },
);
const asJson = (given: unknown): unknown => JSON.parse(JSON.stringify(given));

const refusedAt = (json: string): string | undefined =>
  problemsOf(() => renderFile('cassandra-yaml', source, cassandra({ 'cassandra-yaml': JSON.parse(json) })))[0]
    ?.pointer;

function rendered(fileId: string, text: string, given: Record<string, Json>): string | null {
  try {
    const profile = { [fileId]: given };
    return renderFile(fileId, text, fileId === 'dse-yaml' ? dse('6.8.0', profile) : cassandra(profile));
  } catch (error) {
    expect(error).to.be.instanceOf(InvalidInput);
    expect((error as InvalidInput).problems).not.to.be.empty;
    return null;
  }
}

describe('rendering of YAML files, by property', () => {
  it('either refuses a profile or gives YAML that reads back as the pristine values with the profile on top', () => {
    let accepted = 0;
    fc.assert(
      fc.property(settings, fc.boolean(), (given, isWindows) => {
        const text = rendered('dse-yaml', isWindows ? withWindowsLineEnds(source) : source, given);
        if (text === null) return;
        accepted += 1;
        const expected = { ...parse(source), ...given };
        for (const [name, own] of Object.entries(given)) if (own === null) delete expected[name];
        for (const version of ['1.1', '1.2'] as const) {
          const own = Object.fromEntries(
            Object.keys(given)
              .filter((name) => given[name] !== null)
              .map((name) => [name, given[name]]),
          );
          const got = parse(text, { version, merge: version === '1.1' });
          expect(Object.keys(got)).to.have.members(Object.keys(expected));
          for (const name of Object.keys(own)) expect(asJson(got[name])).to.deep.equal(asJson(own[name]));
        }
        expect(asJson(parse(text))).to.deep.equal(asJson(expected));
      }),
      { numRuns: 400 },
    );
    expect(accepted, 'profiles that were not refused').to.be.greaterThan(50);
  });

  it('keeps every comment of the pristine file', () => {
    const comments = readYaml(source).comments.map((comment) => comment.text);
    fc.assert(
      fc.property(settings, (given) => {
        const text = rendered('cassandra-yaml', source, given);
        if (text === null) return;
        // a key that is commented out turns into a comment, with what stood beside it
        for (const comment of comments) expect(text).to.include(comment);
      }),
      { numRuns: 300 },
    );
  });

  it('adds no key for a hostile string and leaves no prototype changed', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (text, other) => {
        const out = rendered('cassandra-yaml', source, { new_key: text, flow: { a: text, [other]: [text] } });
        if (out === null) return;
        expect(Object.keys(parse(out)).filter((name) => !pristineKeys.includes(name))).to.have.members([
          'new_key',
          'hints_directory',
          'data_file_directories',
          'saved_caches_directory',
          'cdc_raw_directory',
        ]);
        expect(({} as Record<string, unknown>)['injected']).to.equal(undefined);
      }),
      { numRuns: 300 },
    );
  });

  for (const name of ['__proto__', 'constructor', 'prototype']) {
    it(`refuses ${name} at any depth of a profile`, () => {
      expect(refusedAt(`{"${name}":{"x":1}}`)).to.equal(`/cassandra-yaml/${name}`);
      expect(refusedAt(`{"a":[{"b":{"${name}":1}}]}`)).to.equal(`/cassandra-yaml/a/0/b/${name}`);
    });
  }
});
