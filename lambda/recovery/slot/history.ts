/** What the new primary has done since the fork, by its own slot: made before its writes opened, and left where it was. */
import { sqlState } from '../../../app/database/errors';
import type { Fork } from '../fork';
import type { History } from '../finding';
import type { Report } from '../progress';
import type { Session } from '../session';
import type { Table } from '../table';
import { loose, namesOf } from './alike';
import { decode } from './decode';
import { stepsOf } from './keys';
import { changeLines, checkSlot, extentOf, orUnusable } from './read';
import { relationsOf, type Relations } from './relations';

export interface ReadHistoryOptions {
  readonly primary: Session;
  readonly fork: Fork;
  /** Where the slot was made, as the new primary has it in its own table; absent: nobody has written it down. */
  readonly slotFrom?: string;
  readonly tables: readonly Table[];
  readonly report: Report;
}

/**
 * More would take longer than it is worth, and room on the disk of a server that is in use: PostgreSQL puts what a slot
 * tells into a temporary file.
 */
const CHANGES_AT_MOST = 5_000_000;
/** The table with the most is then given up, and so on: 500,000 keys take some 100 MB. */
const KEYS_AT_MOST = 500_000;
/** undefined_function: a type that cannot be hashed, as money. */
const NO_FUNCTION = '42883';
/** Of WAL that would be read, twice. */
const WAL_AT_MOST = '32 GB';

/**
 * @returns undefined when the slot does not hold all of it, or holds too much
 * @throws Problem when somebody else reads the slot; LostConnection
 */
export async function readHistory(options: ReadHistoryOptions): Promise<History | undefined> {
  const { primary, slotFrom, tables } = options;
  if (slotFrom === undefined || tables.length === 0) return undefined;
  const slot = await checkSlot(primary);
  if ('unusable' in slot || slot.confirmed !== slotFrom) return undefined;
  const [wal] = await primary.ask<{ isShort: boolean }>(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), $1::pg_lsn) < pg_size_bytes('${WAL_AT_MOST}') as "isShort"`,
    [slotFrom],
  );
  if (!wal!.isShort) return undefined;
  const known = await orUnusable(primary, () => read(options));
  return known && 'unusable' in known ? undefined : known;
}

async function read({ primary, fork, tables, report }: ReadHistoryOptions): Promise<History | undefined> {
  const { changes, longest } = await extentOf(primary);
  if (changes > CHANGES_AT_MOST) return undefined;
  const since = { next: BigInt(fork.snapshot.split(':')[1]!), underWay: [] };
  const relations = await relationsOf(primary, tables, since);
  const keyed = tables.filter(({ key }) => key);
  const keys = new Keys(keyed, relations, primary, await loose(primary, keyed));
  let done = 0;
  for await (const lines of changeLines(primary, { longest, relations: relations.names })) {
    for (const { data } of lines) keys.add(data);
    report({ step: "reading the new primary's slot", done: (done += lines.length), unit: 'changes' });
  }
  await keys.ended();
  return keys;
}

class Keys implements History {
  /** By table, by row: whether it was there at the fork. Of tables that can be answered for. */
  private readonly rows: Map<string, Map<string, boolean>>;
  /** The same of loose ones, by what equal keys have in common. */
  private readonly bases = new Map<string, Map<string, boolean>>();
  private count = 0;

  constructor(
    tables: readonly Table[],
    private readonly relations: Relations,
    private readonly primary: Session,
    private readonly loose: ReadonlyMap<string, string>,
  ) {
    const { untold, redefined } = relations;
    const covered = tables.filter(({ name }) => !untold.has(name) && !redefined.has(name));
    this.rows = new Map(covered.map(({ name }) => [name, new Map()]));
  }

  add(data: string): void {
    const line = decode(data);
    if (line.kind === 'begin' || line.kind === 'commit' || line.kind === 'message') return;
    if (line.kind === 'truncate') {
      for (const relation of line.relations) this.giveUp(this.relations.of(relation)?.table.name);
      return;
    }
    const known = this.relations.of(line);
    const rows = known && this.rows.get(known.table.name);
    if (!rows) return;
    const { table, key } = known;
    const steps = stepsOf(line, key);
    if (!steps) return this.giveUp(table.name);
    for (const step of steps) {
      const row = JSON.stringify(step.key);
      if (rows.has(row)) continue;
      rows.set(row, step.base === 'present');
      this.count += 1;
    }
    while (this.count > KEYS_AT_MOST) {
      const [largest] = [...this.rows].sort(([, one], [, other]) => other.size - one.size)[0]!;
      this.giveUp(largest);
    }
  }

  private giveUp(table: string | undefined): void {
    const rows = table === undefined ? undefined : this.rows.get(table);
    if (!rows) return;
    this.count -= rows.size;
    this.rows.delete(table!);
  }

  /** What was first done to a row, under whichever of its keys. */
  async ended(): Promise<void> {
    for (const table of this.loose.keys()) {
      const rows = [...(this.rows.get(table) ?? [])];
      const keys = rows.map(([key]) => JSON.parse(key) as string[]);
      const names = await this.alike(table, keys).catch((error: unknown) => {
        if (sqlState(error) !== NO_FUNCTION) throw error;
        return undefined;
      });
      if (!names) {
        this.giveUp(table);
        continue;
      }
      const bases = new Map<string, boolean>();
      for (const [at, [, isThere]] of rows.entries()) {
        const name = JSON.stringify(names[at]);
        if (!bases.has(name)) bases.set(name, isThere);
      }
      this.bases.set(table, bases);
    }
  }

  async alike(table: string, keys: readonly (readonly string[])[]): Promise<readonly (readonly string[])[]> {
    const sql = this.bases.get(table)?.size === 0 ? undefined : this.loose.get(table);
    return sql && keys.length > 0 ? (await namesOf(this.primary, sql, keys)).map((name) => [name]) : keys;
  }

  covers(table: string): boolean {
    return this.rows.has(table);
  }

  base(table: string, key: readonly string[]): 'present' | 'absent' | undefined {
    const known = (this.bases.get(table) ?? this.rows.get(table))?.get(JSON.stringify(key));
    return known === undefined ? undefined : known ? 'present' : 'absent';
  }

  *touched(table: string): Iterable<readonly string[]> {
    for (const [key, isThere] of this.rows.get(table) ?? []) if (isThere) yield JSON.parse(key) as string[];
  }
}
