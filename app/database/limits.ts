/** How long the site waits for its databases, and how many connections it holds. */

export interface Limits {
  /** Connections to one database; PostgreSQL has them as processes, of some MB each. */
  readonly connections: number;
  /** Milliseconds to make a connection, and also to wait for a free one. */
  readonly connectMillis: number;
  /** Milliseconds until the server ends a statement by itself. */
  readonly statementMillis: number;
  /**
   * Milliseconds until a server that does not answer is given up and the connection destroyed: a
   * frozen one sends no error at all. Longer than statementMillis, so that a living one speaks first.
   */
  readonly answerMillis: number;
  /** Milliseconds until an unused connection is closed. */
  readonly idleMillis: number;
  /** Milliseconds a connection lives, give or take a quarter, so that those of one moment do not end in one. */
  readonly ageMillis: number;
}

const SHARED = { connections: 10, connectMillis: 3_000, idleMillis: 60_000, ageMillis: 300_000 };

export const LIMITS = {
  /**
   * The longest read that fails: three attempts (replica, another one, primary) of 3 + 6 s, which is
   * within the load balancer's 60 s.
   */
  reading: { ...SHARED, statementMillis: 5_000, answerMillis: 6_000 },
  writing: { ...SHARED, statementMillis: 10_000, answerMillis: 12_000 },
} as const satisfies Record<string, Limits>;
