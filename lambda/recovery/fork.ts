/** Where the new primary's history leaves the old one's: stored by the failover controller before the promotion. */
import * as z from 'zod';

export const FORK = z.object({
  epoch: z.int().nonnegative(),
  /** What the replica had received and replayed: `0/3000148`. */
  lsn: z.string().regex(/^[\dA-F]{1,8}\/[\dA-F]{1,8}$/i),
  /**
   * `pg_current_snapshot()` of the replica: `741:744:`. Its list of transactions in progress is always empty on a
   * replica (PostgreSQL keeps them elsewhere there, and the function does not look), so that nothing can be concluded
   * from a transaction's absence in it: see boundary.ts.
   */
  snapshot: z.string().regex(/^\d+:\d+:[\d,]*$/),
  /** The one that both servers were on. */
  timeline: z.int().positive(),
  /** `system_identifier` of both. */
  system: z.string().regex(/^\d+$/),
  /** Milliseconds since 1970 by the old primary's clock; 0 when it is not known. */
  heartbeatAt: z.number(),
});

export type Fork = Readonly<z.infer<typeof FORK>>;
