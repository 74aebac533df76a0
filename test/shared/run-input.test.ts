// What a run is told: strict where it is sent, so that nothing rides along; forgiving where a later version's is read.
import { expect } from 'chai';
import { cameRunInputSchema, runInputSchema, runSecretsSchema } from '../../shared/run-input.ts';
import { inputFor } from '../agent/steps/step-driver.ts';

const input = inputFor('install', '/srv/ring', {
  repository: { url: 'https://repository.example/cassandra.tar.gz', username: 'reader' },
});
const takes = (changed: object): boolean => runInputSchema.safeParse({ ...input, ...changed }).success;

describe('the input of a run', () => {
  it('comes back from its JSON as it was', () => {
    expect(runInputSchema.parse(JSON.parse(JSON.stringify(input)))).to.deep.equal(input);
  });

  it('takes no field that it does not know, a password least of all', () => {
    expect(takes({ password: 'x' })).to.equal(false);
    expect(takes({ repository: { ...input.repository, password: 'x' } })).to.equal(false);
    expect(takes({ node: { ...input.node, sshKey: 'x' } })).to.equal(false);
  });

  it('is read by an agent without what only a later coordinator knows, at any depth', () => {
    const later = { added: { deep: true } };
    expect(
      cameRunInputSchema.parse({
        ...input,
        ...later,
        install: { ...input.install, ...later },
        repository: { ...input.repository, ...later },
        cluster: { ...input.cluster, ...later },
        node: { ...input.node, ...later, workloads: { ...input.node.workloads, ...later } },
        ports: { ...input.ports, ...later },
        limits: { ...input.limits, ...later },
      }),
    ).to.deep.equal(input);
    expect(cameRunInputSchema.safeParse({ ...input, recipe: 'later' }).success).to.equal(false);
    expect(cameRunInputSchema.safeParse({ ...input, ports: {} }).success).to.equal(false);
  });

  it('is read by an agent also as earlier versions wrote it', () => {
    const { defaultPassword: _, ...rest } = input;
    for (const [before, now] of [
      [true, 'to-change'],
      [false, 'not-asked'],
    ] as const)
      expect(cameRunInputSchema.parse({ ...rest, changeDefaultPassword: before })).to.deep.equal({
        ...rest,
        defaultPassword: now,
      });
  });

  it('takes a directory only when it is absolute, and a version only when it can be part of a path', () => {
    for (const directory of ['relative', '', '/a\0b'])
      expect(takes({ install: { type: 'tarball', directory } })).to.equal(false);
    for (const version of ['../5.0', '5.0/..', '', 'v5']) expect(takes({ version })).to.equal(false);
    expect(takes({ version: '5.0-beta1' })).to.equal(true);
  });
});

describe('the secrets of a run', () => {
  it('are none unless given, and those of a later version are passed over', () => {
    const none = {
      repositoryPassword: null,
      newCassandraPassword: null,
      oldCassandraPassword: null,
      profile: {},
    };
    expect(runSecretsSchema.parse({})).to.deep.equal(none);
    expect(runSecretsSchema.parse({ newCassandraPassword: 'x' })).to.deep.equal({
      ...none,
      newCassandraPassword: 'x',
    });
    expect(runSecretsSchema.parse({ another: 'x' })).to.deep.equal(none);
  });
});
