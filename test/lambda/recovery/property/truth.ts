/** What a server has, read without anything of recovery's. */
import type { Client } from 'pg';
import type { Site, SiteTable } from './site';

export interface TrueRow {
  /** As recovery reads rows. */
  readonly text: string;
  /** Of its binary form: two rows with the same are the same to the last bit. */
  readonly bits: string;
  /** The transaction that wrote it: never the same one for two versions of a row on a server. */
  readonly xmin: string;
}

/** By key, as JSON of its parts, each as its output function writes it. Without a key each row by its content. */
export type Rows = ReadonlyMap<string, TrueRow>;

export interface Truth {
  /** By `SiteTable.name`. */
  readonly tables: ReadonlyMap<string, Rows>;
  /** By name, quoted and with schema: the number last given, null when none was. */
  readonly sequences: ReadonlyMap<string, bigint | null>;
}

/** How values are written; in no way of recovery's, but it must be one for both servers. */
export const AS_TEXT = `set search_path = pg_catalog; set timezone = 'UTC'; set datestyle = 'ISO, YMD';
  set intervalstyle = 'postgres'; set bytea_output = 'hex'; set extra_float_digits = 1`;

/** One name for a key, however its numbers are written. */
export const keyId = ({ keyTypes }: SiteTable, key: readonly string[]): string =>
  JSON.stringify(
    key.map((part, at) =>
      keyTypes[at] === 'numeric' ? part.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') : part,
    ),
  );

export async function readRows(client: Client, table: SiteTable): Promise<Rows> {
  const { name, key } = table;
  const columns = (key ?? []).map((column) => `format('%s', its.${column})`);
  const { rows } = await client.query<TrueRow & { key: string[] }>(
    `select array[${columns.join()}]::text[] as key, (its.*)::text as text, its.xmin::text as xmin,
            md5(record_send(its.*)) as bits from ${name} as its`,
  );
  const found = new Map<string, TrueRow>();
  for (const { key: parts, ...row } of rows) {
    let id = key ? keyId(table, parts) : JSON.stringify([row.bits, row.xmin]);
    while (!key && found.has(id)) id += ' again';
    if (found.has(id)) throw new Error(`${name} has two rows ${id}: the model's key is none`);
    found.set(id, row);
  }
  return found;
}

export async function readTruth(client: Client, site: Site): Promise<Truth> {
  const tables = new Map<string, Rows>();
  await client.query('begin isolation level repeatable read');
  for (const table of [...site.tables, site.edge]) {
    tables.set(table.name, await readRows(client, table));
  }
  const { rows } = await client.query<{ name: string; last: string | null }>(
    // One of an unlogged table may be unreadable on a promoted replica: "bad magic number in sequence" (17.10).
    `select format('%I.%I', n.nspname, c.relname) as name, pg_sequence_last_value(c.oid)::text as last
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'S' and c.relpersistence = 'p' and n.nspname <> 'scale_from_zero'`,
  );
  await client.query('commit');
  return {
    tables,
    sequences: new Map(rows.map(({ name, last }) => [name, last === null ? null : BigInt(last)])),
  };
}
