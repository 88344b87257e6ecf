/** What each round, and each failover, tells CloudWatch. */
import type { Decision } from './decision';
import type { Memory } from './memory';
import { METRICS } from './metrics';
import type { Log } from './ports';
import { FENCE_TIMEOUT_MILLIS } from './policy';
import { type StateName, STATES } from './states';

const STALLED: readonly StateName[] = ['healing-stalled', 'change-refused'];

export function roundMetrics(log: Log, { state, memory }: Decision, before: Memory): void {
  const replicas = (memory.seen ?? []).filter(({ role, fit }) => role === 'replica' && fit);
  const lags = replicas.map(({ lagMillis = 0 }) => lagMillis);
  log.metric({
    [METRICS.criticalState]: { value: isCritical(state, memory) ? 1 : 0, unit: 'Count' },
    [METRICS.stalled]: { value: STALLED.includes(state) ? 1 : 0, unit: 'Count' },
    [METRICS.retiredPrimaries]: {
      value: memory.retired.filter(({ recovery }) => recovery === 'needed').length,
      unit: 'Count',
    },
    ...(state !== 'blind' && {
      [METRICS.fitReplicas]: { value: replicas.length, unit: 'Count' },
      [METRICS.maximumLag]: { value: Math.max(0, ...lags), unit: 'Milliseconds' },
    }),
  });
  if (state === 'opened') failoverMetrics(log, memory, before);
}

/** A primary is being replaced: for people that is over when writes are open, whatever each round sees. */
function isCritical(state: StateName, { phase, failover, roundAt = 0 }: Memory): boolean {
  if (STATES[state].severity === 'critical') return true;
  if (!failover || phase === 'steady' || phase === 'healing') return false;
  // A switchover is planned, unless it lasts.
  return failover.kind !== 'switchover' || roundAt - failover.decidedAt >= FENCE_TIMEOUT_MILLIS;
}

function failoverMetrics(log: Log, { failover }: Memory, { failover: before }: Memory): void {
  if (!failover || !before) return;
  const { suspectedAt, decidedAt, fencedAt, promotedAt, openedAt } = failover;
  const begun = suspectedAt ?? decidedAt;
  const spans = {
    [METRICS.detect]: [begun, decidedAt],
    [METRICS.fence]: [decidedAt, fencedAt],
    [METRICS.promote]: [fencedAt, promotedAt],
    [METRICS.write]: [begun, openedAt],
  };
  for (const [name, [from, to]] of Object.entries(spans)) {
    if (from !== undefined && to !== undefined) {
      log.metric({ [name]: { value: to - from, unit: 'Milliseconds' } });
    }
  }
}
