// Which version comes after which, and from which series to which there is a way.
import { expect } from 'chai';
import fc from 'fast-check';
import { patchStep, refusalOf, upgradeStep } from '../../shared/upgrade-step.ts';

const OPPOSITE = {
  same: 'same',
  newer: 'older',
  older: 'newer',
  'other-series': 'other-series',
  unknown: 'unknown',
} as const;

describe('the step from one version to another', () => {
  // biome-ignore format: a table should look like one
  const steps = [
    ['5.0.7', '5.0.8', 'newer'],
    ['5.0.9', '5.0.10', 'newer'],
    ['6.8.36', '6.8.36.1', 'newer'],
    ['6.8.36', '6.8.36.0', 'same'],
    ['5.0-beta2', '5.0-beta10', 'newer'],
    ['5.0-beta2', '5.0-rc1', 'newer'],
    ['5.0-rc1', '5.0.0', 'newer'],
    ['5.0.8-rc1', '5.0.8', 'newer'],
    ['5.0.8', '5.0.8', 'same'],
    ['4.1.7', '5.0.8', 'other-series'],
    ['4.0.20', '4.1.0', 'other-series'],
    ['6.8.36', '6.9.0', 'other-series'],
    ['5', '5.0.8', 'unknown'],
    ['trunk', '5.0.8', 'unknown'],
  ] as const;
  for (const [from, to, step] of steps) {
    it(`is ${step} from ${from} to ${to}, and the opposite back`, () => {
      expect(patchStep(from, to)).to.equal(step);
      expect(patchStep(to, from)).to.equal(OPPOSITE[step]);
    });
  }

  it('never leads in a circle', () => {
    const version = fc
      .tuple(
        fc.nat(1),
        fc.array(fc.nat(12), { maxLength: 2 }),
        fc.constantFrom('', '-alpha1', '-rc2', '-rc10'),
      )
      .map(([series, patch, early]) => [`5.${series}`, ...patch].join('.') + early);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(patchStep(b, a)).to.equal(OPPOSITE[patchStep(a, b)]);
        if (patchStep(a, b) === 'newer' && patchStep(b, c) === 'newer')
          expect(patchStep(a, c)).to.equal('newer');
      }),
    );
  });

  // biome-ignore format: a table should look like one
  const majors = [
    ['cassandra', '4.1.7', '5.0.8', 'major', null],
    ['cassandra', '4.1-beta1', '5.0.0', 'major', null],
    ['cassandra', '4.1.7', '4.1.8', 'newer', null],
    ['cassandra', '5.0.8', '4.1.7', 'other-series', /but for 4\.1 to 5\.0 of cassandra; what can be asked for is a later version of 5\.0$/],
    ['cassandra', '4.0.20', '5.0.8', 'other-series', /a later version of 4\.0$/],
    ['cassandra', '4.1.7', '5.1.0', 'other-series', /a later version of 4\.1 or of 5\.0$/],
    ['dse', '4.1.7', '5.0.8', 'other-series', /one series of patch versions; .* a later version of 4\.1$/],
    ['dse', '6.8.36', '6.8.35', 'older', /a later one than 6\.8\.36$/],
    ['cassandra', 'trunk', '5.0.8', 'unknown', /cannot be compared/],
  ] as const;
  for (const [product, from, to, step, why] of majors) {
    it(`is ${step} from ${product} ${from} to ${to}, and ${why === null ? 'is done' : 'refused with what would be right'}`, () => {
      expect(upgradeStep(product, from, to)).to.equal(step);
      if (why === null) expect(refusalOf(product, from, to)).to.equal(null);
      else expect(refusalOf(product, from, to)).to.match(why);
    });
  }
});
