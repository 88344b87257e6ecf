/**
 * Finds what was lost and cannot be put back by key: unlogged tables, large objects, changes of the schema, transactions
 * that are prepared and not over. Nothing is done about it; each is told with what a person can do.
 */
import type { Boundary } from '../boundary';
import type { Unrecoverable } from '../finding';
import type { Report } from '../progress';
import type { Session } from '../session';
import type { Table } from '../table';
import { findLargeObjects } from './large-objects';
import { findPrepared } from './prepared';
import { findRoles } from './roles';
import { findSchemaChanges, notReadable } from './schema';
import { findUnlogged } from './unlogged';

export interface OthersOptions {
  readonly old: Session;
  readonly primary: Session;
  readonly boundary: Boundary;
  /** Not needed here: what is looked for is also in tables that are on one server only. */
  readonly tables: readonly Table[];
  readonly report: Report;
}

/** @throws LostConnection; what may not be read is an entry */
export async function findOthers({
  old,
  primary,
  boundary,
  report,
}: OthersOptions): Promise<Unrecoverable[]> {
  const parts: readonly (readonly [of: string, find: () => Promise<Unrecoverable[]>])[] = [
    ['schema', () => findSchemaChanges(old, primary, boundary, report)],
    ['roles', () => findRoles(old, primary)],
    ['unlogged tables', () => findUnlogged(old)],
    ['large objects', () => findLargeObjects(old, primary, boundary)],
    ['prepared transactions', () => findPrepared(old, primary)],
  ];
  const found: Unrecoverable[] = [];
  for (const [of, find] of parts) {
    found.push(...(await find().catch((error: unknown) => [notReadable(of, error)])));
  }
  return found;
}
