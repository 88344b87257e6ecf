/**
 * Tries what a plan calls a conflict because of other rows: beside all that was put back, each must break something by
 * itself, or hang on a row that is a conflict. And what was put back must hang on none.
 */
import type { Client } from 'pg';
import type { Change, Plan } from '../../../../lambda/recovery/plan';
import { BY_OTHERS, type JudgedTable } from './judge';
import { AS_TEXT, keyId, readRows } from './truth';
import type { Played, World } from './world';

interface ForeignKey {
  readonly child: string;
  readonly parent: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

const FOREIGN_KEYS = `
  select format('%I.%I', cn.nspname, c.relname) as child, format('%I.%I', pn.nspname, p.relname) as parent,
         (select json_agg(quote_ident(attname) order by at) from unnest(f.conkey) with ordinality as n(number, at)
            join pg_attribute on attrelid = conrelid and attnum = number) as from,
         (select json_agg(quote_ident(attname) order by at) from unnest(f.confkey) with ordinality as n(number, at)
            join pg_attribute on attrelid = confrelid and attnum = number) as to
    from pg_constraint f
    join pg_class c on c.oid = f.conrelid join pg_namespace cn on cn.oid = c.relnamespace
    join pg_class p on p.oid = f.confrelid join pg_namespace pn on pn.oid = p.relnamespace
   where f.contype = 'f' and f.conparentid = 0`;

/** @returns sentences; none when all is right */
export async function proveConflicts(world: World, one: Played, plan: Plan): Promise<string[]> {
  const client = await world.client('primary', one.database);
  try {
    await client.query(AS_TEXT);
    const { rows: keys } = await client.query<ForeignKey>(FOREIGN_KEYS);
    const values = new Values(client);
    const faults: string[] = [];
    for (const change of plan.changes) {
      const table = one.tables.find(({ known }) => known === change.table)!;
      const id = `${change.operation} of ${JSON.stringify([change.table, change.key])}`;
      const isByOthers = change.conflict && BY_OTHERS.includes(change.conflict.kind);
      if (change.conflict && !isByOthers) continue;
      const stranger = await strangerOf(change, plan, keys, values);
      if (stranger && !isByOthers) faults.push(`${id} is put back below a stranger: ${stranger}`);
      if (!isByOthers || stranger) continue;
      const broken = await tryOut(client, one.tables, table, change);
      if (!broken)
        faults.push(
          `${id} is called '${change.conflict!.kind}' (${change.conflict!.why}), and breaks nothing`,
        );
    }
    return faults;
  } finally {
    await client.end();
  }
}

/** The lost row's parent, where that is in conflict and another row, or none, is in its place. */
async function strangerOf(
  change: Change,
  plan: Plan,
  keys: readonly ForeignKey[],
  values: Values,
): Promise<string | undefined> {
  if (change.lost === null) return undefined;
  for (const { child, parent, from, to } of keys) {
    if (child !== change.table) continue;
    const mine = await values.of(child, change.lost, from);
    if (mine.includes(null)) continue;
    if (change.present !== null && same(await values.of(child, change.present, from), mine)) continue;
    for (const other of plan.changes) {
      if (other.table !== parent || !other.conflict || other.lost === null || other === change) continue;
      if (!same(await values.of(parent, other.lost, to), mine)) continue;
      const isItself =
        other.operation === 'update' &&
        other.present !== null &&
        same(await values.of(parent, other.present, to), mine);
      if (!isItself) return `${JSON.stringify([parent, other.key])}, conflict '${other.conflict.kind}'`;
    }
  }
  return undefined;
}

const same = (one: readonly unknown[], other: readonly unknown[]) =>
  JSON.stringify(one) === JSON.stringify(other);

/** Reads columns out of a row's text. */
class Values {
  private readonly known = new Map<string, readonly (string | null)[]>();

  constructor(private readonly client: Client) {}

  async of(table: string, row: string, columns: readonly string[]): Promise<readonly (string | null)[]> {
    const id = JSON.stringify([table, row, columns]);
    const known = this.known.get(id);
    if (known) return known;
    const list = columns.map((column) => `to_jsonb((its).${column})::text`);
    const { rows } = await this.client.query<{ values: (string | null)[] }>(
      `select array[${list.join()}] as values from (select $1::${table} as its) as one`,
      [row],
    );
    this.known.set(id, rows[0]!.values);
    return rows[0]!.values;
  }
}

/** @returns what it breaks: an error of the server, or another row that is changed by it */
async function tryOut(
  client: Client,
  tables: readonly JudgedTable[],
  table: JudgedTable,
  change: Change,
): Promise<string | undefined> {
  const look = async () => {
    const found: [string, string][] = [];
    for (const other of tables) {
      for (const [key, { bits }] of await readRows(client, other)) {
        const isIt = other === table && key === keyId(table, change.key);
        if (!isIt) found.push([other.known + key, bits]);
      }
    }
    return JSON.stringify(found.sort());
  };
  await client.query('begin');
  try {
    // As recovery does by default: what the site's own triggers did is among the lost writes.
    await client.query(`alter table ${table.known} disable trigger user`);
    await client.query('set constraints all immediate');
    const before = await look();
    const { rows: columns } = await client.query<{ name: string }>(
      `select quote_ident(attname) as name from pg_attribute
        where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
      [change.table],
    );
    const names = columns.map(({ name }) => name).join();
    const taken = columns.map(({ name }) => `(its).${name}`).join();
    const where = table
      .key!.map((column, at) => `${table.known}.${column} = $${at + 1}::${table.keyTypes[at]}`)
      .join(' and ');
    if (change.lost === null || change.operation !== 'insert') {
      if (change.lost === null)
        await client.query(`delete from ${table.known} where ${where}`, [...change.key]);
      else {
        const identities = await client.query(
          `select 1 from pg_attribute where attrelid = $1::regclass and attidentity = 'a'`,
          [change.table],
        );
        const settable = (
          identities.rows.length > 0
            ? columns.filter(({ name }) => !table.key!.map(unquoted).includes(unquoted(name)))
            : columns
        ).map(({ name }) => name);
        await client.query(
          `update ${table.known} set (${settable.join()}) = row(${settable.map((name) => `(its).${name}`).join()})
             from (select $${table.key!.length + 1}::${table.known} as its) as one where ${where}`,
          [...change.key, change.lost],
        );
      }
    } else {
      await client.query(
        `insert into ${table.known} (${names}) overriding system value
         select ${taken} from (select $1::${table.known} as its) as one`,
        [change.lost],
      );
    }
    return before === (await look()) ? undefined : 'changes other rows';
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    if (!code.startsWith('23')) throw error;
    return message;
  } finally {
    await client.query('rollback');
  }
}

const unquoted = (name: string) => name.replace(/^"|"$/g, '').replaceAll('""', '"');
