/** Changes of the schema since the fork: what statements made, altered or dropped on the old primary. */
import { sqlState } from '../../../app/database/errors';
import { type Boundary, writtenSince } from '../boundary';
import type { Unrecoverable } from '../finding';
import type { Report } from '../progress';
import type { Session } from '../session';
import { CLUSTER, GENERIC } from './cluster';
import { compareObjects, type ObjectsOfBoth } from './compare';
import { type DbObject, lateOf, type ObjectQuery } from './objects';
import { PARTS } from './parts';
import { RELATIONS } from './relations';
import { TYPES } from './types';

const QUERIES: readonly ObjectQuery[] = [...CLUSTER, ...TYPES, ...RELATIONS, ...PARTS, ...GENERIC];

export async function findSchemaChanges(
  old: Session,
  primary: Session,
  boundary: Boundary,
  report: Report,
): Promise<Unrecoverable[]> {
  const late = lateOf((xid) => writtenSince(boundary, xid));
  const found: ObjectsOfBoth[] = [];
  const unreadable: Unrecoverable[] = [];
  for (const [at, { of, change, sql }] of QUERIES.entries()) {
    const read = (session: Session) => session.ask<DbObject>(sql(late));
    try {
      const [there, here] = await Promise.all([read(old), read(primary)]);
      found.push({ change, there, here });
    } catch (error) {
      // A version of PostgreSQL that has no such catalog has no such objects.
      if (sqlState(error) !== UNDEFINED_TABLE) unreadable.push(notReadable(of, error));
    }
    report({ step: 'comparing the schema', done: at + 1, total: QUERIES.length, unit: 'catalogs' });
  }
  return [...compareObjects(found), ...unreadable];
}

const UNDEFINED_TABLE = '42P01';

/** @throws anything but what PostgreSQL says of the statement itself */
export function notReadable(of: string, error: unknown): Unrecoverable {
  if (sqlState(error) === undefined) throw error;
  return {
    kind: 'not readable',
    what: `Whether ${of} were changed on the old primary after the fork could not be read: ${(error as Error).message}.`,
    remedy: `Look at the ${of} on both servers as their owner.`,
    transactions: [],
  };
}
