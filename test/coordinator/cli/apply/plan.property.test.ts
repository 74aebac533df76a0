// What must hold of any plan: an export changes nothing, and what was applied once is not applied again.
import { expect } from 'chai';
import fc from 'fast-check';
import { exportCluster } from '../../../../coordinator/cli/apply/export.ts';
import { type Declared, keyOf } from '../../../../coordinator/cli/apply/model-file.ts';
import { danglingReferences, planChanges } from '../../../../coordinator/cli/apply/plan.ts';
import { planData, planLines, summaryOf } from '../../../../coordinator/cli/apply/plan-words.ts';
import { readModelFile } from '../../../../coordinator/cli/apply/read-model-file.ts';
import type { StoredModel } from '../../../../coordinator/cli/apply/stored-model.ts';
import { kindOf } from '../../../../coordinator/cli/kinds.ts';
import { yamlText } from '../../../../coordinator/cli/output.ts';
import { coloursFor } from '../../../../coordinator/cli/terminal/colours.ts';
import { after, EMPTY, models } from './model-on-paper.ts';

// Before any time that a model has.
const PRUNE = { prune: true, updateSecrets: false, nowMs: 0 };

/** Out as a file, and in again. */
function declaredOf(stored: StoredModel): readonly Declared[] {
  const cluster = stored.get(kindOf('cluster'), ['prod']);
  if (cluster === undefined) throw new Error('no cluster');
  return readModelFile('prod.yaml', yamlText(exportCluster(cluster, stored))).declared;
}

/** Without where it stands, in an order of its own. */
const meaningOf = (declared: readonly Declared[]): unknown =>
  declared
    .map(({ kind, place, values, references }) => ({
      key: keyOf(kind, place),
      values,
      names: Object.fromEntries(
        Object.entries(references).map(([field, { to }]) => [field, to && keyOf(to.kind, to.place)]),
      ),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));

describe('plans of apply', function () {
  this.timeout(60_000);

  it('are empty for what was exported, but for schedules of what is gone, which no file can say', () => {
    fc.assert(
      fc.property(models, (stored) => {
        const plan = planChanges(declaredOf(stored), stored, PRUNE);
        const gone = stored.all.filter(({ record }) => record['resource-id'] === 'gone').map(({ id }) => id);
        expect(planData(plan).map(({ action, id }) => [action, id])).to.deep.equal(
          gone.map((id) => ['delete', id]),
        );
        if (gone.length === 0) expect(summaryOf(plan)).to.equal('nothing to change');
      }),
    );
  });

  it('make a coordinator that has nothing the same as the exported one', () => {
    fc.assert(
      fc.property(models, (stored) => {
        const declared = declaredOf(stored);
        expect(danglingReferences(declared, EMPTY, [])).to.deep.equal([]);
        const made = after(EMPTY, planChanges(declared, EMPTY, PRUNE).changes);
        expect(meaningOf(declaredOf(made))).to.deep.equal(meaningOf(declared));
      }),
    );
  });

  it('are empty the second time, whatever was there before', () => {
    fc.assert(
      fc.property(models, models, (wanted, before) => {
        const declared = declaredOf(wanted);
        const plan = planChanges(declared, before, PRUNE);
        expect(planLines(plan, coloursFor(false)).length).to.be.greaterThanOrEqual(plan.changes.length);
        expect(planData(planChanges(declared, after(before, plan.changes), PRUNE))).to.deep.equal([]);
      }),
    );
  });

  it('end the same when they were broken off anywhere and run again', () => {
    fc.assert(
      fc.property(models, models, fc.nat(30), (wanted, before, doneAtMost) => {
        const declared = declaredOf(wanted);
        const half = after(before, planChanges(declared, before, PRUNE).changes.slice(0, doneAtMost));
        const whole = after(half, planChanges(declared, half, PRUNE).changes);
        expect(meaningOf(declaredOf(whole))).to.deep.equal(meaningOf(declared));
      }),
    );
  });

  it('delete nothing unless they are to', () => {
    fc.assert(
      fc.property(models, models, (wanted, before) => {
        const kept = planChanges(declaredOf(wanted), before, { ...PRUNE, prune: false });
        const pruned = planChanges(declaredOf(wanted), before, PRUNE);
        expect(kept.changes.filter((change) => change.do === 'delete')).to.deep.equal([]);
        expect(kept.left.map(({ id }) => id)).to.deep.equal(
          pruned.changes.flatMap((change) => (change.do === 'delete' ? [change.id] : [])),
        );
      }),
    );
  });
});
