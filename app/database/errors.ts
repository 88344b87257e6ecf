/** What a database error means: to a visitor ("come back in a moment", or a mistake of ours), and to the pools. */

/** The database cannot answer just now; the same request may well succeed later. */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super('The database cannot be reached just now', { cause });
    this.name = 'DatabaseUnavailable';
  }
}

/** The five characters PostgreSQL gives an error: https://www.postgresql.org/docs/17/errcodes-appendix.html */
const SQLSTATE = /^(?!E)[0-9A-Z]{5}$/; // none begins with E, but Node's EPIPE does

/** Classes and codes that pass by themselves. */
const PASSING = [
  /^08/, // connection exception
  /^53/, // insufficient resources: too many connections, disk full
  /^57/, // operator intervention: shutdown, starting up, cancelled by statement_timeout
  /^28/, // role or password refused: a rotation or a preparation under way
  /^25006$/, // read-only transaction: this writer is a replica, or was demoted
  /^40/, // rolled back: deadlock, serialization, a conflict with recovery on a replica
  /^42(P01|703)$/, // no such table or column: the schema is on its way, here or on a replica
];

/** The server ends connections or has none to give, or is not what its name says: other connections to it are no better. */
const GONE = [
  /^08/,
  /^57P/, // shutting down, crashed, starting up. Not 57014: a statement that was too slow, on a server that is well
  /^25006$/,
];

/**
 * The server is well, but not for this statement: a conflict with recovery has 40001 or 40P01, whether
 * it cancels the statement or ends the connection (ProcessRecoveryConflictInterrupt in postgres.c).
 */
const ELSEWHERE = [/^40/, /^53300$/];

export const sqlState = (error: unknown): string | undefined => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && SQLSTATE.test(code) ? code : undefined;
};

const isOf = (patterns: readonly RegExp[], state: string) => patterns.some((pattern) => pattern.test(state));

/**
 * @param error thrown by a connection attempt or a query. Without a SQLSTATE it did not come from
 *   PostgreSQL, but from the way there: refused, reset, timed out, certificate refused
 */
export const isPassing = (error: unknown): boolean => {
  const state = sqlState(error);
  return state === undefined || isOf(PASSING, state);
};

/** All connections of this site to this database are in use: no fault of the database. */
export const POOL_BUSY = 'POOL_BUSY';

/** @param error as for isPassing. @returns whether the server must be taken for gone */
export const isGone = (error: unknown): boolean => {
  if ((error as { code?: unknown })?.code === POOL_BUSY) return false;
  const state = sqlState(error);
  return state === undefined || isOf(GONE, state);
};

/** @param error what the work failed with. @returns whether another attempt, elsewhere or later, may succeed */
export const isWorthAnotherTry = (error: unknown): boolean => {
  if (!(error instanceof DatabaseUnavailable)) return false;
  const state = sqlState(error.cause);
  return state === undefined || isOf([...GONE, ...ELSEWHERE], state);
};

/** A short reason that may be shown to anybody: a code, never an address or a name. */
export const reason = (error: unknown): string => {
  const cause = error instanceof DatabaseUnavailable ? error.cause : error;
  const { code } = (cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'no answer';
};
