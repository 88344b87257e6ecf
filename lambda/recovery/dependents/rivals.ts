/** Rows of the new primary that hold a value which a lost row needs, and which only one row may have. */
import { parseRow } from '../row-text';
import type { Session } from '../session';
import type { Table, Unique } from '../table';
import type { Facts } from './demands';
import { uniqueId } from './links';
import { type Row, type Rows, sameAt } from './rows';

type Rival = Facts['rivals'][number];

/** Whole rows go there as text. */
const ROWS_AT_ONCE = 2_000;

/** @param deferrables as of readDeferrables */
export async function findRivals(
  rows: Rows,
  tables: readonly Table[],
  deferrables: ReadonlySet<string>,
  primary: Session,
): Promise<Rival[]> {
  const rivals: Rival[] = [];
  for (const table of tables) {
    for (const unique of table.uniques) {
      const isDeferrable = deferrables.has(uniqueId(table.name, unique.name));
      const places = rows.of(table).filter((place) => mayCollide(rows.all[place]!, unique));
      // So many others may go away, one is the draft's own: one more, and there is one that stays.
      const limit = rows.of(table).filter((place) => rows.all[place]!.present).length + 2;
      for (let at = 0; at < places.length; at += ROWS_AT_ONCE) {
        const some = places.slice(at, at + ROWS_AT_ONCE);
        const found = await primary.ask<{ i: number; key: string; held: string }>(statement(table, unique), [
          some,
          some.map((place) => rows.all[place]!.draft.lost),
          limit,
        ]);
        for (const { i: of, key: text, held } of found) {
          const key = parseRow(text) as string[];
          if (rows.find(table.name, key) !== of) rivals.push({ of, unique, isDeferrable, key, held });
        }
      }
    }
  }
  return rivals;
}

/** A row that keeps its value does so against nobody. */
const mayCollide = ({ lost, present }: Row, { columns, predicate }: Unique): boolean =>
  lost !== undefined && (!columns || predicate !== undefined || !sameAt(lost, present, columns));

/**
 * The parts of an index are SQL that names the table's columns alone, whatever they are called. So each stands in a
 * subselect of its own, in which there are no other columns: once over the lost row as a table of one row, and once over
 * the table.
 */
function statement(table: Table, { parts, predicate, nullsAreEqual }: Unique): string {
  const where = predicate === undefined ? '' : `where (${predicate})`;
  const values = parts.map(({ sql }, part) => `${sql} as v${part}`).join(', ');
  const same = parts.map(({ sql, operator }, part) => {
    const equal = `${sql} ${operator} v.v${part}`;
    return nullsAreEqual ? `(${equal} or ${sql} is null and v.v${part} is null)` : equal;
  });
  const key = table.key!.map((column) => table.columns[column]!.quoted).join(', ');
  return `
    select c.i, r.key, r.held
      from unnest($1::int[], $2::text[]) as c(i, row)
      cross join lateral (select ${values} from unnest(array[c.row::${table.name}]) as t ${where}) as v
      cross join lateral (
        select row(${key})::text as key, row(${parts.map(({ sql }) => sql).join(', ')})::text as held
          from ${table.isPartitioned ? '' : 'only '}${table.name} as t
         where ${same.join(' and ')} ${predicate === undefined ? '' : `and (${predicate})`}
         limit $3) as r`;
}
