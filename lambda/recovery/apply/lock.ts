/** One apply at a time, by the server's own word: the lock goes with the connection, however that ends. */
import { Problem } from '../problem';
import type { Session } from '../session';
import type { Pause } from './attempt';

/** Any number, as long as every apply takes the same; others of this project: lambda/prepare-database, app/schema.ts. */
export const APPLY_LOCK = 7_301_971;

/** The server process of an apply that was killed notices at its next word to it, after its last statement. */
const ATTEMPTS = 20;
const PAUSE_MILLIS = 500;

/** @throws Problem that names the process which holds it */
export async function lockApply(primary: Session, pause: Pause): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const [row] = await primary.ask<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [APPLY_LOCK]);
    if (row!.got) return;
    if (attempt < ATTEMPTS) await pause(PAUSE_MILLIS);
    else break;
  }
  const [holder] = await primary.ask<{
    pid: number;
    user: string | null;
    address: string | null;
    since: string;
  }>(
    `select l.pid, a.usename as "user", coalesce(a.client_addr::text, 'a local socket') as address,
            to_char(a.backend_start at time zone 'UTC', 'HH24:MI:SS') as since
       from pg_locks l left join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objid = $1 and l.objsubid = 1
        and l.database = (select oid from pg_database where datname = current_database())`,
    [APPLY_LOCK],
  );
  const { pid, user, address, since } = holder ?? { pid: 0, user: null, address: null, since: '' };
  throw new Problem(
    `Another apply is at work on ${primary.name}: process ${pid} of the server${
      user ? `, ${user} from ${address}, connected since ${since} UTC` : ''
    }. Wait for it; if nobody runs it any more, end it with select pg_terminate_backend(${pid}).`,
  );
}

export const unlockApply = async (primary: Session): Promise<void> => {
  await primary.ask('select pg_advisory_unlock($1)', [APPLY_LOCK]);
};
