/** Tables whose rows nobody can tell apart: what was written there is shown, and a person decides. */
import type { Unrecoverable } from '../finding';
import type { Session } from '../session';
import type { Table } from '../table';
import type { TableFinding, TableSearch } from './find';
import { comparePlaces } from './places';

/** Rows that are shown as statements. */
const SHOWN_AT_MOST = 100;

export async function findKeyless(table: Table, search: TableSearch): Promise<TableFinding> {
  const { old, primary, pairs, isInPlace, since, isDone } = search;
  let written = 0;
  let gone = 0;
  let isBlind = false;
  const inserts: string[] = [];
  const goneRows: string[] = [];
  const ids = new Set<string>();
  for (const pair of pairs) {
    const { name: leaf, by, blocks } = pair;
    const rows = await old.ask<{ id: string; rows: string }>(
      `select t.xmin::text as id, count(*) as rows from only ${leaf} t where ${since} group by 1`,
    );
    for (const row of rows) {
      ids.add(row.id);
      written += Number(row.rows);
    }
    if (rows.length > 0) inserts.push(...(await insertsOf(old, table, leaf, since, inserts.length)));
    if (by === 'keys') isBlind = true;
    if (by !== 'places') isDone(blocks);
    else {
      const [before, shown] = [gone, goneRows.length];
      for await (const step of comparePlaces(old, primary, { leaf, blocks, since })) {
        gone += step.gone.length;
        const some = step.gone.slice(0, SHOWN_AT_MOST - goneRows.length);
        if (some.length > 0) goneRows.push(...(await textsOf(primary, leaf, some)));
        isDone(step.blocks);
      }
      if (!(await isInPlace(pair))) {
        isBlind = true;
        gone = before;
        goneRows.length = shown;
      }
    }
  }
  if (written === 0 && gone === 0) return { touched: [], unrecoverable: [], gaps: blindness(table, isBlind) };
  const entry: Unrecoverable = {
    kind: 'no key',
    table: table.name,
    what: `${table.name} has no key, so that its rows cannot be told apart: ${sentence(written, gone, isBlind)}`,
    remedy:
      'Compare the rows with those that are here, and run those of the statements that are right. A primary key spares this the next time.',
    sql: statements(table, inserts, written, goneRows, gone),
    transactions: [...ids],
  };
  return { touched: [], unrecoverable: [entry], gaps: [] };
}

const rowsAre = (count: number, verb: string): string =>
  `${count} row${count === 1 ? ' was' : 's were'} ${verb}`;

function sentence(written: number, gone: number, isBlind: boolean): string {
  const wrote = `${rowsAre(written, 'written')} on the old primary after the fork, by inserts or as new versions of other rows`;
  if (isBlind) {
    return `${wrote}. One of the servers has rewritten the table since, so that deleted rows cannot be seen.`;
  }
  return gone > 0
    ? `${wrote}, and ${rowsAre(gone, 'deleted or replaced')} that the new primary still has.`
    : `${wrote}; none was deleted that the new primary still has.`;
}

const blindness = ({ name }: Table, isBlind: boolean): string[] =>
  isBlind
    ? [
        `${name} has no key and was rewritten on one of the servers since the fork: deleted rows of it cannot be seen.`,
      ]
    : [];

/** One INSERT a row, as the server itself writes the values. */
async function insertsOf(
  old: Session,
  table: Table,
  leaf: string,
  since: string,
  shown: number,
): Promise<string[]> {
  const columns = table.columns.filter(({ isGenerated }) => !isGenerated);
  const names = columns.map(({ quoted }) => quoted).join(', ');
  const overriding = columns.some(({ identity }) => identity) ? ' overriding system value' : '';
  const values = columns.map(
    ({ quoted }) =>
      // Not `is null`, which is true for a composite value of nothing but nulls.
      `case when num_nulls(t.${quoted}) = 1 then 'null' else quote_literal(format('%s', t.${quoted})) end`,
  );
  const rows = await old.ask<{ values: string }>(
    `select concat_ws(', ', ${values.join()}) as values from only ${leaf} t where ${since} limit $1`,
    [SHOWN_AT_MOST - shown],
  );
  return rows.map((row) =>
    names === ''
      ? `insert into ${table.name} default values;`
      : `insert into ${table.name} (${names})${overriding} values (${row.values});`,
  );
}

async function textsOf(primary: Session, leaf: string, ctids: readonly string[]): Promise<string[]> {
  const rows = await primary.ask<{ row: string }>(
    `select (t.*)::text as row from only ${leaf} t where t.ctid = any($1::tid[])`,
    [ctids],
  );
  return rows.map(({ row }) => row);
}

function statements(
  { name }: Table,
  inserts: readonly string[],
  written: number,
  goneRows: readonly string[],
  gone: number,
): string {
  const more = (all: number, shown: number) => (all > shown ? [`-- … and ${all - shown} more`] : []);
  return [
    ...inserts,
    ...more(written, inserts.length),
    ...(goneRows.length > 0 ? [`-- Deleted from ${name} or replaced there, and still here:`] : []),
    ...goneRows.map((row) => `-- ${row.replaceAll('\n', '\n-- ')}`),
    ...more(gone, goneRows.length),
  ].join('\n');
}
