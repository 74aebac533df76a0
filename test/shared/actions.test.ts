// The actions as data: complete, consistent and as the original has them.
import { expect } from 'chai';
import { ACTION_NAMES, ACTIONS, JOB_SCOPES, JOB_TYPES } from '../../shared/actions.ts';
import { IDLE_TIMEOUTS } from '../../shared/settings.ts';

const all = Object.values(ACTIONS);
const named = (action: keyof typeof ACTIONS, name: string) =>
  ACTIONS[action].parameters.find((parameter) => parameter.name === name);
const TYPE_OF = { string: 'string', boolean: 'boolean', integer: 'number', uuid: 'string' } as const;

describe('the actions', () => {
  it('are the five of the original and check, each under its own name and told in sentences', () => {
    expect(all.map(({ name }) => name)).to.deep.equal([
      'install',
      'configure',
      'restart',
      'upgrade',
      'check',
      'terminate',
    ]);
    expect(Object.keys(ACTIONS)).to.deep.equal([...ACTION_NAMES]);
    for (const { description, parameters } of all) {
      for (const text of [description, ...parameters.map((each) => each.description)])
        expect(text).to.match(/^[A-Z].*\.$/);
    }
  });

  it('have parameters with kebab names, each once', () => {
    for (const { name, parameters } of all) {
      const names = parameters.map((parameter) => parameter.name);
      expect(new Set(names).size, name).to.equal(names.length);
      for (const each of names) expect(each).to.match(/^[a-z]+(-[a-z]+)*$/);
    }
  });

  it('give defaults that their own type, range and allowed values admit', () => {
    for (const parameter of all.flatMap(({ parameters }) => parameters)) {
      const { default: value, minimum, maximum } = parameter;
      if (value !== null) expect(typeof value, parameter.name).to.equal(TYPE_OF[parameter.type]);
      if (parameter['allowed-values'] !== null && value !== null)
        expect(parameter['allowed-values']).to.include(value);
      if (minimum !== null || maximum !== null) expect(parameter.type).to.equal('integer');
      if (minimum !== null && maximum !== null) expect(minimum).to.be.at.most(maximum);
    }
  });

  it('require a target, which is never null, and nothing else', () => {
    for (const type of JOB_TYPES) {
      const required = ACTIONS[type].parameters.filter((parameter) => parameter.required);
      expect(required.map(({ name }) => name)).to.deep.equal(['job-scope', 'resource-id']);
      expect(required.map(({ nullable }) => nullable)).to.deep.equal([false, false]);
      expect(named(type, 'job-scope')?.['allowed-values']).to.deep.equal(
        type === 'upgrade' ? ['datacenter', 'node'] : [...JOB_SCOPES],
      );
      expect(named(type, 'job-type')?.['allowed-values']).to.deep.equal([type]);
    }
    expect(ACTIONS.terminate.parameters.map(({ name, required }) => [name, required])).to.deep.equal([
      ['job-id', true],
    ]);
  });

  it('stop at the first failure unless told, but where they only look', () => {
    for (const type of JOB_TYPES.filter((one) => one !== 'check'))
      expect(named(type, 'continue-on-error')?.default).to.equal(false);
  });

  it('treat the password as a secret where they take it, and nothing else', () => {
    const secrets = all.flatMap(({ name, parameters }) =>
      parameters.filter(({ secret }) => secret).map((parameter) => `${name} ${parameter.name}`),
    );
    expect(secrets).to.deep.equal([
      'install change-default-cassandra-password',
      'configure change-default-cassandra-password',
    ]);
  });

  it('call a silent install or upgrade IDLE after 15 minutes and the others after 5, within what a job may ask for', () => {
    for (const type of JOB_TYPES) {
      const own = named(type, 'idle-timeout');
      const unlessTold = IDLE_TIMEOUTS[`${type}-idle-timeout`];
      expect(unlessTold).to.equal(type === 'install' || type === 'upgrade' ? 900 : 300);
      expect(unlessTold).to.be.within(own?.minimum ?? 0, own?.maximum ?? 0);
    }
  });
});
