/** What was done to a database's objects since the fork, by their definitions on both servers: pure. */
import type { Unrecoverable } from '../finding';
import type { Change, DbObject } from './objects';

export interface ObjectsOfBoth {
  readonly change: Change;
  /** On the old primary. */
  readonly there: readonly DbObject[];
  /** On the new one. */
  readonly here: readonly DbObject[];
}

/**
 * Objects that are the same on both are nobody's business, whoever wrote their rows: ANALYZE and VACUUM FULL write
 * pg_class. What only the new primary has done is not lost. Parts of a table that came or went are told with it.
 */
export function compareObjects(all: readonly ObjectsOfBoth[]): Unrecoverable[] {
  const entries: Unrecoverable[] = [];
  const whole = wholeTables(all);
  for (const { change, there, here } of all) {
    const present = byName(here);
    const lost = byName(there);
    const renamed = renames(there, here, lost, present);
    for (const object of there) {
      const other = present.get(object.name);
      if (whole.has(object.parent ?? '')) continue;
      if (other) entries.push(...altered(object, other, change));
      else if (renamed.has(object)) entries.push(rename(object, renamed.get(object)!));
      else if (object.ids) entries.push(created(object, partsOf(all, object)));
    }
    const movedAway = new Set(renamed.values());
    for (const object of here) {
      if (lost.has(object.name) || object.isNew || movedAway.has(object) || whole.has(object.parent ?? ''))
        continue;
      entries.push(dropped(object));
    }
  }
  return entries;
}

const byName = (objects: readonly DbObject[]): ReadonlyMap<string, DbObject> =>
  new Map(objects.map((object) => [object.name, object]));

/** Names of tables that only one of them has. */
function wholeTables(all: readonly ObjectsOfBoth[]): ReadonlySet<string> {
  const isTable = ({ kind }: DbObject) => /table|view/.test(kind);
  const names = (side: 'there' | 'here') =>
    new Set(all.flatMap((both) => both[side].filter(isTable).map(({ name }) => name)));
  const [there, here] = [names('there'), names('here')];
  return new Set([...there, ...here].filter((name) => !(there.has(name) && here.has(name))));
}

/** One object under two names. An id may by chance be given to an object on each server: then both are new. */
function renames(
  there: readonly DbObject[],
  here: readonly DbObject[],
  lost: ReadonlyMap<string, DbObject>,
  present: ReadonlyMap<string, DbObject>,
): ReadonlyMap<DbObject, DbObject> {
  const byOid = new Map(
    here
      .filter(({ oid, name, isNew }) => oid && !isNew && !lost.has(name))
      .map((object) => [object.oid, object]),
  );
  return new Map(
    there.flatMap((object) => {
      const other = present.has(object.name) || !object.ids ? undefined : byOid.get(object.oid);
      return other && other.kind === object.kind ? [[object, other] as const] : [];
    }),
  );
}

const partsOf = (all: readonly ObjectsOfBoth[], { kind, name }: DbObject): readonly DbObject[] =>
  all.flatMap(({ there }) =>
    there.filter((part) => part.parent === name && part.kind !== 'column' && kind !== '' && part.sql),
  );

/** Longer definitions are in the statements only. */
const SHOWN_AT_MOST = 200;

const named = ({ kind, name }: DbObject): string => (kind ? `the ${kind} ${name}` : name);
const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
const commented = (text: string): string => text.replace(/^/gm, '-- ');

const REMEDY =
  'Statements that change the schema are not made again: read this one, and run it on the new primary if it shall be there, as the owner.';

const entry = (object: DbObject, what: string, sql: string | undefined): Unrecoverable => {
  const table = object.parent ?? (/table/.test(object.kind) ? object.name : undefined);
  return {
    kind: 'schema',
    ...(table && { table }),
    what: capital(what),
    remedy: REMEDY,
    ...(sql && { sql }),
    transactions: object.ids ?? [],
  };
};

function created(object: DbObject, parts: readonly DbObject[]): Unrecoverable {
  const statements = [object, ...parts].map(({ sql, definition }) =>
    sql === null ? commented(definition) : sql.replace(/;*\s*$/, ';'),
  );
  return entry(
    object,
    `${named(object)} was created on the old primary after the fork.`,
    statements.join('\n'),
  );
}

function dropped(object: DbObject): Unrecoverable {
  const orRenamed = object.kind === 'column' ? ' or renamed' : '';
  return {
    ...entry(
      object,
      `${named(object)} was dropped${orRenamed} on the old primary after the fork, and is still here.`,
      object.removal ?? undefined,
    ),
    // Of what is still here: they are the new primary's.
    transactions: [],
  };
}

const rename = (object: DbObject, other: DbObject): Unrecoverable =>
  entry(
    object,
    `${named(other)} was renamed or moved on the old primary after the fork: there it is ${object.name}.`,
    undefined,
  );

function altered(there: DbObject, here: DbObject, change: Change): Unrecoverable[] {
  if (there.definition === here.definition) return [];
  // Only the new primary has written it.
  if (!there.ids && here.ids) return [];
  const [before, after] = [oneLine(here.definition), oneLine(there.definition)];
  const isShort = before.length + after.length <= 2 * SHOWN_AT_MOST;
  const difference = isShort ? `: there it is “${after}”, here “${before}”` : '';
  const both = there.ids && here.ids ? ', and perhaps on the new one as well' : '';
  return [
    entry(
      there,
      `${named(there)} was altered on the old primary after the fork${both}${difference}.`,
      statementsOf(there, here, change),
    ),
  ];
}

function statementsOf(there: DbObject, here: DbObject, change: Change): string {
  const show = `${commented(`There:\n${there.definition}`)}\n${commented(`Here:\n${here.definition}`)}`;
  if (there.sql && change === 'replace') return there.sql;
  if (there.sql && there.kind === 'view') return there.sql;
  if (there.sql && here.removal && change === 'recreate') {
    return `${here.removal}\n${there.sql.replace(/;*\s*$/, ';')}`;
  }
  return show;
}
