/**
 * Random histories of a site, as SQL that refers to nothing but its own few keys: what one statement does depends on those
 * before it, and the database alone knows. Statements that it refuses belong to life.
 */
import { type Random, between, chance, oneOf, weighted } from '../../../../trial/simulation/random';
import type { Site, SiteKey, SiteTable } from './site';

export interface Transaction {
  readonly statements: readonly string[];
  readonly end: 'commit' | 'rollback';
  /** Each statement after a savepoint, so that one that is refused does not end all; else the whole transaction goes. */
  readonly isCareful: boolean;
}

/** Cannot be in a transaction. */
export interface Maintenance {
  readonly maintenance: string;
}

export type Step = Transaction | Maintenance;

/** Begun before the fork, ended after it. */
export interface UnderWay {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly end: 'commit' | 'rollback';
}

export interface Histories {
  readonly base: readonly Step[];
  /** On the old primary before the fork; the replica has it too. */
  readonly before: readonly Step[];
  readonly underWay: readonly UnderWay[];
  /** After the fork. Those under way end at these places of `old`. */
  readonly old: readonly Step[];
  readonly endings: readonly number[];
  readonly primary: readonly Step[];
  /** On the new primary after everything was put back. */
  readonly later: readonly Step[];
}

export function makeHistories(random: Random, site: Site): Histories {
  const steps = (least: number, most: number): Step[] =>
    Array.from({ length: between(random, least, most) }, () =>
      chance(random, 0.06) ? maintenance(random, site) : transaction(random, site),
    );
  const underWay = Array.from({ length: between(random, 0, 2) }, (): UnderWay => {
    const some = () =>
      Array.from({ length: between(random, 0, 3) }, () => statement(random, oneOf(random, site.tables)));
    return {
      before: [statement(random, oneOf(random, site.tables)), ...some()],
      after: some(),
      end: chance(random, 0.7) ? 'commit' : 'rollback',
    };
  });
  const old = steps(6, 26);
  return {
    base: base(random, site),
    before: steps(0, 4),
    underWay,
    old,
    endings: underWay.map(() => between(random, 0, old.length)),
    primary: steps(4, 20),
    later: steps(1, 5),
  };
}

/** Rows of about two thirds of the keys: mostly the first ones, to which the others refer. */
function base(random: Random, site: Site): Transaction[] {
  const statements = site.tables.flatMap((table) =>
    table.identity.keys.flatMap((key, at) =>
      chance(random, at < 5 ? 0.95 : 0.4)
        ? [insert(random, table, [table.isNumbered ? undefined : key])]
        : [],
    ),
  );
  // One by one: a deferred constraint would take the others along.
  return statements.map((one) => ({ statements: [one], end: 'commit', isCareful: false }));
}

function maintenance(random: Random, site: Site): Maintenance {
  const what = oneOf(random, ['vacuum', 'vacuum full', 'vacuum freeze', 'analyze', 'vacuum (full, freeze)']);
  return { maintenance: `${what} ${oneOf(random, site.tables).name}` };
}

function transaction(random: Random, site: Site): Transaction {
  const isCareful = chance(random, 0.5);
  const statements: string[] = [];
  if (chance(random, 0.3)) statements.push('set constraints all deferred');
  for (let count = isCareful ? between(random, 1, 4) : between(random, 1, 2); count > 0; count--) {
    const table = oneOf(random, site.tables);
    statements.push(statement(random, table));
    // The same row once more.
    if (chance(random, 0.15)) statements.push(statement(random, table));
    if (chance(random, 0.1)) {
      statements.push('savepoint mine', statement(random, table), 'rollback to mine');
    }
  }
  return { statements, end: chance(random, 0.88) ? 'commit' : 'rollback', isCareful };
}

/** The first ones more often than the others, so that both sides meet. */
const keyOf = (random: Random, { keys }: SiteKey): readonly string[] =>
  oneOf(random, chance(random, 0.6) ? keys.slice(0, 5) : keys);

/** Of a row that shall be made: one that both sides may find free. */
const newKeyOf = (random: Random, { keys }: SiteKey): readonly string[] =>
  oneOf(random, chance(random, 0.7) ? keys.slice(4) : keys);

const list = (values: readonly string[]) => `(${values.join(', ')})`;

const isKey = ({ identity }: SiteTable, key: readonly string[]) => `${list(identity.columns)} = ${list(key)}`;

function statement(random: Random, table: SiteTable): string {
  const key = keyOf(random, table.identity);
  const canMove = !table.isAlways;
  const where = chance(random, 0.8)
    ? isKey(table, key)
    : `${list(table.identity.columns)} in (${[key, keyOf(random, table.identity), keyOf(random, table.identity)].map(list).join(', ')})`;
  const what = weighted(random, {
    insert: 30,
    upsert: 6,
    update: 30,
    nothing: 2,
    refer: table.references.length > 0 ? 8 : 0,
    move: canMove ? 7 : 0,
    all: 1,
    delete: 16,
    again: 6,
    truncate: 0.7,
  });
  switch (what) {
    case 'insert': {
      const rows = chance(random, 0.75) ? 1 : between(random, 2, 3);
      const numbered = table.isNumbered && chance(random, 0.75);
      return insert(
        random,
        table,
        Array.from({ length: rows }, () => (numbered ? undefined : newKeyOf(random, table.identity))),
      );
    }
    case 'upsert':
      return `${insert(random, table, [newKeyOf(random, table.identity)])} on conflict do nothing`;
    case 'update':
      return `update ${table.name} set ${assignments(random, table, chance(random, 0.2))} where ${where}`;
    case 'nothing': {
      const [first] = table.columns;
      return `update ${table.name} set ${first!.name} = ${first!.name} where ${where}`;
    }
    case 'refer': {
      const reference = oneOf(random, table.references);
      const values = referenceTo(random, reference);
      return `update ${table.name} set ${reference.columns.map((column, at) => `${column} = ${values[at]}`).join(', ')} where ${where}`;
    }
    case 'move': {
      const to = newKeyOf(random, table.identity);
      const more = chance(random, 0.4) ? `, ${assignments(random, table, false)}` : '';
      return `update ${table.name} set ${table.identity.columns.map((column, at) => `${column} = ${to[at]}`).join(', ')}${more} where ${isKey(table, key)}`;
    }
    case 'all':
      return chance(random, 0.3)
        ? `delete from ${table.name}`
        : `update ${table.name} set ${assignments(random, table, false)}`;
    case 'delete':
      return `delete from ${table.name} where ${where}`;
    case 'again':
      return `delete from ${table.name} where ${isKey(table, key)};\n  ${insert(random, table, [key])}`;
    case 'truncate':
      return `truncate ${table.name}${table.isReferredTo ? ' cascade' : ''}`;
  }
}

/** @param keys undefined: the sequence gives one */
function insert(random: Random, table: SiteTable, keys: readonly (readonly string[] | undefined)[]): string {
  const [first] = keys;
  const columns = [
    ...(first ? table.identity.columns : []),
    ...table.references.flatMap((reference) => reference.columns),
    ...table.columns.map(({ name }) => name),
  ];
  const rows = keys.map((key) => [
    ...(key ?? []),
    ...table.references.flatMap((reference) => referenceTo(random, reference)),
    ...table.columns.map((column) => (chance(random, 0.15) ? 'null' : column.kind!.value(random))),
  ]);
  const over = first && table.isAlways ? ' overriding system value' : '';
  return `insert into ${table.name} ${list(columns)}${over} values ${rows.map(list).join(', ')}`;
}

function referenceTo(
  random: Random,
  { keys, columns, isNullable }: SiteTable['references'][number],
): readonly string[] {
  if (isNullable && chance(random, 0.4)) return columns.map(() => 'null');
  // The first ones are there more often than not.
  return chance(random, 0.65) ? oneOf(random, keys.slice(0, 5)) : oneOf(random, keys);
}

function assignments(random: Random, { columns }: SiteTable, isWhole: boolean): string {
  const chosen = isWhole ? columns : columns.filter(() => chance(random, 0.4));
  const some = chosen.length > 0 ? chosen : [oneOf(random, columns)];
  return some
    .map(({ name, kind }) => `${name} = ${chance(random, 0.15) ? 'null' : kind!.value(random)}`)
    .join(', ');
}
