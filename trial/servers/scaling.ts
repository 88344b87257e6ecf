/** Target tracking on requests per target, as Auto Scaling does it: a pure decision. */

/** What one minute of CloudWatch would hold. */
export interface Minute {
  /** Requests that reached targets, at the rate of a minute. */
  readonly requests: number;
  /** Healthy targets; with none there is no metric. */
  readonly targets: number;
}

export interface Tracking {
  /** Requests a minute and target. */
  readonly target: number;
  readonly scaleIn: boolean;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
}

/**
 * The alarms that a target tracking policy makes: above the target for three minutes, below 90 % of it for fifteen.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html says how, the alarms that it
 * creates say with which numbers.
 */
export const MINUTES_ABOVE = 3;
export const MINUTES_BELOW = 15;
export const SCALE_IN_BELOW = 0.9;

/**
 * Out in proportion to the load, in by one at a time ("more gradually", and never so far that the target would be
 * exceeded), always within the group's limits.
 *
 * @param minutes oldest first
 * @returns the capacity to set, or undefined to leave it
 */
export function wantedCapacity(tracking: Tracking, minutes: readonly Minute[]): number | undefined {
  const { target, min, max, desired } = tracking;
  const latest = minutes.at(-1);
  if (!latest) return undefined;
  const needed = Math.ceil(latest.requests / target);
  const all = (count: number, test: (perTarget: number) => boolean) =>
    minutes.length >= count &&
    minutes.slice(-count).every(({ requests, targets }) => targets > 0 && test(requests / targets));

  let wanted = desired;
  if (all(MINUTES_ABOVE, (perTarget) => perTarget > target)) wanted = Math.max(desired, needed);
  else if (tracking.scaleIn && all(MINUTES_BELOW, (perTarget) => perTarget < SCALE_IN_BELOW * target)) {
    wanted = Math.min(desired, Math.max(desired - 1, needed));
  }
  wanted = Math.min(max, Math.max(min, wanted));
  return wanted === desired ? undefined : wanted;
}
