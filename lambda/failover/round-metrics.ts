/** What each round, and each failover, tells CloudWatch. */
import type { Decision } from './decision';
import type { Memory } from './memory';
import { METRICS } from './metrics';
import type { Log } from './ports';
import { STATES } from './states';

export function roundMetrics(log: Log, { state, memory }: Decision, before: Memory): void {
  const replicas = (memory.seen ?? []).filter(({ role, fit }) => role === 'replica' && fit);
  const lags = replicas.map(({ lagMillis = 0 }) => lagMillis);
  log.metric({
    [METRICS.criticalState]: { value: STATES[state].severity === 'critical' ? 1 : 0, unit: 'Count' },
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
