/** The table, and the statements of both histories. */
import type { Role, Truth } from './truth';

export const TABLE = 'public.items';

/** Keys, numbers, text, NULLs and times: some 100 bytes a row. */
export const CREATE = `create table ${TABLE} (
  id bigint primary key,
  customer integer not null,
  name text not null,
  amount numeric(12,2) not null,
  state text,
  is_paid boolean not null,
  changed timestamptz not null
)`;

/** Rows with the keys from `from` to `to`. */
export const fill = (from: number, to: number, who = 'item'): string => `
  insert into ${TABLE}
  select i, i % 5000, '${who} ' || i || ' ' || md5(i::text), (i * 7 % 1000000) / 100.0,
         case when i % 3 > 0 then (array['new', 'sent'])[i % 3] end, i % 2 = 0,
         timestamptz '2026-01-01 00:00Z' + i * interval '1.000001 seconds'
    from generate_series(${from}::bigint, ${to}) as i`;

/** Who inserts says who it was: rows of one key differ. */
const insert = (keys: readonly number[], who: string): string[] =>
  inTransactions(
    keys,
    (some) => `${fill(1, 0, who).replace(/from generate_series.*$/s, '')}
    from unnest('{${some.join()}}'::bigint[]) as i`,
  );

const change = (keys: readonly number[], what: string): string[] =>
  inTransactions(keys, (some) => `update ${TABLE} set ${what} where id = any('{${some.join()}}')`);

const remove = (keys: readonly number[]): string[] =>
  inTransactions(keys, (some) => `delete from ${TABLE} where id = any('{${some.join()}}')`);

/** Some rows a transaction, and many transactions. */
const ROWS_A_TRANSACTION = 5;

function inTransactions(keys: readonly number[], statement: (some: readonly number[]) => string): string[] {
  return Array.from({ length: Math.ceil(keys.length / ROWS_A_TRANSACTION) }, (_, at) =>
    statement(keys.slice(at * ROWS_A_TRANSACTION, (at + 1) * ROWS_A_TRANSACTION)),
  );
}

const THERE = `name = name || ', as the old primary says', amount = amount + 1`;
const HERE = `name = name || ', as the new primary says', changed = changed + interval '1 hour'`;
const ALIKE = `state = 'sent', amount = 0`;

/** So many lost updates are of one transaction that was under way at the fork. */
const UNDER_WAY = 10;

export const underWay = (truth: Truth): string =>
  change(truth['update lost'].slice(0, UNDER_WAY), THERE).join(';');

const keysOf = (truth: Truth, ...roles: readonly Role[]): number[] => roles.flatMap((role) => truth[role]);

/** Lost, beside what was under way: each a transaction of its own. */
export const onOld = (truth: Truth): string[] => [
  ...insert(keysOf(truth, 'key given out again', 'insert lost'), 'order of the old primary'),
  ...change(truth['update lost'].slice(UNDER_WAY), THERE),
  ...change(keysOf(truth, 'changed on both', 'changed there, deleted here'), THERE),
  ...change(truth['changed alike on both'], ALIKE),
  ...remove(keysOf(truth, 'delete lost', 'deleted there, changed here', 'deleted on both')),
];

/** What the new primary has done since it takes writes. */
export const onNew = (truth: Truth): string[] => [
  ...insert(keysOf(truth, 'key given out again', 'inserted here'), 'order of the new primary'),
  ...change(keysOf(truth, 'changed on both', 'deleted there, changed here', 'changed here'), HERE),
  ...change(truth['changed alike on both'], ALIKE),
  ...remove(keysOf(truth, 'changed there, deleted here', 'deleted on both', 'deleted here')),
];
