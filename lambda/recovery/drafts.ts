/** Looks up what was found, on both servers, and decides on each row by itself. */
import { type Boundary, writtenSince } from './boundary';
import { classify } from './classify';
import { type Found, lookUp } from './compare';
import { type Finding, type History, type Touched, rowId } from './finding';
import type { Draft } from './plan';
import type { Report } from './progress';
import type { Session } from './session';
import type { Table } from './table';

export interface DraftsOptions {
  readonly old: Session;
  readonly primary: Session;
  readonly boundary: Boundary;
  readonly tables: readonly Table[];
  readonly finding: Pick<Finding, 'touched'>;
  /** What the new primary has touched, where that is known. */
  readonly history?: History;
  /** Transactions that are past the fork and yet on the new primary. */
  readonly windowed: readonly bigint[];
  /** By rowId: whether an earlier run has put a row back, or has left it as it is here. */
  readonly decided: (row: string) => Decision | undefined;
  readonly report: Report;
}

export type Decision = 'put back' | 'left';

export interface Drafts {
  /** What is to be done with each row that differs. */
  readonly drafts: readonly Draft[];
  /** Of rows that an earlier run has left as they are: others may refer to them. */
  readonly left: readonly Draft[];
  /** How many rows are here already, or were decided on before. */
  readonly alreadyHere: number;
}

/** Rows that are looked up at once, on both servers. */
const ROWS_AT_ONCE = 5_000;

export async function draftsOf(options: DraftsOptions): Promise<Drafts> {
  const { old, primary, boundary, tables, finding, history, windowed, decided, report } = options;
  const drafts: Draft[] = [];
  const left: Draft[] = [];
  let done = 0;
  let counted = 0;
  const since = writtenSince(boundary, 'r.xmin', windowed);
  const byTable = grouped(finding.touched);
  for (const table of tables) {
    const touched = byTable.get(table.name) ?? [];
    const known = history?.covers(table.name) ? history : undefined;
    // Under one key each, though two that were touched may be equal: what was first done to it counts.
    const rows = new Map<string, Draft | undefined>();
    for (let at = 0; at < touched.length; at += ROWS_AT_ONCE) {
      const some = touched.slice(at, at + ROWS_AT_ONCE);
      const keys = some.map(({ key }) => key);
      const [lost, present] = await Promise.all([
        lookUp(old, table, keys),
        lookUp(primary, table, keys, since),
      ]);
      const alike = (await known?.alike?.(table.name, keys)) ?? keys;
      for (const [index, one] of some.entries()) {
        const asked = rowId(one.table, one.key);
        const [there, here] = [lost.get(asked), present.get(asked)];
        const other = there ? there.other : here?.other;
        const row = other ? rowId(one.table, other) : asked;
        if (rows.has(row)) {
          const draft = rows.get(row);
          if (draft) rows.set(row, { ...draft, transactions: both(draft.transactions, one.transactions) });
          continue;
        }
        const draft = draftOf(one, there, here, known, alike[index]!);
        const decision = decided(asked) ?? decided(row);
        rows.set(row, decision ? undefined : draft);
        if (decision === 'left' && draft) left.push(draft);
      }
      report({ step: 'comparing', done: (done += some.length), total: finding.touched.length, unit: 'rows' });
    }
    counted += rows.size;
    for (const draft of rows.values()) if (draft) drafts.push(draft);
  }
  return { drafts, left, alreadyHere: counted - drafts.length };
}

function draftOf(
  { table, key, transactions, base }: Touched,
  lost: Found | undefined,
  present: Found | undefined,
  history: History | undefined,
  alike: readonly string[],
): Draft | undefined {
  const versions = { lost: lost?.row ?? null, present: present?.row ?? null };
  // What the new primary has done itself says more than the id in a row: a row that it deleted has none.
  const touchedHere = history?.base(table, alike);
  const decision = classify({
    ...versions,
    base: base !== 'unknown' || !history ? base : (touchedHere ?? (present ? 'present' : 'absent')),
    since: history && present ? touchedHere !== undefined : (present?.flag ?? false),
  });
  return decision && { table, key, ...decision, ...versions, transactions };
}

const both = (some: readonly string[], more: readonly string[]): readonly string[] => [
  ...new Set([...some, ...more]),
];

function grouped(touched: readonly Touched[]): ReadonlyMap<string, readonly Touched[]> {
  const byTable = new Map<string, Touched[]>();
  for (const one of touched) {
    const known = byTable.get(one.table);
    if (known) known.push(one);
    else byTable.set(one.table, [one]);
  }
  return byTable;
}
