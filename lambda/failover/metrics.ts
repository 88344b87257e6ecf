/**
 * Names of the metrics that the controller emits and that alarms and dashboard look at (lib/operations). Like the
 * environment contracts it is imported from lib, and so holds constants only.
 */

export const METRIC_NAMESPACE = 'ScaleFromZero/Failover';

/** The one dimension: its value is the site's name, with which the identifiers of its databases begin. */
export const METRIC_DIMENSION = 'Group';

/** What is measured; lengths of time are in milliseconds. */
export const METRICS = {
  /**
   * Each round: 1 when the state that it saw is of the severity `critical`, and as long as a primary is being replaced (by a
   * switchover: after five minutes); otherwise 0.
   */
  criticalState: 'CriticalState',
  /** Each round: 1 when its state is one of `healing-stalled` and `change-refused`; otherwise 0. */
  stalled: 'Stalled',
  /** Each round that saw the databases: replicas that serve reads and could be promoted. */
  fitReplicas: 'FitReplicas',
  /** Each round that saw the databases: of the fit replica that is furthest behind. */
  maximumLag: 'MaximumLagMillis',
  /** Each round: old primaries that wait in quarantine for recovery. */
  retiredPrimaries: 'RetiredPrimaries',
  /** Once a failover: from the first look that failed to the decision. */
  detect: 'DetectMillis',
  /** Once a failover: from the decision to the fence that was shown to hold. */
  fence: 'FenceMillis',
  /** Once a failover: from the fence to the candidate out of recovery. */
  promote: 'PromoteMillis',
  /** Once a failover: from the first look that failed (or the command) to the names on an instance that proved a write. */
  write: 'WriteMillis',
} as const;

export type MetricName = (typeof METRICS)[keyof typeof METRICS];
