import type { FleetApi, Group, RequestTracking } from './fleet-api';
import { MINUTES_BELOW, type Minute, wantedCapacity } from './scaling';

/** What a load balancer has seen. */
export interface Traffic {
  /** Requests that have reached targets since it was started. */
  readonly requests: number;
  /** Healthy targets now. */
  readonly targets: number;
}

export interface ScalingView {
  readonly group: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** Requests a minute and target: wanted, and in the last minute. */
  readonly target: number;
  readonly latest?: number;
}

export interface ScalerOptions {
  readonly api: Pick<FleetApi, 'policies' | 'setCapacity'>;
  readonly groups: () => readonly Group[];
  readonly traffic: () => Traffic;
  /** Factor on the minutes; a "minute" has at least a second. */
  readonly timeScale: number;
  readonly onEvent: (sentence: string) => void;
}

const MINUTE_MILLIS = 60_000;
const LEAST_PERIOD_MILLIS = 1_000;

/** Obeys the policies, once a minute. */
export function scaler({ api, groups, traffic, timeScale, onEvent }: ScalerOptions) {
  const minutes: Minute[] = [];
  let policies: readonly RequestTracking[] = [];
  let before = { at: performance.now(), requests: traffic().requests };

  const tick = async () => {
    const { requests, targets } = traffic();
    const now = performance.now();
    // Rates stay those of real minutes, however short the trial's are: a request is a request.
    const rate = ((requests - before.requests) * MINUTE_MILLIS) / (now - before.at);
    before = { at: now, requests };
    minutes.push({ requests: rate, targets });
    minutes.splice(0, minutes.length - MINUTES_BELOW);

    policies = await api.policies();
    for (const { group: name, target, scaleIn } of policies) {
      const group = groups().find((one) => one.name === name);
      const wanted = group && wantedCapacity({ ...group, target, scaleIn }, minutes);
      if (!group || wanted === undefined) continue;
      await api.setCapacity(name, wanted);
      onEvent(`${name} is scaled from ${group.desired} to ${wanted} servers`);
    }
  };

  const timer = setInterval(
    () => void tick().catch((error: Error) => onEvent(`scaling has failed: ${error.message}`)),
    Math.max(LEAST_PERIOD_MILLIS, MINUTE_MILLIS * timeScale),
  );
  return {
    views: (): ScalingView[] =>
      policies.flatMap(({ group: name, target }) => {
        const group = groups().find((one) => one.name === name);
        const latest = minutes.at(-1);
        const perTarget = latest && latest.targets > 0 ? latest.requests / latest.targets : undefined;
        if (!group) return [];
        const { min, max, desired } = group;
        return [
          { group: name, min, max, desired, target, ...(perTarget !== undefined && { latest: perTarget }) },
        ];
      }),
    close: () => clearInterval(timer),
  };
}
