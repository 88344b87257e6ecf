/** What many schedules came to. */
import { type StateName, STATES } from '../../lambda/failover/states';
import type { FailoverFigures, Statistics } from './statistics';

/** Of a list of figures. */
export interface Distribution {
  readonly count: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

export function distributionOf(values: readonly number[]): Distribution {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { count: sorted.length, median: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}

/** Sums, and what distributions are made of: workers send these to each other. */
export interface Tally {
  schedules: number;
  steps: number;
  millis: number;
  writes: number;
  writesFailed: number;
  reads: number;
  readsFailed: number;
  states: Partial<Record<StateName, number>>;
  /** How many ended with a primary that lacks acknowledged writes. */
  withLoss: number;
  lost: number[];
  failovers: FailoverFigures[];
}

export const emptyTally = (): Tally => ({
  schedules: 0,
  steps: 0,
  millis: 0,
  writes: 0,
  writesFailed: 0,
  reads: 0,
  readsFailed: 0,
  states: {},
  withLoss: 0,
  lost: [],
  failovers: [],
});

export function add(tally: Tally, statistics: Statistics): void {
  tally.schedules++;
  for (const key of ['steps', 'millis', 'writes', 'writesFailed', 'reads', 'readsFailed'] as const) {
    tally[key] += statistics[key];
  }
  if (statistics.lost > 0) tally.withLoss++;
  tally.lost.push(statistics.lost);
  tally.failovers.push(...statistics.failovers);
  addStates(tally, statistics.states);
}

export function merge(tally: Tally, other: Tally): void {
  for (const key of [
    'schedules',
    'steps',
    'millis',
    'writes',
    'writesFailed',
    'reads',
    'readsFailed',
    'withLoss',
  ] as const) {
    tally[key] += other[key];
  }
  tally.lost.push(...other.lost);
  tally.failovers.push(...other.failovers);
  addStates(tally, other.states);
}

function addStates(tally: Tally, states: Statistics['states']): void {
  for (const [name, count] of Object.entries(states) as [StateName, number][]) {
    tally.states[name] = (tally.states[name] ?? 0) + count;
  }
}

export interface Summary extends Omit<Tally, 'lost' | 'failovers' | 'states'> {
  /** Milliseconds; of failovers that a client has seen the end of. */
  readonly times: Readonly<Record<Time, Distribution>>;
  /** Of the time to the first write, in which RDS was at work: per cent. */
  readonly rdsShare: Distribution;
  readonly failovers: Readonly<Record<FailoverFigures['kind'], number>>;
  /** Acknowledged writes that the promoted one lacked, of a failover. */
  readonly lost: Distribution;
  readonly states: Readonly<Record<StateName, number>>;
}

/** From the failure, or from the end of the part before. */
type Time = 'detect' | 'fence' | 'promote' | 'write' | 'in all';

export function summaryOf({ lost: _, failovers, states, ...sums }: Tally): Summary {
  const whole = failovers.filter(({ wroteAt }) => wroteAt !== undefined);
  const times = (of: (figures: Required<FailoverFigures>) => number) =>
    distributionOf(whole.map((figures) => of(figures as Required<FailoverFigures>)));
  const kinds = { automatic: 0, switchover: 0, promote: 0 };
  for (const { kind } of failovers) kinds[kind]++;
  const names = Object.keys(STATES) as StateName[];
  return {
    ...sums,
    times: {
      detect: times(({ failedAt, decidedAt }) => decidedAt - failedAt),
      fence: times(({ decidedAt, fencedAt }) => fencedAt - decidedAt),
      promote: times(({ fencedAt, promotedAt }) => promotedAt - fencedAt),
      write: times(({ promotedAt, wroteAt }) => wroteAt - promotedAt),
      'in all': times(({ failedAt, wroteAt }) => wroteAt - failedAt),
    },
    rdsShare: times(
      ({ failedAt, wroteAt, rdsMillis }) => (100 * rdsMillis) / Math.max(1, wroteAt - failedAt),
    ),
    failovers: kinds,
    lost: distributionOf(failovers.map(({ lost }) => lost)),
    states: Object.fromEntries(names.map((name) => [name, states[name] ?? 0])) as Record<StateName, number>,
  };
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** For people. */
export function summaryText(summary: Summary): string {
  const { schedules, times, rdsShare, failovers, lost, states } = summary;
  const row = (name: string, { count, median, p95, max }: Distribution, text: (value: number) => string) =>
    `  ${name.padEnd(34)}${[String(count), text(median), text(p95), text(max)].map((cell) => cell.padStart(11)).join('')}`;
  const share = (part: number, whole: number) => `${((100 * part) / Math.max(1, part + whole)).toFixed(2)} %`;
  const seen = Object.entries(states).sort(([, one], [, other]) => other - one);
  const never = seen.filter(([, count]) => count === 0).map(([name]) => name);
  return [
    `${schedules} schedules, ${Math.round(summary.millis / 3_600_000)} hours of virtual time, ${summary.steps} steps`,
    `${failovers.automatic} automatic failovers, ${failovers.switchover} switchovers, ${failovers.promote} promotions by hand`,
    '',
    `  ${''.padEnd(34)}${['failovers', 'median', 'p95', 'max'].map((cell) => cell.padStart(11)).join('')}`,
    row('failure to decision', times.detect, seconds),
    row('decision to fence', times.fence, seconds),
    row('fence to promoted', times.promote, seconds),
    row("promoted to a client's first write", times.write, seconds),
    row('failure to first write', times['in all'], seconds),
    row('  of that, RDS at work', rdsShare, (value) => `${value.toFixed(0)} %`),
    row('acknowledged writes lost', lost, String),
    '',
    `writes: ${summary.writes}, failed ${share(summary.writesFailed, summary.writes)}; ` +
      `reads: ${summary.reads}, failed ${share(summary.readsFailed, summary.reads)}`,
    `schedules that ended without some acknowledged write on the primary: ${summary.withLoss}`,
    '',
    `states, and how often each began: ${seen
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
    ...(never.length > 0 ? [`never seen: ${never.join(', ')}`] : []),
  ].join('\n');
}
