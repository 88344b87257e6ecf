/** Whether the new primary, after the apply, is what the truth says: looked at row by row. */
import type { Session } from '../../../lambda/recovery/session';
import { TABLE } from './data';
import type { Stand } from './stand';
import { ROLES, type Role } from './truth';

/** What the new primary must keep: all rows but those that are put back, as one number. */
export interface Untouched {
  readonly rows: string;
  readonly sum: string;
}

const putBack = ({ truth }: Stand): number[] =>
  (Object.keys(truth) as Role[])
    .filter((role) => typeof ROLES[role].truth === 'object')
    .flatMap((role) => truth[role]);

const list = (keys: readonly number[]): string => `'{${keys.join()}}'::bigint[]`;

export async function untouched(stand: Stand): Promise<Untouched> {
  return asked(stand, 'primary', async (session) => {
    const [row] = await session.ask<Untouched>(
      `select count(*)::text as rows, coalesce(sum(hashtextextended((t.*)::text, 0)), 0)::text as sum
         from ${TABLE} as t where id <> all(${list(putBack(stand))})`,
    );
    return row!;
  });
}

/** @returns what is wrong, in sentences */
export async function faults(stand: Stand, before: Untouched): Promise<string[]> {
  const after = await untouched(stand);
  const rows = (side: 'old' | 'primary') =>
    asked(stand, side, (session) =>
      session.ask<{ id: string; row: string }>(
        `select id::text, (t.*)::text as row from ${TABLE} as t where id = any(${list(putBack(stand))}) order by id`,
      ),
    );
  const [there, here] = [await rows('old'), await rows('primary')];
  const found = new Map(here.map(({ id, row }) => [id, row]));
  const wrong = there.filter(({ id, row }) => found.get(id) !== row).map(({ id }) => id);
  return [
    ...(after.rows === before.rows && after.sum === before.sum
      ? []
      : [
          `rows that must stay have changed: ${before.rows} of sum ${before.sum} are ${after.rows} of sum ${after.sum}`,
        ]),
    ...(wrong.length > 0 ? [`not put back as they were lost: ${wrong.join(', ')}`] : []),
    ...(here.length > there.length
      ? [`${here.length - there.length} rows are still there, and were deleted`]
      : []),
  ];
}

async function asked<T>(
  { pair }: Stand,
  side: 'old' | 'primary',
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await pair.session(side);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
