import type { Unrecoverable } from '../finding';
import type { Session } from '../session';

/** Their catalog has passwords and is for superusers; the view that is for all has no transaction ids. */
const ROLES = `select quote_ident(rolname) as name from pg_roles where rolname !~ '^pg_'`;

/** Roles that only the old primary has. One that only the new primary has may be its own. */
export async function findRoles(old: Session, primary: Session): Promise<Unrecoverable[]> {
  const read = async (session: Session) =>
    (await session.ask<{ name: string }>(ROLES)).map(({ name }) => name);
  const [there, here] = await Promise.all([read(old), read(primary)]);
  return there
    .filter((name) => !here.includes(name))
    .map((name) => ({
      kind: 'schema',
      what: `The role ${name} is on the old primary and not on the new one: it was created there after the fork, or dropped here.`,
      remedy: 'If it was created there, create it on the new primary, with its password and its memberships.',
      sql: `create role ${name};`,
      transactions: [],
    }));
}
