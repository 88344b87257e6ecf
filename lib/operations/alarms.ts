import { Duration, Size } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import { pascalCase } from '../pascal-case';
import type { Settings } from '../settings';
import type { DatabaseMetrics, FailoverMetrics, FleetMetrics, LoadBalancerMetrics, Watched } from './metrics';

/** `critical`: users notice, act now. `warning`: they will, unless somebody acts in the next days. */
type Severity = 'critical' | 'warning';

/** One thing worth waking or telling somebody. Its runbook is docs/alarms.md#<name without the instance>. */
interface AlarmRule {
  readonly name: string;
  /** The instance that it is about, where there are several. */
  readonly instance?: string;
  readonly severity: Severity;
  readonly meaning: string;
  readonly metric: IMetric;
  readonly comparison: 'above' | 'below';
  readonly threshold: number;
  readonly minutes: number;
  /** Of the metric. Default: a minute. */
  readonly period?: Duration;
  readonly missing?: TreatMissingData;
}

/** Every alarm of the settings' stage. */
export function addAlarms(scope: Construct, settings: Settings, watched: Watched, topic: ITopic): void {
  const rules = [
    ...fleetRules(watched.fleet),
    ...(watched.loadBalancer ? loadBalancerRules(watched.loadBalancer) : []),
    ...watched.databases.flatMap((metrics) => databaseRules(metrics, settings)),
    ...(watched.failover ? failoverRules(watched.failover, settings) : []),
  ];
  for (const rule of rules) addAlarm(scope, settings, rule, topic);
}

const fleetRules = ({ cpuInPercent, servers, answers }: FleetMetrics): AlarmRule[] => [
  ...(answers ? [loneServerRule(answers)] : []),
  {
    name: 'no-server',
    severity: 'critical',
    meaning: 'No web server is in service.',
    metric: servers,
    comparison: 'below',
    threshold: 1,
    minutes: 5,
    missing: TreatMissingData.BREACHING,
  },
  {
    name: 'servers-busy',
    severity: 'warning',
    meaning: 'The web servers are out of processor time.',
    metric: cpuInPercent,
    comparison: 'above',
    threshold: 90,
    minutes: 15,
  },
];

/** Usual replacements of a lone server are over by then; a move of the data may not be, and the site is away indeed. */
const loneServerRule = (answers: IMetric): AlarmRule => ({
  name: 'no-answer',
  severity: 'critical',
  meaning: 'The one server has not answered for 15 minutes, or is not there.',
  metric: answers,
  comparison: 'below',
  threshold: 1,
  minutes: 15,
  missing: TreatMissingData.BREACHING,
});

const loadBalancerRules = (metrics: LoadBalancerMetrics): AlarmRule[] => [
  {
    name: 'errors',
    severity: 'critical',
    meaning: 'More than 1 % of the answers are errors of the site or the load balancer.',
    metric: metrics.errorsInPercent,
    comparison: 'above',
    threshold: 1,
    minutes: 5,
  },
  {
    name: 'no-healthy-server',
    severity: 'critical',
    meaning: 'The load balancer has no healthy server to pass requests to.',
    metric: metrics.healthyServers,
    comparison: 'below',
    threshold: 1,
    minutes: 2,
    missing: TreatMissingData.BREACHING,
  },
  {
    name: 'unhealthy-server',
    severity: 'warning',
    meaning: 'A server fails its health checks, and has not been replaced.',
    metric: metrics.unhealthyServers,
    comparison: 'above',
    threshold: 0,
    minutes: 15,
  },
  {
    name: 'slow',
    severity: 'warning',
    meaning: 'One request in twenty takes more than two seconds.',
    metric: metrics.p95ResponseTimeInSeconds,
    comparison: 'above',
    threshold: 2,
    minutes: 15,
  },
];

/** Shares of what an instance has, below which it is time to act. */
const STORAGE_LEFT = 0.1;
const MEMORY_LEFT = Size.mebibytes(128);

const databaseRules = (metrics: DatabaseMetrics, { database, failover }: Settings): AlarmRule[] => {
  const instance = metrics.identifier;
  const storageLeft = Size.gibibytes(database.storageGiB).toBytes() * STORAGE_LEFT;
  return [
    {
      name: 'database-storage',
      instance,
      severity: 'critical',
      meaning: `${instance} has less than a tenth of its first storage left, and has not grown by itself.`,
      metric: metrics.freeStorageInBytes,
      comparison: 'below',
      threshold: storageLeft,
      minutes: 15,
    },
    {
      name: 'database-busy',
      instance,
      severity: 'warning',
      meaning: `${instance} is out of processor time.`,
      metric: metrics.cpuInPercent,
      comparison: 'above',
      threshold: 90,
      minutes: 15,
    },
    {
      name: 'database-memory',
      instance,
      severity: 'warning',
      meaning: `${instance} has less than ${MEMORY_LEFT.toMebibytes()} MiB of memory left.`,
      metric: metrics.freeableMemoryInBytes,
      comparison: 'below',
      threshold: MEMORY_LEFT.toBytes(),
      minutes: 15,
    },
    ...(metrics.lagInSeconds
      ? [
          {
            name: 'replica-lag',
            instance,
            severity: 'warning',
            meaning: `${instance} is further behind than the limit for reads and promotion.`,
            metric: metrics.lagInSeconds,
            comparison: 'above',
            threshold: failover.maxLagSeconds,
            // ReplicaLag also climbs while nobody writes; five minutes are longer than the pause between
            // checkpoints of an idle primary.
            minutes: 10,
          } as const,
        ]
      : []),
  ];
};

const A_DAY_IN_MINUTES = 24 * 60;

const failoverRules = (metrics: FailoverMetrics, { database }: Settings): AlarmRule[] => [
  {
    name: 'failover-state',
    severity: 'critical',
    meaning:
      'The failover controller has met something that it will not decide alone, or is replacing the primary.',
    metric: metrics.criticalState,
    comparison: 'above',
    threshold: 0,
    minutes: 1,
  },
  {
    name: 'failover-stalled',
    severity: 'warning',
    meaning:
      'A change of the failover controller is refused again and again, or healing does not come to an end.',
    metric: metrics.stalled,
    comparison: 'above',
    threshold: 0,
    minutes: 5,
  },
  {
    name: 'replicas-missing',
    severity: 'warning',
    meaning: `For half an hour fewer than ${database.replicas} replicas could serve reads or be promoted.`,
    metric: metrics.mostFitReplicas,
    comparison: 'below',
    threshold: database.replicas,
    minutes: 30,
    // Whoever sees nothing does not know: failover-blind tells of that.
    missing: TreatMissingData.IGNORE,
  },
  {
    name: 'failover-not-running',
    severity: 'critical',
    meaning: 'Nobody watches the databases: the failover controller has not been started for five minutes.',
    metric: metrics.starts,
    comparison: 'below',
    threshold: 1,
    minutes: 5,
    missing: TreatMissingData.BREACHING,
  },
  {
    name: 'failover-errors',
    severity: 'critical',
    meaning: 'The failover controller ends with errors, or is too slow.',
    metric: metrics.errors,
    comparison: 'above',
    threshold: 0,
    minutes: 3,
  },
  {
    name: 'failover-blind',
    severity: 'critical',
    meaning:
      'The failover controller has seen no databases for five minutes: RDS, Route 53 or its journal do not answer.',
    // Only rounds that saw everything tell how many replicas are fit.
    metric: metrics.fitReplicas,
    comparison: 'below',
    threshold: 0,
    minutes: 5,
    missing: TreatMissingData.BREACHING,
  },
  {
    name: 'failover-not-delivered',
    severity: 'critical',
    meaning: 'Starts of the failover controller, or of recovery, came to nothing.',
    metric: metrics.undelivered,
    comparison: 'above',
    threshold: 0,
    minutes: 1,
  },
  {
    name: 'old-primary-waits',
    severity: 'warning',
    meaning: 'An old primary has been in quarantine for a day: recover its lost writes, or waive them.',
    metric: metrics.retiredPrimaries,
    comparison: 'above',
    threshold: 0,
    minutes: A_DAY_IN_MINUTES,
    period: Duration.hours(1),
    // An hour without a word does not mean that it has gone.
    missing: TreatMissingData.IGNORE,
  },
];

function addAlarm(scope: Construct, { name }: Settings, rule: AlarmRule, topic: ITopic): void {
  const suffix = rule.instance ? `${rule.name}-${rule.instance.slice(name.length + 1)}` : rule.name;
  const alarm = new Alarm(scope, pascalCase(suffix), {
    metric: rule.metric,
    alarmName: `${name}-${suffix}`,
    alarmDescription: `${rule.severity}: ${rule.meaning} What to do: docs/alarms.md#${rule.name}`,
    comparisonOperator:
      rule.comparison === 'above'
        ? ComparisonOperator.GREATER_THAN_THRESHOLD
        : ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: rule.threshold,
    evaluationPeriods: rule.minutes / (rule.period?.toMinutes() ?? 1),
    treatMissingData: rule.missing ?? TreatMissingData.NOT_BREACHING,
  });
  acknowledge(
    alarm,
    'CFN_NO_EXPLICIT_RESOURCE_NAMES',
    'People are woken by this name and look it up in docs/alarms.md; an alarm that is made anew may have it again.',
  );
  alarm.addAlarmAction(new SnsAction(topic));
  alarm.addOkAction(new SnsAction(topic));
}
