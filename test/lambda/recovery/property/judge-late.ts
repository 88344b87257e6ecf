/** Holds a server after recovery against what the site had written there between the plan and the apply. */
import type { Counts } from '../../../../lambda/recovery/apply';
import type { Plan } from '../../../../lambda/recovery/plan';
import { type Facts, idIn, idOf, keysOf, rowsOf } from './judge';
import type { Truth } from './truth';

interface Late {
  /** After the site's writes, before the apply. */
  readonly here: Truth;
  readonly after: Truth;
  readonly counts: Counts;
}

/** @returns sentences; none when all is right */
export function judgeLate(facts: Facts, plan: Plan, { here, after, counts }: Late): string[] {
  const faults: string[] = [];
  const left = new Map(plan.changes.map((change) => [idOf(facts.tables, change), change]));
  let made = 0;
  for (const table of facts.tables) {
    const [old, present, before, now] = [facts.old, facts.present, here, after].map((truth) =>
      rowsOf(truth, table),
    ) as [Rows, Rows, Rows, Rows];
    for (const key of keysOf(old, present, before, now)) {
      const id = idIn(table, key);
      const change = left.get(id);
      const [was, is, must] = [before.get(key), now.get(key), old.get(key)];
      if (was?.bits === is?.bits && was?.xmin === is?.xmin) continue;
      // Written again as it was: what the plan has seen is still what is there.
      const isAsPlanned = was?.bits === present.get(key)?.bits;
      if (!change || change.conflict || !isAsPlanned) {
        faults.push(
          `${id}: is ${is?.text ?? 'none'}, and was ${was?.text ?? 'none'}: not recovery's to touch`,
        );
      } else if (is?.bits !== must?.bits) {
        faults.push(`${id}: put back as ${is?.text ?? 'none'}, must be ${must?.text ?? 'none'}`);
      } else made++;
    }
  }
  // Nothing is dropped in silence: each has an outcome, and what it says was put back was.
  const told = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (told !== plan.changes.length) faults.push(`${told} of ${plan.changes.length} have an outcome`);
  if ((counts.applied ?? 0) !== made)
    faults.push(`${counts.applied ?? 0} are said to be put back, and ${made} are`);
  return faults;
}

type Rows = ReturnType<typeof rowsOf>;
