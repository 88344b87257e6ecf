import { sqlState } from '../../../app/database/errors';
import { type Boundary, writtenSince } from '../boundary';
import type { Unrecoverable } from '../finding';
import type { Session } from '../session';

/** oids that are named in a sentence. */
const NAMED_AT_MOST = 20;
/** oids of one portion: there may be millions. */
const PORTION = 10_000;

/**
 * Large objects that were created or dropped since the fork, and those whose contents were written if that may be read.
 * Their list is for all to read, their contents for superusers and members of pg_read_all_data.
 */
export async function findLargeObjects(
  old: Session,
  primary: Session,
  boundary: Boundary,
): Promise<Unrecoverable[]> {
  const late = writtenSince(boundary, 'm.xmin');
  const created = await old.ask<LargeObject>(
    `select m.oid::text as oid, m.xmin::text as id from pg_largeobject_metadata m where ${late} order by m.oid`,
  );
  const dropped = await droppedOf(old, primary, late);
  const written = await writtenOf(old, boundary, new Set(created.map(({ oid }) => oid)));
  return [
    ...entry(
      created,
      'created on the old primary after the fork, or given another owner or other rights',
      'Export each from the old primary (lo_export), import it into the new one (lo_import) under a new oid if its own is taken, and let the rows that refer to it do so.',
    ),
    ...entry(
      dropped,
      'dropped on the old primary after the fork, and still here',
      'If nothing refers to them any more: select lo_unlink(oid).',
    ),
    ...written,
  ];
}

interface LargeObject {
  readonly oid: string;
  readonly id?: string;
}

function entry(objects: readonly LargeObject[], what: string, remedy: string): Unrecoverable[] {
  if (objects.length === 0) return [];
  const named = objects.slice(0, NAMED_AT_MOST).map(({ oid }) => oid);
  const more = objects.length > named.length ? ` and ${objects.length - named.length} more` : '';
  const were = objects.length === 1 ? 'large object was' : 'large objects were';
  return [
    {
      kind: 'large object',
      what: `${objects.length} ${were} ${what}: ${named.join(', ')}${more}.`,
      remedy,
      transactions: [...new Set(objects.flatMap(({ id }) => id ?? []))],
    },
  ];
}

async function droppedOf(old: Session, primary: Session, late: string): Promise<LargeObject[]> {
  const dropped: LargeObject[] = [];
  const portions = primary.portions<LargeObject>(
    `select m.oid::text as oid from pg_largeobject_metadata m where not ${late} order by m.oid`,
    [],
    PORTION,
  );
  for await (const rows of portions) {
    dropped.push(
      ...(await old.ask<LargeObject>(
        `select w.oid::text as oid from unnest($1::oid[]) as w(oid)
          where not exists (select from pg_largeobject_metadata m where m.oid = w.oid)`,
        [rows.map(({ oid }) => oid)],
      )),
    );
  }
  return dropped;
}

const INSUFFICIENT_PRIVILEGE = '42501';

async function writtenOf(
  old: Session,
  boundary: Boundary,
  created: ReadonlySet<string>,
): Promise<Unrecoverable[]> {
  try {
    const written = await old.ask<LargeObject>(
      `select p.loid::text as oid, max(p.xmin::text) as id from pg_largeobject p
        where ${writtenSince(boundary, 'p.xmin')} group by p.loid order by p.loid`,
    );
    return entry(
      written.filter(({ oid }) => !created.has(oid)),
      'written on the old primary after the fork; whether any was cut shorter is not seen',
      'Compare each with the one that is here, then export it from the old primary (lo_export) and write it here.',
    );
  } catch (error) {
    if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    const [count] = await old.ask<{ all: string }>('select count(*) as all from pg_largeobject_metadata');
    const older = Number(count!.all) - created.size;
    if (older <= 0) return [];
    return [
      {
        kind: 'large object',
        what: `${older} large object${older === 1 ? '' : 's'} of before the fork ${older === 1 ? 'is' : 'are'} on the old primary. Whether contents were changed after it, only a superuser or a member of pg_read_all_data can see.`,
        remedy: 'As the owner, run this statement on both servers and compare what it gives.',
        sql: 'select oid, md5(lo_get(oid)) from pg_largeobject_metadata order by oid;',
        transactions: [],
      },
    ];
  }
}
