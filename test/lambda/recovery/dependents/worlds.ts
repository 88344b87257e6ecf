/** One server, three databases a scenario: as it was at the fork, as the old primary went on, as the new one did. */
import { readTables } from '../../../../lambda/recovery/catalog';
import { classify } from '../../../../lambda/recovery/classify';
import { lookUp } from '../../../../lambda/recovery/compare';
import { connect } from '../../../../lambda/recovery/connect';
import { settle } from '../../../../lambda/recovery/dependents/settle';
import { rowId } from '../../../../lambda/recovery/finding';
import type { Change, Draft } from '../../../../lambda/recovery/plan';
import { parseRow } from '../../../../lambda/recovery/row-text';
import type { Session } from '../../../../lambda/recovery/session';
import type { Table } from '../../../../lambda/recovery/table';
import type { TestPostgres } from '../../../support/postgres';

export interface Worlds {
  readonly tables: readonly Table[];
  /** What was lost, by comparing all three. */
  readonly drafts: readonly Draft[];
  /** A superuser's session on the new primary. */
  readonly primary: Session;
  /** All rows of a database, `public.notes: (1,a)`. */
  contents(which: 'base' | 'old' | 'primary'): Promise<string[]>;
  settle(): Promise<Change[]>;
  close(): Promise<void>;
}

let count = 0;

export async function worlds(
  server: TestPostgres,
  { schema, lost, here = 'select' }: { schema: string; lost: string; here?: string },
): Promise<Worlds> {
  const name = `w${++count}`;
  const on = (which: string) => connect({ ...server, database: `${name}_${which}` }, { isReadOnly: false });
  const run = async (which: string, sql: string) => {
    const session = await on(which);
    await session.ask(sql);
    await session.close();
  };
  await server.query(`create database ${name}_base`);
  await run('base', `set search_path = public; ${schema}`);
  for (const [which, sql] of [
    ['old', lost],
    ['primary', here],
  ] as const) {
    await server.query(`create database ${name}_${which} template ${name}_base`);
    await run(which, `set search_path = public; ${sql}`);
  }
  const sessions = { base: await on('base'), old: await on('old'), primary: await on('primary') };
  const tables = [...(await readTables(sessions.primary)).values()];
  const read = async (which: 'base' | 'old' | 'primary') => {
    const rows = new Map<string, { table: Table; key: string[]; row: string }>();
    for (const table of tables) {
      for (const { row } of await sessions[which].ask<{ row: string }>(
        `select (t.*)::text as row from ${table.name} as t order by 1`,
      )) {
        const values = parseRow(row);
        const key = table.key ? table.key.map((column) => values[column]!) : [row];
        rows.set(JSON.stringify([table.name, ...key]), { table, key, row });
      }
    }
    return rows;
  };
  const drafts = await draftsOf(tables, { base: await read('base'), old: await read('old') }, sessions);
  return {
    tables,
    drafts,
    primary: sessions.primary,
    contents: async (which) =>
      [...(await read(which)).values()].map(({ table, row }) => `${table.name}: ${row}`).sort(),
    settle: () => settle(drafts, tables, sessions.primary),
    async close() {
      for (const session of Object.values(sessions)) await session.close();
      for (const which of ['base', 'old', 'primary']) await server.query(`drop database ${name}_${which}`);
    },
  };
}

type Contents = ReadonlyMap<string, { table: Table; key: string[]; row: string }>;

/** What differs between the first two, looked up as recovery looks it up. */
async function draftsOf(
  tables: readonly Table[],
  contents: { readonly base: Contents; readonly old: Contents },
  sessions: Readonly<Record<'base' | 'old' | 'primary', Session>>,
): Promise<Draft[]> {
  const drafts: Draft[] = [];
  for (const table of tables.filter(({ key }) => key)) {
    const keys = [...new Set([...contents.base.keys(), ...contents.old.keys()])]
      .filter((id) => contents.base.get(id)?.row !== contents.old.get(id)?.row)
      .map((id) => (contents.old.get(id) ?? contents.base.get(id))!)
      .filter((found) => found.table === table)
      .map(({ key }) => key);
    const [before, lost, present] = await Promise.all(
      (['base', 'old', 'primary'] as const).map((which) => lookUp(sessions[which], table, keys)),
    );
    for (const key of keys) {
      const rowOf = (found: typeof before) => found?.get(rowId(table.name, key))?.row ?? null;
      const versions = { lost: rowOf(lost), present: rowOf(present) };
      const base = rowOf(before);
      const decision = classify({
        ...versions,
        base: base === null ? 'absent' : 'present',
        since: versions.present !== base,
      });
      if (decision) drafts.push({ table: table.name, key, ...decision, ...versions, transactions: [] });
    }
  }
  return drafts;
}

/**
 * Makes what is no conflict, step by step as a plan says: each step by one statement.
 * @throws when PostgreSQL refuses one, or a row is not as the plan saw it
 */
export async function make(changes: readonly Change[], { tables, primary }: Worlds): Promise<void> {
  const steps = new Map<number, Change[]>();
  for (const change of changes) {
    if (!change.conflict) steps.set(change.step!, [...(steps.get(change.step!) ?? []), change]);
  }
  for (const members of steps.values()) {
    const runs = members[0]!.together ? runsOf(members) : [members];
    const values: unknown[] = [];
    const parts = runs.map((run, part) => {
      const table = tables.find(({ name }) => name === run[0]!.table)!;
      const first =
        values.push(
          run.map(({ lost }) => lost),
          run.map(({ present }) => present),
        ) - 1;
      const after = part === 0 ? 'true' : `(select count(*) from part_${part - 1}) >= 0`;
      return `part_${part} as (${statement(run[0]!, table, first, after)})`;
    });
    const [made] = await primary.ask<{ count: string }>(
      `with ${parts.join(', ')} select ${runs.map((_, part) => `(select count(*) from part_${part})`).join(' + ')} as count`,
      values,
    );
    if (Number(made!.count) !== members.length) {
      throw new Error(`${made!.count} of ${members.length} were made: ${JSON.stringify(members)}`);
    }
  }
}

function statement(
  { operation, table }: Change,
  { columns, key }: Table,
  first: number,
  after: string,
): string {
  const written = columns.filter(({ isGenerated }) => !isGenerated).map(({ quoted }) => quoted);
  const same = key!.map((column) => `t.${columns[column]!.quoted} = l.${columns[column]!.quoted}`);
  // Each casts both, so that PostgreSQL knows the type of both.
  const both = `($${first}::text[])::${table}[], ($${first + 1}::text[])`;
  const list = written.map((column) => `l.${column}`).join(', ');
  switch (operation) {
    case 'insert':
      return `insert into ${table} (${written.join(', ')}) overriding system value
        select ${list} from unnest(($${first}::text[])::${table}[]) as l where ${after} and $${first + 1}::text[] is not null returning 1`;
    case 'update':
      return `update ${table} as t set (${written.join(', ')}) = row(${list})
        from unnest(${both.split(', ')[0]}) as l
       where ${same.join(' and ')} and (t.*)::text = any ($${first + 1}::text[]) and ${after} returning 1`;
    case 'delete':
      return `delete from ${table} as t where (t.*)::text = any ($${first + 1}::text[])
         and $${first}::text[] is not null and ${after} returning 1`;
  }
}

function runsOf(members: readonly Change[]): Change[][] {
  const runs: Change[][] = [];
  for (const member of members) {
    const last = runs[runs.length - 1];
    if (last?.[0]!.table === member.table && last[0]!.operation === member.operation) last.push(member);
    else runs.push([member]);
  }
  return runs;
}

/** What of it matters most: `insert public.notes (1)`, with the kind of its conflict. */
export const told = (changes: readonly Change[]): string[] =>
  changes.map(
    ({ operation, table, key, conflict }) =>
      `${operation} ${table} (${key.join(', ')})${conflict ? `: ${conflict.kind}` : ''}`,
  );
