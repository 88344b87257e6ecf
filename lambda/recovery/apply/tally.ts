/** Counts what becomes of changes. */
import type { Applied, Conflicts, Counts, Told, Verdict } from './applied';
import type { Step } from './step';

/** So many are told one by one; all of them are in the ledger. */
const TOLD = 1_000;

type Outcome = Verdict['outcome'];

export class Tally {
  private readonly all = new Map<Outcome, number>();
  private readonly byTable = new Map<string, Map<Outcome, number>>();
  private readonly told = { refused: new Map<number, Told>(), 'changed since': new Map<number, Told>() };

  add({ change, operation }: Step, { outcome, why = '', sqlState }: Verdict): void {
    this.count(change.table, outcome, 1);
    if (outcome !== 'refused' && outcome !== 'changed since') return;
    const list = this.told[outcome];
    if (list.size >= TOLD) return;
    const { number, table, key } = change;
    list.set(number, { number, table, key, operation, why, ...(sqlState && { sqlState }) });
  }

  /** It was tried once more. */
  remove({ change }: Step, { outcome }: Verdict): void {
    this.count(change.table, outcome, -1);
    if (outcome === 'refused') this.told.refused.delete(change.number);
  }

  private count(table: string, outcome: Outcome, by: number): void {
    const own = this.byTable.get(table) ?? new Map<Outcome, number>();
    this.byTable.set(table, own);
    for (const counts of [this.all, own]) {
      const sum = (counts.get(outcome) ?? 0) + by;
      if (sum > 0) counts.set(outcome, sum);
      else counts.delete(outcome);
    }
  }

  get done(): number {
    return [...this.all.values()].reduce((sum, count) => sum + count, 0);
  }

  result(
    conflicts: Conflicts,
  ): Pick<Applied, 'done' | 'counts' | 'tables' | 'refused' | 'changed'> & { isOpen: boolean } {
    const counts: Counts = Object.fromEntries(this.all);
    const { refused = 0, skipped = 0 } = counts;
    const open = refused + skipped + (conflicts === 'keep' ? 0 : (counts['changed since'] ?? 0));
    const told = (list: ReadonlyMap<number, Told>) => [...list.values()].sort((a, b) => a.number - b.number);
    return {
      done: this.done,
      counts,
      tables: [...this.byTable].map(([table, own]) => ({ table, counts: Object.fromEntries(own) })),
      refused: told(this.told.refused),
      changed: told(this.told['changed since']),
      isOpen: open > 0,
    };
  }
}
