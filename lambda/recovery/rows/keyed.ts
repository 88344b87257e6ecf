/** The rows of one table with a key that lost transactions have touched. */
import { rowId, type Touched } from '../finding';
import type { Session } from '../session';
import type { TableFinding, TableSearch } from './find';
import { type Key, type KeyedTable, KEYS_AT_ONCE, keyOf, missing, missingOf } from './keys';
import type { LeafPair } from './leaves';
import { comparePlaces, inPieces } from './places';
import { keysInDifferingBuckets } from './sums';

/** Rows of one portion. */
const PORTION = 2_000;
/** More rows of the new primary's own than these are not looked up one by one only to be counted. */
const COUNTED_AT_MOST = 50_000;

export async function findKeyed(table: KeyedTable, search: TableSearch): Promise<TableFinding> {
  const found = new Found(table, search);
  for (const pair of search.pairs) await found.lookAt(pair);
  const history = await search.history();
  const gaps: string[] = [];
  if (history?.covers(table.name)) {
    // Rows that were here at the fork and are no longer as they were: only their keys can be looked up.
    for await (const key of missingOf(search.old, table, history.touched(table.name))) found.deleted(key);
  } else if (found.primaryLateRows > 0) {
    gaps.push(...(await found.ownRows()));
  }
  return { touched: found.touched, unrecoverable: [], gaps };
}

class Found {
  readonly touched: Touched[] = [];
  readonly #deleted = new Set<string>();
  primaryLateRows = 0;
  /** Where they are. */
  readonly #primaryLate: Source[] = [];
  readonly #ids = new Map<string, readonly string[]>();

  constructor(
    private readonly table: KeyedTable,
    private readonly search: TableSearch,
  ) {}

  async lookAt(pair: LeafPair): Promise<void> {
    const { by, blocks, name } = pair;
    if (by === 'places') {
      const [rows, sources] = [this.primaryLateRows, this.#primaryLate.length];
      await this.#byPlaces(pair);
      if (await this.search.isInPlace(pair)) return;
      // What was found is true, as each key was looked up; what was not found has to be looked for again.
      this.primaryLateRows = rows;
      this.#primaryLate.length = sources;
      return this.#byKeys(pair);
    }
    await this.#written({ leaf: name });
    if (by === 'keys') await this.#byKeys(pair);
    this.search.isDone(blocks);
  }

  deleted(key: Key): void {
    const row = rowId(this.table.name, key);
    if (this.#deleted.has(row)) return;
    this.#deleted.add(row);
    this.touched.push({ table: this.table.name, key, base: 'present', transactions: [] });
  }

  async #byPlaces({ name: leaf, blocks }: LeafPair): Promise<void> {
    const { old, primary, since, isDone } = this.search;
    for await (const step of comparePlaces(old, primary, { leaf, blocks, since })) {
      if (step.oldLate.length > 0) await this.#written({ leaf, pieces: step.oldLate });
      if (step.primaryLate.length > 0) this.#primaryLate.push({ leaf, pieces: step.primaryLate });
      this.primaryLateRows += step.primaryLateRows;
      await this.#gone(leaf, step.gone);
      isDone(step.blocks);
    }
  }

  /** A row that is not where it was may lie elsewhere, changed: what counts is that its key is gone. */
  async #gone(leaf: string, ctids: readonly string[]): Promise<void> {
    const { old, primary, since } = this.search;
    for (let at = 0; at < ctids.length; at += KEYS_AT_ONCE) {
      const rows = await primary.ask<{ key: string[] }>(
        `select ${keyOf(this.table)} as key from only ${leaf} t where t.ctid = any($1::tid[]) and not ${since}`,
        [ctids.slice(at, at + KEYS_AT_ONCE)],
      );
      const keys = rows.map(({ key }) => key);
      for (const key of await missing(old, this.table, keys)) this.deleted(key);
    }
  }

  async #byKeys({ name: leaf, blocks }: LeafPair): Promise<void> {
    const { old, primary, since } = this.search;
    const { table } = this;
    const keys = keysInDifferingBuckets(old, primary, { table, leaf, blocks, since });
    for await (const key of missingOf(old, table, keys)) this.deleted(key);
    const [count] = await primary.ask<{ rows: string }>(
      `select count(*) as rows from only ${leaf} t where ${since}`,
    );
    if (count!.rows === '0') return;
    this.primaryLateRows += Number(count!.rows);
    this.#primaryLate.push({ leaf });
  }

  /** Rows on the old primary that were written since the fork. */
  async #written(source: Source): Promise<void> {
    for await (const rows of lateRows(this.search.old, this.table, source, this.search.since)) {
      for (const { key, id } of rows) {
        const transactions = this.#ids.get(id) ?? [id];
        this.#ids.set(id, transactions);
        this.touched.push({ table: this.table.name, key, base: 'unknown', transactions });
      }
    }
  }

  /** Rows that the new primary wrote and the old one does not have: inserted here, or changed here and deleted there. */
  async ownRows(): Promise<string[]> {
    const { old, primary, since } = this.search;
    const { name } = this.table;
    const sentence = (some: string) =>
      `${some} of ${name} that the new primary has written since the fork are not on the old one: either it has inserted them itself, or it has changed rows that lost transactions deleted. Without its own slot nobody can tell, and they are left as they are.`;
    if (this.primaryLateRows > COUNTED_AT_MOST) return [sentence(`Some of the ${this.primaryLateRows} rows`)];
    let own = 0;
    for (const source of this.#primaryLate) {
      const keys = async function* (table: KeyedTable) {
        for await (const rows of lateRows(primary, table, source, since)) yield* rows.map(({ key }) => key);
      };
      const missed = missingOf(old, this.table, keys(this.table));
      while (!(await missed.next()).done) own++;
    }
    return own > 0 ? [sentence(`${own} row${own === 1 ? '' : 's'}`)] : [];
  }
}

/** All of a leaf, or some of its pieces. */
interface Source {
  readonly leaf: string;
  readonly pieces?: readonly number[];
}

function lateRows(
  session: Session,
  table: KeyedTable,
  { leaf, pieces }: Source,
  since: string,
): AsyncIterable<{ key: string[]; id: string }[]> {
  const what = `${keyOf(table)} as key, t.xmin::text as id`;
  return pieces
    ? session.portions(inPieces(leaf, what, since), [pieces], PORTION)
    : session.portions(`select ${what} from only ${leaf} t where ${since}`, [], PORTION);
}
