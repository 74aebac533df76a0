// Which version comes after which, within one series of patch versions.
import { expect } from 'chai';
import fc from 'fast-check';
import { patchStep } from '../../../agent/products/patch-step.ts';

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
});
