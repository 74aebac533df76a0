// What of a profile goes to agents, and what is only kept: files we do not write, and settings that stand in the wrong file.
import { expect } from 'chai';
import { partProfile } from '../../../coordinator/definitions/written.ts';

describe('a profile, parted into what is written and what is not', () => {
  it('keeps files that are not written from agents, and names their settings', () => {
    const { profile, unwritten } = partProfile('dse', '6.0.7', {
      'cassandra-yaml': { num_tokens: 8, our_own: 1 },
      'spark-env-sh': { 'spark-master-webui-port': 7081, 'spark-worker-cores': 2 },
    });
    expect(profile).to.deep.equal({ 'cassandra-yaml': { num_tokens: 8, our_own: 1 } });
    expect(unwritten).to.deep.equal({ 'spark-env-sh': ['spark-master-webui-port', 'spark-worker-cores'] });
  });

  it('keeps settings of another file from agents, also of a version that nobody has looked at', () => {
    const given = { 'cassandra-env-sh': { num_tokens: 8, 'jmx-port': 7299 }, 'dse-env-sh': { seeds: 'x' } };
    for (const version of ['6.7.3', '5.0.7'])
      expect(partProfile('dse', version, given), version).to.deep.equal({
        profile: { 'cassandra-env-sh': { 'jmx-port': 7299 }, 'dse-env-sh': {} },
        unwritten: { 'cassandra-env-sh': ['num_tokens'], 'dse-env-sh': ['seeds'] },
      });
  });

  it('gives agents the JVM files of a version that nobody has looked at', () => {
    const given = { 'jvm-options': { max_heap_size: '4G', heap: '4G' } };
    expect(partProfile('cassandra', '3.11.4', given)).to.deep.equal({
      profile: { 'jvm-options': { max_heap_size: '4G' } },
      unwritten: { 'jvm-options': ['heap'] },
    });
  });

  it('knows what is not written of files that are', () => {
    const given = { 'jvm-server-options': { max_heap_size: '4G', log_gc: true }, 'java-setup': { v: null } };
    expect(partProfile('dse', '6.8.36', given)).to.deep.equal({
      profile: { 'jvm-server-options': { max_heap_size: '4G' }, 'java-setup': {} },
      unwritten: { 'jvm-server-options': ['log_gc'] },
    });
  });

  it('says nothing of a file that the operator keeps himself, nor of what null takes out', () => {
    const given = {
      'spark-env-sh': { 'lcm-manage--spark-env-sh': false, 'spark-worker-cores': 2 },
      'hive-site-xml': { 'spark-enable': null },
      'logback-xml': { 'lcm-manage--logback-xml': false, 'scan-period': 60 },
    };
    expect(partProfile('dse', '6.8.36', given)).to.deep.equal({
      profile: { 'logback-xml': { 'lcm-manage--logback-xml': false } },
      unwritten: {},
    });
  });

  it("takes JMX's port from where DSE's profiles have it, unless cassandra-env-sh has one", () => {
    const jvm = { 'jvm-options': { 'jmx-port': 7299, max_heap_size: '4G' } };
    expect(partProfile('dse', '6.7.3', jvm)).to.deep.equal({
      profile: { 'jvm-options': { max_heap_size: '4G' }, 'cassandra-env-sh': { 'jmx-port': 7299 } },
      unwritten: {},
    });
    const both = { 'jvm-server-options': { 'jmx-port': 7299 }, 'cassandra-env-sh': { 'jmx-port': 7399 } };
    expect(partProfile('dse', '6.8.36', both).profile).to.deep.equal({
      'jvm-server-options': {},
      'cassandra-env-sh': { 'jmx-port': 7399 },
    });
    const none = { 'jvm-server-options': { 'jmx-port': null } };
    expect(partProfile('dse', '6.8.36', none).profile).to.deep.equal({ 'jvm-server-options': {} });
  });
});
