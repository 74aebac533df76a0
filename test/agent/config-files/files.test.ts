// Which files there are, which are written, and what a profile may name.
import { expect } from 'chai';
import { FILES, filesOf, isManaged, whenMissing } from '../../../agent/config-files/files.ts';
import { renderFile } from '../../../agent/config-files/render.ts';
import { PROFILE_FILE_IDS } from '../../../shared/config-files.ts';
import { cassandra, dse, pristine } from './fixtures.ts';
import { problemsOf } from './problems.ts';

describe('the configuration files of a product', () => {
  it('are listed in a fixed order, each with its own path', () => {
    for (const product of ['cassandra', 'dse'] as const) {
      const paths = filesOf(product).map(([, file]) => file.path);
      expect(new Set(paths).size).to.equal(Object.keys(FILES[product]).length);
    }
  });

  it('are written unless the profile says so in the file itself', () => {
    const profile = {
      'cassandra-yaml': { 'lcm-manage--cassandra-yaml': false },
      'logback-xml': { 'lcm-manage--logback-xml': true, 'lcm-manage--cassandra-yaml': false },
    };
    expect(isManaged('cassandra-yaml', profile)).to.equal(false);
    expect(isManaged('logback-xml', profile)).to.equal(true);
    expect(isManaged('jvm-server-options', profile)).to.equal(true);
  });

  it('keep the switch itself out of what is rendered', () => {
    const profile = { 'cassandra-yaml': { 'lcm-manage--cassandra-yaml': true } };
    expect(renderFile('cassandra-yaml', pristine('cassandra.yaml'), cassandra(profile))).not.to.include(
      'lcm-',
    );
  });

  it('refuse a switch that is neither true nor false', () => {
    const profile = { 'cassandra-yaml': { 'lcm-manage--cassandra-yaml': 'false' } };
    expect(problemsOf(() => renderFile('cassandra-yaml', '', cassandra(profile)))[0]?.pointer).to.equal(
      '/cassandra-yaml/lcm-manage--cassandra-yaml',
    );
  });

  it('are skipped when a version has none, unless the profile sets something in it', () => {
    const file = FILES.cassandra['jvm17-server-options'];
    expect(whenMissing(file, 'jvm17-server-options', {})).to.equal('skip');
    const profile = { 'jvm17-server-options': { max_heap_size: '8G' } };
    expect(whenMissing(file, 'jvm17-server-options', profile)).to.equal('fail');
  });

  it('are named when a profile has an unknown one', () => {
    const profile = JSON.parse('{"dse-yaml": {}, "__proto__": {}}');
    const problems = problemsOf(() => renderFile('cassandra-yaml', '', cassandra(profile)));
    expect(problems.map((problem) => problem.pointer)).to.deep.equal(['/dse-yaml', '/__proto__']);
    expect(problems[0]?.message).to.include('cassandra-yaml, cassandra-env-sh');
  });

  it('do not include the groups of settings that are no file', () => {
    expect(PROFILE_FILE_IDS.dse).to.include.members(['java-setup', 'install-options', 'package-proxy']);
    expect(problemsOf(() => renderFile('java-setup', '', dse('6.8.0', { 'java-setup': {} })))).to.have.length(
      1,
    );
  });
});
