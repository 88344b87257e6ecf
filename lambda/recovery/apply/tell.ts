import { LEDGER_TABLE } from '../ledger';
import type { Verdict } from './applied';
import type { Making } from './batch';
import type { Step } from './step';

/** Writes in the ledger what was done; rows that are left open are not in it. */
export async function tell(
  { primary, plan, fork, keepsChanged }: Making,
  steps: readonly Step[],
  verdicts: readonly Verdict[],
): Promise<void> {
  const rows = steps
    .map(({ change }, at) => ({ change, ...verdicts[at]! }))
    .filter(({ outcome }) => outcome !== 'skipped' && (outcome !== 'changed since' || keepsChanged));
  if (rows.length === 0) return;
  const isDone = (outcome: string) => /^(applied|replaced|already here)$/.test(outcome);
  await primary.ask(
    `insert into ${LEDGER_TABLE} (fork, plan, relation, key, number, outcome, why, sqlstate, lost, present)
     select $1, $2, x.* from unnest($3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[],
                                    $10::text[]) as x
     on conflict (relation, key, fork) do update set (plan, number, outcome, why, sqlstate, at, lost, present) =
       row(excluded.plan, excluded.number, excluded.outcome, excluded.why, excluded.sqlstate, excluded.at,
           excluded.lost, excluded.present)`,
    [
      fork,
      plan,
      rows.map(({ change }) => change.table),
      rows.map(({ change }) => JSON.stringify(change.key)),
      rows.map(({ change }) => change.number),
      rows.map(({ outcome }) => (outcome === 'already here' ? 'applied' : outcome)),
      rows.map(({ outcome, why }) => (outcome === 'already here' ? 'it was here already' : (why ?? null))),
      rows.map(({ sqlState }) => sqlState ?? null),
      rows.map(({ change, outcome }) => (isDone(outcome) ? null : change.lost)),
      rows.map(({ change, outcome, present }) => (isDone(outcome) ? null : (present ?? change.present))),
    ],
  );
}
