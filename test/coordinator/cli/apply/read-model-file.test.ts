// Mistakes in a model file: each named with its line before anything is sent.
import { expect } from 'chai';
import { readModelFile } from '../../../../coordinator/cli/apply/read-model-file.ts';
import { CliFailure } from '../../../../coordinator/cli/exit.ts';

function problemsOf(text: string): readonly string[] {
  try {
    readModelFile('f.yaml', text);
    return [];
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    expect(error.outcome).to.equal('usage');
    return error.hints;
  }
}

describe('a model file', () => {
  for (const [what, text, problem] of [
    ['an unknown kind', 'clusters: []', 'f.yaml:1:1: clusters is unknown; did you mean cluster?'],
    [
      'an unknown field',
      'cluster:\n  name: a\n  coment: x',
      'f.yaml:3:3: coment is not a field of a cluster that can be set; did you mean comment?',
    ],
    [
      'a field by its older word',
      'machine-credentials:\n- name: a\n  login-user: x',
      'f.yaml:3:3: login-user is not a field of a credential that can be set; it is called login-name here',
    ],
    [
      'what only the coordinator says',
      'cluster: {name: a, job-status: x}',
      'f.yaml:1:20: job-status is not a field of a cluster that can be set; the coordinator tells it',
    ],
    [
      'a key of the prototype',
      'config-profiles:\n- name: a\n  datastax-version: 5.0.8\n  json:\n    cassandra-yaml:\n      "__proto__": {a: 1}',
      'f.yaml:6:7: __proto__ is not allowed as a key',
    ],
    ['a kind of the prototype', 'constructor: []', 'f.yaml:1:1: constructor is not allowed as a key'],
    ['a name that is missing', 'cluster:\n  comment: x', 'f.yaml:1:1: a cluster needs name'],
    [
      'a number for a version',
      'config-profiles:\n- {name: a, datastax-version: 5.0}',
      'f.yaml:2:31: datastax-version must be text (in quotes where it looks like a number)',
    ],
    ['a word for a flag', 'cluster: {name: a, managed: "yes"}', 'f.yaml:1:29: managed must be true or false'],
    [
      'a number out of range',
      'cluster: {name: a, ssh-management-port: 0}',
      'f.yaml:1:41: ssh-management-port must be from 1 to 65535',
    ],
    [
      'a text that does not fit',
      'repositories:\n- {name: a, repo-url: "ftp://x"}',
      'f.yaml:2:23: repo-url must be an http, https or file URL',
    ],
    [
      'a file of another product',
      'config-profiles:\n- name: a\n  product: cassandra\n  datastax-version: 5.0.8\n  json: {dse-yaml: {}}',
      'f.yaml:5:10: dse-yaml is no configuration file of cassandra',
    ],
    [
      'the same twice',
      'cluster:\n  name: a\n  datacenters:\n  - name: d\n  - name: d',
      'f.yaml:5:5: dc a/d is there already, at f.yaml:4:5',
    ],
    [
      'no list where one should be',
      'cluster: {name: a, datacenters: {name: d}}',
      'f.yaml:1:33: datacenters must be a list',
    ],
    [
      'a secret in clear',
      'repositories:\n- {name: a, password: hidden}',
      'f.yaml:2:13: password is a secret, which does not belong in this file',
    ],
    [
      'a secret from nowhere',
      'repositories:\n- {name: a, password: {optional: true}}',
      'f.yaml:2:13: password must say where it comes from',
    ],
    [
      'a secret in clear among settings',
      'config-profiles:\n- name: a\n  datastax-version: 6.8.1\n  json:\n    dse-yaml:\n      ldap_options: {search_password: hidden}',
      'f.yaml:6:22: dse-yaml.ldap_options.search_password is or holds a secret, which does not belong in this file',
    ],
    [
      'a secret in clear in a JVM option',
      'config-profiles:\n- name: a\n  datastax-version: 6.8.1\n  json: {jvm-options: {additional-jvm-opts: &o [-Da=b, -Dx.password=hidden]}}',
      'f.yaml:4:56: jvm-options.additional-jvm-opts.1 is or holds a secret',
    ],
    [
      'a secret from nowhere among settings',
      'config-profiles:\n- name: a\n  datastax-version: 6.8.1\n  json: {dse-yaml: {ldap_options: {search_password: {from-env: 7}}}}',
      'f.yaml:4:36: dse-yaml.ldap_options.search_password must say where it comes from',
    ],
    [
      'a secret from somewhere for an option that is none',
      'config-profiles:\n- name: a\n  datastax-version: 6.8.1\n  json: {jvm-options: {additional-jvm-opts: [{option: -Dplain, from-env: X}]}}',
      'f.yaml:4:46: jvm-options.additional-jvm-opts.0 has an "option" that is no -D with the name of a secret',
    ],
    [
      'a reference that is no name',
      'cluster: {name: a, repository: 7}',
      'f.yaml:1:20: repository must be a name',
    ],
    [
      'a node of no datacenter as a target',
      'cluster: {name: a, job-schedules: [{name: s, job-type: check, node: n}]}',
      'f.yaml:1:63: node needs the datacenter that it is in beside it',
    ],
    [
      'a target that is left empty',
      'cluster: {name: a, job-schedules: [{name: s, job-type: check, datacenter: }]}',
      'f.yaml:1:63: datacenter must be a name; without the key it is for all of them',
    ],
    [
      'a target among options',
      'cluster: {name: a, job-schedules: [{name: s, job-type: check, options: {job-scope: node}}]}',
      'f.yaml:1:73: options.job-scope is no option: the schedule itself says it',
    ],
    [
      'a type that is none, and not for its options',
      'cluster: {name: a, job-schedules: [{name: s, job-type: constructor, options: {x: 1}}]}',
      'f.yaml:1:56: job-type must be one of install, configure, restart, upgrade, check',
    ],
    [
      'a target by its fields',
      'cluster: {name: a, job-schedules: [{name: s, job-type: check, job-scope: node}]}',
      'f.yaml:1:63: job-scope is not a field of a schedule that can be set; datacenter, or node with its datacenter, says it',
    ],
    [
      'an option that an action has not',
      'cluster: {name: a, job-schedules: [{name: s, job-type: restart, options: {forse: true}}]}',
      'f.yaml:1:75: options.forse is no option of restart; did you mean force?',
    ],
    [
      'a word for a number among options',
      'cluster: {name: a, job-schedules: [{name: s, job-type: restart, options: {batch-size: two}}]}',
      'f.yaml:1:75: options.batch-size must be a whole number',
    ],
    [
      'a secret among options',
      'cluster: {name: a, job-schedules: [{name: s, job-type: install, options: {change-default-cassandra-password: hidden}}]}',
      'f.yaml:1:75: options.change-default-cassandra-password is a secret, and a schedule keeps none',
    ],
    [
      'a time that is none',
      'cluster: {name: a, maintenance-windows: [{name: w, kind: freeze, from: tomorrow}]}',
      'f.yaml:1:72: from must be a time with its offset',
    ],
    ['a key that is there twice', 'cluster:\n  name: a\n  name: b', 'f.yaml:3:3: Map keys must be unique'],
    ['what is no YAML', 'cluster: {name: a\n', 'f.yaml:2:1:'],
    [
      'a stray line, and not for what comes of it',
      '- a\ncluster:\n  name: b\n  x: c\n',
      'f.yaml:2:1: Unexpected scalar',
    ],
    ['nothing', '# nothing\n', 'declares nothing'],
  ] as const)
    it(`is refused for ${what}`, () => {
      const problems = problemsOf(text);
      expect(problems[0]).to.contain(problem);
      expect(problems).to.have.length(1);
      expect(problems.join()).not.to.contain('hidden');
    });

  it('names every mistake of every document at once', () => {
    expect(
      problemsOf('cluster: {name: a, x: 1}\n---\ncluster: {name: b, y: 1}\n---\n- 1\n').map(
        (line) => line.split(' ')[0],
      ),
    ).to.deep.equal(['f.yaml:1:20:', 'f.yaml:3:20:', 'f.yaml:5:1:']);
  });

  it('has each moment as the API has it, whatever its offset, as far as years have four digits', () => {
    const { declared } = readModelFile(
      'f.yaml',
      'cluster: {name: a, maintenance-windows: [{name: w, from: 2026-12-24T00:30:00.5+01:00, until: "9999-12-31T23:59:59-01:00"}]}\n',
    );
    expect(declared[1]?.values).to.include({
      from: '2026-12-23T23:30:00.500Z',
      until: '9999-12-31T23:59:59-01:00',
    });
  });

  it('takes anchors, several documents and a node named like its address', () => {
    const { declared } = readModelFile(
      'f.yaml',
      'config-profiles:\n- {name: p, datastax-version: 6.8.1, json: &j {cassandra-yaml: {num_tokens: 1}}}\n- {name: q, datastax-version: 6.8.2, json: *j}\n' +
        '---\ncluster: {name: a, datacenters: [{name: d, nodes: [{ssh-management-address: 10.0.0.1}]}]}\n',
    );
    expect(declared.map(({ kind, place }) => `${kind.word} ${place.join('/')}`)).to.deep.equal([
      'profile p',
      'profile q',
      'cluster a',
      'dc a/d',
      'node a/d/10.0.0.1',
    ]);
    expect(declared[1]?.values['json']).to.deep.equal({ 'cassandra-yaml': { num_tokens: 1 } });
  });
});
