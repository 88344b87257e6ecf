/** The health of a target: what answers to health checks make of it. Pure. */
import type { HealthCheck } from './deployed';

export type State = 'initial' | 'healthy' | 'unhealthy' | 'draining';

export interface Health {
  readonly state: State;
  /** Answers in a row that speak against the state. */
  readonly against: number;
  /** What was wrong last. */
  readonly reason?: string;
}

export const INITIAL: Health = { state: 'initial', against: 0 };

/**
 * "After your target is registered, it must pass one health check to be considered healthy"; from then on the
 * thresholds decide. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 *
 * @param failure what was wrong with the answer; absent: nothing
 */
export function afterCheck(
  { state, against }: Health,
  failure: string | undefined,
  { healthyThreshold, unhealthyThreshold }: Pick<HealthCheck, 'healthyThreshold' | 'unhealthyThreshold'>,
): Health {
  if (state === 'draining') return { state, against: 0 };
  const passed = failure === undefined;
  const reason = passed ? {} : { reason: failure };
  if (state === (passed ? 'healthy' : 'unhealthy')) return { state, against: 0, ...reason };
  const needed = !passed ? unhealthyThreshold : state === 'initial' ? 1 : healthyThreshold;
  if (against + 1 < needed) return { state, against: against + 1, ...reason };
  return { state: passed ? 'healthy' : 'unhealthy', against: 0, ...reason };
}

/** @param codes `200`, `200,202`, `200-299` */
export const passes = (status: number, codes: string): boolean =>
  codes.split(',').some((range) => {
    const [from, to = from] = range.split('-').map(Number);
    return from !== undefined && to !== undefined && status >= from && status <= to;
  });
