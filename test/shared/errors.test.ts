// Expected failures: each its code and fields, and a chain of causes on one line.
import { expect } from 'chai';
import {
  Conflict,
  errorChain,
  InvalidConfigKeys,
  InvalidInput,
  LcmError,
  NotFound,
  PermissionDenied,
  StepFailed,
  TooLarge,
  TooManyAttempts,
  Unauthenticated,
  Unavailable,
  UnsupportedMediaType,
} from '../../shared/errors.ts';

const cause = new Error('EACCES: permission denied');

describe('an expected failure', () => {
  const one = [
    new InvalidInput('no', [], cause),
    new InvalidConfigKeys('no', []),
    new NotFound('job', '7'),
    new Conflict('no', [], cause),
    new TooLarge('no'),
    new UnsupportedMediaType('no'),
    new Unavailable('no', cause),
    new Unauthenticated('no'),
    new TooManyAttempts('no'),
    new PermissionDenied('no', cause),
    new StepFailed('disk-full', 'no', { cause }),
  ];

  it('is known by its code and carries the name of its class', () => {
    expect(one.map(({ code }) => code)).to.deep.equal([
      'invalid-input',
      'invalid-config-keys',
      'not-found',
      'conflict',
      'too-large',
      'unsupported-media-type',
      'unavailable',
      'unauthenticated',
      'too-many-attempts',
      'permission-denied',
      'step-failed',
    ]);
    for (const error of one) {
      expect(error).to.be.instanceOf(LcmError);
      expect(error.name).to.equal(error.constructor.name);
    }
  });

  it('keeps its cause out of its message', () => {
    const caused = one.filter((error) => error.cause !== undefined);
    expect(caused).to.have.length(5);
    for (const error of caused) expect(error.message).to.equal('no');
  });

  it('names what was not found', () => {
    expect(new NotFound('config-profile', '7').message).to.equal('There is no config-profile with id 7');
  });

  it('of a step tells subtype, resource and detail, which are empty unless given', () => {
    const { subtype, resource, detail } = new StepFailed('port-taken', 'no', {
      resource: '9042',
      detail: { pid: 1 },
    });
    expect({ subtype, resource, detail }).to.deep.equal({
      subtype: 'port-taken',
      resource: '9042',
      detail: { pid: 1 },
    });
    expect(new StepFailed('x', 'no')).to.include({ resource: null }).and.to.have.deep.property('detail', {});
  });
});

describe('the chain of an error', () => {
  it('is every cause on one line, outermost first', () => {
    const error = new StepFailed('x', 'cannot write', { cause: new TypeError('bad mode', { cause }) });
    expect(errorChain(error)).to.equal(
      'StepFailed: cannot write <- TypeError: bad mode <- Error: EACCES: permission denied',
    );
  });

  it('takes what is no error as it is', () => {
    expect(errorChain('just text')).to.equal('just text');
    expect(errorChain(new Error('outer', { cause: 42 }))).to.equal('Error: outer <- 42');
    expect(errorChain(undefined)).to.equal('');
  });

  it('ends, even where errors cause one another', () => {
    const first = new Error('a');
    first.cause = new Error('b', { cause: first });
    expect(errorChain(first).split(' <- ')).to.have.length(8);
  });
});
