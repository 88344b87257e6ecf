/** Writes: one transaction on the primary, begun once. */
import type { Counting } from './counts';
import type { Database } from './database';
import type { Endpoint } from './endpoint';
import { DatabaseUnavailable, isWorthAnotherTry } from './errors';
import type { Connection, Session } from './host-pool';
import type { Position } from './position';
import { POSITION_AFTER_COMMIT, positionOf } from './position';

export const writing =
  (primary: Endpoint, counts: Counting): Database['write'] =>
  async (work, { idempotent = false } = {}) => {
    for (let attempt = 1; ; attempt++) {
      let isBegun = false;
      try {
        const done = await primary.run(async (connection) => {
          await connection.query('begin');
          isBegun = true;
          return { ...(await transact(connection, work)), host: connection.host };
        });
        if (!done) throw new DatabaseUnavailable(new Error('No database is known'));
        return done.value;
      } catch (error) {
        // Until "begin" is answered nothing of the work was sent: a connection that was found dead
        // may be replaced. After that nobody knows what was done, least of all when COMMIT is unanswered.
        const mayTryAgain = attempt === 1 && (!isBegun || idempotent);
        if (!mayTryAgain || !isWorthAnotherTry(error)) throw error;
        counts.add('retries');
        await primary.lookUp();
      }
    }
  };

async function transact<T>(
  connection: Connection,
  work: (session: Session) => Promise<T>,
): Promise<{ value: T; position: Position }> {
  try {
    const value = await work(connection);
    const [commit, position] = await connection.queryAll(`commit; ${POSITION_AFTER_COMMIT}`);
    // PostgreSQL turns the COMMIT of a failed transaction into a ROLLBACK, and calls that no error.
    if (commit?.command !== 'COMMIT')
      throw new Error('An error was caught within a write: nothing was written');
    return { value, position: positionOf(position?.rows[0]) };
  } catch (error) {
    // When this fails as well, the connection is broken, and PostgreSQL rolls back by itself.
    await connection.query('rollback').catch(() => undefined);
    throw error;
  }
}
