/** What a shop's clients were told is written, held against what is there after a recovery. Pure. */
import type { Change, ConflictKind } from '../../../lambda/recovery/plan';
import type { Effect, ShopTable } from './writes';

/** One transaction. */
export interface Written {
  readonly at: number;
  /** Of the database that took it: `127.77.0.2:5432`. */
  readonly address: string;
  readonly mark: string;
  readonly effects: readonly Effect[];
  /** The connection broke before the answer to COMMIT: it may be there or not. */
  readonly isInDoubt: boolean;
}

/** A row as it is in the end. */
export interface Row {
  readonly table: ShopTable;
  readonly key: readonly string[];
  readonly mark: string;
}

export interface Held {
  /** Rows that acknowledged transactions have written. */
  readonly rows: number;
  /** Of them, those that the old primary wrote and no replica had: known by what the plan says of them. */
  readonly lost: number;
  readonly putBack: number;
  /** Lost, and told to a person: in the plan, or by apply. */
  readonly named: Readonly<Partial<Record<ConflictKind | 'changed since the plan', number>>>;
  /** Sentences: written and acknowledged, and neither there nor named. */
  readonly missing: readonly string[];
  /** Sentences: what the new primary wrote after the fork, and is not as it wrote it. */
  readonly altered: readonly string[];
  /** Sentences: rows that nobody has written. */
  readonly unknown: readonly string[];
}

const idOf = ({ table, key }: Pick<Row, 'table' | 'key'>): string => `${table} ${key.join(', ')}`;

/** As a plan names a table of the shop. */
const idOfChange = ({ table, key }: Pick<Change, 'table' | 'key'>): string =>
  `${table.replace(/^public\./, '')} ${key.join(', ')}`;

interface History {
  readonly old: { readonly effect: Effect; readonly isInDoubt: boolean }[];
  readonly here: { readonly effect: Effect; readonly isInDoubt: boolean }[];
}

/**
 * @param old address of the old primary
 * @param changes of the plans that were applied, in their order: what the last one says of a row counts
 * @param told rows that apply has told not to have touched, because they have changed since the plan
 */
export function held(
  ledger: readonly Written[],
  rows: readonly Row[],
  {
    old,
    changes,
    told,
  }: {
    readonly old: string;
    readonly changes: readonly Change[];
    readonly told: readonly Pick<Change, 'table' | 'key'>[];
  },
): Held {
  const there = new Map(rows.map((row) => [idOf(row), row.mark]));
  const planned = new Map(changes.map((change) => [idOfChange(change), change]));
  const inApply = new Set(told.map(idOfChange));
  const isNamed = (id: string) => planned.get(id)?.conflict !== undefined || inApply.has(id);
  const histories = historiesOf(ledger, old);
  const [missing, altered]: [string[], string[]] = [[], []];
  for (const [id, history] of histories) {
    const found = there.get(id) ?? null;
    const last = history.here.at(-1);
    if (!last) {
      if (!isOneOf(found, history.old) && !isNamed(id)) missing.push(sentence(id, history.old, found));
      continue;
    }
    if (!isOneOf(found, history.here)) altered.push(sentence(id, history.here, found));
    // Was the old primary's last version there when the new one first touched the row?
    const { base } = history.here[0]!.effect;
    // Then nothing is lost of it.
    const areBothDeleted =
      isOneOf(null, history.old) && history.here.some(({ effect }) => effect.mark === null);
    if (!areBothDeleted && history.old.length > 0 && !isOneOf(base, history.old) && !isNamed(id)) {
      missing.push(`${sentence(id, history.old, base)} when the new primary first wrote it`);
    }
  }
  const named: Record<string, number> = {};
  for (const [id, { conflict }] of planned) {
    const kind = conflict?.kind ?? (inApply.has(id) ? 'changed since the plan' : undefined);
    if (kind && histories.has(id)) named[kind] = (named[kind] ?? 0) + 1;
  }
  const lost = [...planned].filter(([id]) => histories.has(id));
  return {
    rows: histories.size,
    lost: lost.length,
    putBack: lost.filter(([id]) => !isNamed(id)).length,
    named,
    missing,
    altered,
    unknown: [...there].filter(([id]) => !histories.has(id)).map(([id, mark]) => `${id}: ${mark}`),
  };
}

function historiesOf(ledger: readonly Written[], old: string): Map<string, History> {
  const histories = new Map<string, History>();
  // A row's lock is had by one transaction after the other, so that their answers come in that order, too.
  for (const { address, effects, isInDoubt } of ledger) {
    for (const effect of effects) {
      const id = idOf(effect);
      const history = histories.get(id) ?? { old: [], here: [] };
      histories.set(id, history);
      history[address === old ? 'old' : 'here'].push({ effect, isInDoubt });
    }
  }
  return histories;
}

/** Whether a row is as the last acknowledged transaction left it, or as one in doubt may have. */
function isOneOf(found: string | null, history: History['old']): boolean {
  const certain = history.filter(({ isInDoubt }) => !isInDoubt).at(-1);
  const doubtful = history.filter(({ isInDoubt }) => isInDoubt);
  if (doubtful.some(({ effect }) => effect.mark === found)) return true;
  // Before all that is in doubt there may have been no such row, or one of the other server's.
  if (!certain) return doubtful.some(({ effect }) => effect.base === found);
  return certain.effect.mark === found;
}

const sentence = (id: string, history: History['old'], found: string | null): string =>
  `${id} is ${found ?? 'not there'}, and was ${history.at(-1)!.effect.mark ?? 'deleted'}`;
