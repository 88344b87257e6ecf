/** A schedule in words. */
import { clockText } from './trace';
import type { Fault, Schedule } from './schedule';

export function faultText(fault: Fault): string {
  const share = 'share' in fault && fault.share < 1 ? `${Math.round(fault.share * 100)} % of ` : '';
  switch (fault.kind) {
    case 'cut':
      return `${fault.one} and ${fault.other} are cut off from each other`;
    case 'calls':
      return `${share}calls of ${fault.service}${fault.operation ? ` ${fault.operation}` : ''}: ${fault.fate}`;
    case 'stale':
      return fault.each
        ? `RDS describes each instance as it was up to ${fault.seconds} s ago`
        : `RDS describes what was ${fault.seconds} s ago`;
    case 'crash':
      return `a run crashes ${fault.side} its call ${fault.step} from now`;
    case 'pause':
      return `a run stands still after its call ${fault.step} from now`;
    case 'second-run':
      return 'a second run is started';
    case 'hold':
      return 'hold';
    case 'command': {
      const { kind, ...more } = fault.command;
      return `command ${[kind, ...Object.entries(more).map(([key, value]) => `${key} ${String(value)}`)].join(', ')}`;
    }
    case 'deployment':
      return `a deployment changes the ${fault.of}`;
    case 'no-capacity':
      return `RDS has no room for instances: ${fault.how}`;
    case 'occupied':
    case 'shown':
      return `${fault.whom} is in ${fault.status}`;
    case 'promotion':
      return `a promotion of ${fault.whom} ${fault.how}`;
    case 'own-failover':
      return `RDS fails ${fault.whom} over`;
    case 'errors':
      return `${fault.whom} answers ${fault.code}`;
    case 'flap':
      return `${fault.whom} is frozen ${fault.away} s, alive ${fault.there} s, and so on`;
    case 'slow-replication':
    case 'slow-replay':
      return `${fault.kind} of ${fault.whom}: ${fault.seconds} s`;
    default:
      return `${fault.kind} ${fault.whom}`;
  }
}

/** One line a fault. */
export function scheduleText({ seed, setup, faults }: Schedule): string {
  const { replicas, fencePolicy, mode, clients, clinging, multiAz, classWaits } = setup;
  const group =
    `seed ${seed}: ${replicas} replicas, ${clients} web servers of which ${clinging} cling to their sockets, ` +
    `fencing ${fencePolicy}, mode ${mode}${multiAz ? ', Multi-AZ' : ''}${classWaits ? ', another class waits for the window' : ''}, ` +
    `${setup.minimumIntervalMillis / 60_000} min between failovers, window ${setup.maintenanceWindow}`;
  const lines = [...faults]
    .sort((one, other) => one.at - other.at)
    .map(
      (fault) =>
        `  ${clockText(fault.at * 1000).padStart(7)}  ${faultText(fault)}${fault.lasts > 0 ? `, for ${fault.lasts} s` : ''}`,
    );
  return [group, ...lines].join('\n');
}
