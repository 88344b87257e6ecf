/** What the settings say: how the controller is to act. Lengths of time are milliseconds. */
export interface Policy {
  /** Name of the site, with which every identifier begins. */
  readonly name: string;
  readonly mode: 'automatic' | 'notify';
  /** Between two looks, while nothing is wrong. */
  readonly probeIntervalMillis: number;
  readonly detectAfterMillis: number;
  readonly maxLagMillis: number;
  readonly fencePolicy: 'strict' | 'best-effort';
  readonly minimumIntervalMillis: number;
  readonly replaceAfterMillis: number;
  readonly managedFailoverGraceMillis: number;
  readonly sequenceGap: number;
  /** `sun:03:00-sun:04:00`, UTC. */
  readonly maintenanceWindow: string;
  /** `05:00-06:00`, UTC: of backups, each day; never while maintenance is. */
  readonly backupWindow: string;
  /** How many replicas there should be. */
  readonly replicas: number;
  /** Security group of the databases, and the one of those in quarantine. */
  readonly databaseGroup: string;
  readonly quarantineGroup: string;
  /** Of the primary. */
  readonly backupDays: number;
  readonly multiAz: boolean;
  readonly deletionProtection: boolean;
}

/** Three looks or more: one lost packet is no death. */
export const PROBES_AT_LEAST = 3;

/** How long a fence may remain unverified before a human is called, or `best-effort` goes on. */
export const FENCE_TIMEOUT_MILLIS = 5 * 60_000;

/** How long a switchover may take until its candidate has everything; then the old primary goes on. */
export const CATCH_UP_MILLIS = 2 * 60_000;

/** Falls are counted over as long as an unfit replica is waited for by default (`replaceAfterSeconds`): each of them begins that anew. */
export const FLAPPING_WINDOW_MILLIS = 10 * 60_000;

/** Two may be a restart and what follows it. */
export const REPLICA_FALLS = 3;

/** More, as it only calls people: a failover of RDS's own, a restart, and a short cut may come together. */
export const PRIMARY_FALLS = 5;

/** Longer than any pause in which what comes and goes within the window could have been well. */
export const STEADY_MILLIS = 5 * 60_000;

/** A replica tries to connect again every five seconds (PostgreSQL, wal_retrieve_retry_interval): twice that. */
export const RECONNECT_MILLIS = 10_000;

/** How long a promotion may last before its candidate counts as lost. RDS promises no figure: "several minutes". */
export const PROMOTE_TIMEOUT_MILLIS = 30 * 60_000;

/** How long before people are told. Twice and a half what a promotion is taken for (trial/rds/durations.ts: 4 minutes). */
export const PROMOTION_STUCK_MILLIS = 10 * 60_000;

/** How long a change that was asked for may remain unseen before it is asked for again: APIs answer late and stale. */
export const UNSEEN_MILLIS = 2 * 60_000;
