/** What a plan comes to, in numbers: for reports, for the terminal, and for what the function tells of itself. */
import type { Change, ConflictKind, Operation, Plan } from '../plan';

export interface TableSummary {
  readonly table: string;
  /** Changes that are put back. */
  readonly apply: Readonly<Record<Operation, number>>;
  readonly conflicts: number;
  /** Findings, not rows: each says how many. */
  readonly unrecoverable: number;
}

/** A transaction of which only a part is put back. */
export interface SplitTransaction {
  readonly id: string;
  readonly committedAt?: string;
  readonly apply: number;
  readonly conflicts: number;
  readonly unrecoverable: number;
}

export interface PlanSummary {
  readonly apply: Readonly<Record<Operation, number>> & { readonly all: number };
  readonly conflicts: number;
  readonly kinds: readonly { readonly kind: ConflictKind; readonly count: number }[];
  readonly unrecoverable: number;
  readonly alreadyHere: number;
  /** Sorted by name; what has no table comes last, as ''. */
  readonly tables: readonly TableSummary[];
  /** In the order of their commits. */
  readonly split: readonly SplitTransaction[];
  /** Commits of the lost transactions, ISO 8601; absent when no time is known. */
  readonly interval?: { readonly first: string; readonly last: string };
}

const none = () => ({ insert: 0, update: 0, delete: 0 });

export function summaryOf({ head, changes }: Plan): PlanSummary {
  const apply = none();
  const kinds = new Map<ConflictKind, number>();
  const tables = new Map<
    string,
    { apply: Record<Operation, number>; conflicts: number; unrecoverable: number }
  >();
  const of = (table: string) => {
    const found = tables.get(table) ?? { apply: none(), conflicts: 0, unrecoverable: 0 };
    tables.set(table, found);
    return found;
  };
  for (const { table, operation, conflict } of changes) {
    if (conflict) {
      of(table).conflicts++;
      kinds.set(conflict.kind, (kinds.get(conflict.kind) ?? 0) + 1);
    } else {
      of(table).apply[operation]++;
      apply[operation]++;
    }
  }
  for (const { table = '' } of head.unrecoverable) of(table).unrecoverable++;
  const all = apply.insert + apply.update + apply.delete;
  const interval = intervalOf(head.transactions);
  return {
    apply: { ...apply, all },
    conflicts: changes.length - all,
    kinds: [...kinds].map(([kind, count]) => ({ kind, count })).sort((one, other) => other.count - one.count),
    unrecoverable: head.unrecoverable.length,
    alreadyHere: head.alreadyHere,
    tables: [...tables]
      .map(([table, counts]) => ({ table, ...counts }))
      .sort((one, other) => order(one.table, other.table)),
    split: splitOf({ head, changes }),
    ...(interval && { interval }),
  };
}

const order = (one: string, other: string): number =>
  one === '' || other === '' ? other.length - one.length : one < other ? -1 : one > other ? 1 : 0;

function splitOf({ head, changes }: Plan): SplitTransaction[] {
  const parts = new Map<string, { apply: number; conflicts: number; unrecoverable: number }>();
  const add = (ids: readonly string[], what: 'apply' | 'conflicts' | 'unrecoverable') => {
    for (const id of ids) {
      const part = parts.get(id) ?? { apply: 0, conflicts: 0, unrecoverable: 0 };
      part[what]++;
      parts.set(id, part);
    }
  };
  const whatOf = ({ conflict }: Change) => (conflict ? 'conflicts' : 'apply');
  for (const change of changes) add(change.transactions, whatOf(change));
  for (const { transactions } of head.unrecoverable) add(transactions, 'unrecoverable');
  const isSplit = (id: string) => {
    const part = parts.get(id);
    return part && part.apply > 0 && part.conflicts + part.unrecoverable > 0;
  };
  // Those that the head does not name come last: nobody knows when they were committed.
  const known = new Map(head.transactions.map((one) => [one.id, one]));
  const ids = [...known.keys(), ...[...parts.keys()].filter((id) => !known.has(id))];
  return ids.filter(isSplit).map((id) => {
    const committedAt = known.get(id)?.committedAt;
    return { id, ...(committedAt !== undefined && { committedAt }), ...parts.get(id)! };
  });
}

function intervalOf(transactions: Plan['head']['transactions']): PlanSummary['interval'] {
  const times = transactions.flatMap(({ committedAt }) => committedAt ?? []);
  if (times.length === 0) return undefined;
  // Of one form and one zone: they sort as texts.
  const [first] = times;
  return times.reduce(
    (found, time) => ({
      first: time < found.first ? time : found.first,
      last: time > found.last ? time : found.last,
    }),
    { first: first!, last: first! },
  );
}
