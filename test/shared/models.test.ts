// The model resources as data: consistent in themselves, and every field has its column.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { columnOf } from '../../coordinator/store/models.ts';
import { BOOKKEEPING, MODELS } from '../../shared/models.ts';

const schema = readFileSync('coordinator/store/schema.sql', 'utf8');

describe('the models', () => {
  it('are eight, each with a path, a table and a type of its own', () => {
    for (const part of ['path', 'table', 'type'] as const)
      expect(new Set(MODELS.map((model) => model[part])).size).to.equal(8);
    for (const { table, type } of MODELS) expect(type).to.equal(table.replaceAll('_', '-'));
  });

  for (const { type, table, fields } of MODELS) {
    it(`give every word of a ${type} one meaning, whichever version or client says it`, () => {
      const words = fields.flatMap(({ name, v1, aliases }) => [
        ...new Set([name, v1 ?? name, ...(aliases ?? [])]),
      ]);
      expect([...words].sort()).to.deep.equal([...new Set(words)].sort());
      for (const word of words) {
        expect(word).to.match(/^[a-z]+(-[a-z]+)*$/);
        expect(BOOKKEEPING).to.not.include(word);
      }
    });

    it(`keep what is written of a ${type} in columns of its table, secrets sealed`, () => {
      const lines = schema.split(`create table ${table} (\n`)[1]?.split('\n);')[0]?.split('\n') ?? [];
      const columns = new Map(
        lines.map((line) => line.trim().replaceAll('"', '').split(' ') as [string, string]),
      );
      const written = fields.filter(({ readOnly }) => !readOnly).map(columnOf);
      expect(written.filter((column) => !columns.has(column))).to.deep.equal([]);
      for (const field of fields.filter(({ secret }) => secret)) {
        expect(field.type).to.equal('string');
        expect(columns.get(columnOf(field))).to.match(/^bytea/);
      }
    });
  }

  it('never ask for what they themselves tell', () => {
    for (const { name, readOnly, required } of MODELS.flatMap(({ fields }) => fields))
      expect(readOnly === true && required === true, name).to.equal(false);
  });

  it('have defaults of the right type, and take values only from fields that there are', () => {
    for (const { fields } of MODELS) {
      for (const { name, type, default: value, allowed, minimum, maximum, like } of fields) {
        if (value !== undefined) expect(typeof value, name).to.equal(type === 'integer' ? 'number' : type);
        if (typeof value === 'string' && allowed !== undefined) expect(allowed).to.include(value);
        if (typeof value === 'number') expect(value).to.be.within(minimum ?? value, maximum ?? value);
        if (like !== undefined) expect(fields.map((field) => field.name)).to.include(like);
      }
    }
  });
});
