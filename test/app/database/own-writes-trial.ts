/** Writers who read at once what they wrote, among readers who wrote nothing. */
import type { Database } from '../../../app/database/database';
import { repeat } from './fleet';

export interface OwnWritesFound {
  readonly tries: number;
  /** Reads of one's own write that did not see it: what must never be. */
  readonly stale: number;
  /** Reads with a token, by host. */
  readonly own: Readonly<Record<string, number>>;
  /** Reads without, by host. */
  readonly others: Readonly<Record<string, number>>;
}

/** Needs a table `things (id integer primary key)` that is empty. */
export async function tryOwnWrites(database: Database, tries: number): Promise<OwnWritesFound> {
  const own: Record<string, number> = {};
  const others: Record<string, number> = {};
  let stale = 0;
  await repeat(tries, 4, async (id) => {
    const { position } = await database.write(({ query }) => query('insert into things values ($1)', [id]));
    const mine = await database.read(({ query }) => query('select 1 from things where id = $1', [id]), {
      after: position,
    });
    if (mine.value.length === 0) stale++;
    own[mine.host] = (own[mine.host] ?? 0) + 1;
    const other = await database.read(({ query }) =>
      query('select count(*) from things where id < $1', [id]),
    );
    others[other.host] = (others[other.host] ?? 0) + 1;
  });
  return { tries, stale, own, others };
}
