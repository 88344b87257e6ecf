import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { METRIC_DIMENSION, METRIC_NAMESPACE, type MetricName, METRICS } from '../../lambda/failover/metrics';
import { type Databases, primaryIdentifier, replicaIdentifiers } from '../data/databases';
import type { FailoverController } from '../data/failover-controller';
import type { Settings } from '../settings';
import type { Fleet } from '../web/fleet';
import type { LoadBalancer } from '../web/load-balancer';
import { ANSWERS } from '../web/site-variables';

const PERIOD = Duration.minutes(1);

export interface FleetMetrics {
  readonly cpuInPercent: IMetric;
  readonly servers: IMetric;
  /** Of a lone server only: 1 when it answered itself as it would a visitor. */
  readonly answers?: IMetric;
}

export interface LoadBalancerMetrics {
  readonly requests: IMetric;
  readonly errorsInPercent: IMetric;
  readonly p95ResponseTimeInSeconds: IMetric;
  readonly healthyServers: IMetric;
  readonly unhealthyServers: IMetric;
}

export interface DatabaseMetrics {
  readonly identifier: string;
  readonly cpuInPercent: Metric;
  readonly freeStorageInBytes: Metric;
  readonly freeableMemoryInBytes: Metric;
  readonly connections: Metric;
  /** Of a replica only. */
  readonly lagInSeconds?: Metric;
}

export interface FailoverMetrics {
  /** Of the function: how often it was started, and how often that ended with an error or took too long. */
  readonly starts: Metric;
  readonly errors: Metric;
  /** Starts that came to nothing, and wait to be looked at. */
  readonly undelivered: Metric;
  /** 1 when a round saw a state that people must act on. */
  readonly criticalState: Metric;
  /** 1 when a round saw that a change is refused again and again, or that healing does not come to an end. */
  readonly stalled: Metric;
  /** Old primaries in quarantine, by the hour: recovery takes hours or days. */
  readonly retiredPrimaries: Metric;
  readonly fitReplicas: Metric;
  /** The most in a minute: one that comes and goes is there. */
  readonly mostFitReplicas: Metric;
  readonly maximumLagInMillis: Metric;
  /** Of each failover. */
  readonly detectInMillis: Metric;
  readonly fenceInMillis: Metric;
  readonly promoteInMillis: Metric;
  readonly writeInMillis: Metric;
}

export interface Watched {
  readonly fleet: FleetMetrics;
  readonly loadBalancer?: LoadBalancerMetrics;
  readonly databases: readonly DatabaseMetrics[];
  readonly failover?: FailoverMetrics;
}

export function fleetMetrics({ groupName, isLone }: Fleet, { name }: Settings): FleetMetrics {
  const dimensionsMap = { AutoScalingGroupName: groupName };
  const common = { dimensionsMap, period: PERIOD, statistic: 'Average' };
  return {
    cpuInPercent: new Metric({ ...common, namespace: 'AWS/EC2', metricName: 'CPUUtilization' }),
    servers: new Metric({
      ...common,
      namespace: 'AWS/AutoScaling',
      metricName: 'GroupInServiceInstances',
    }),
    ...(isLone && {
      answers: new Metric({
        namespace: ANSWERS.namespace,
        metricName: ANSWERS.metric,
        dimensionsMap: { [ANSWERS.dimension]: name },
        period: PERIOD,
        statistic: 'Maximum',
      }),
    }),
  };
}

export function loadBalancerMetrics({ resource, targetGroup }: LoadBalancer): LoadBalancerMetrics {
  const { metrics } = resource;
  const sum = { period: PERIOD, statistic: 'Sum' };
  const requests = metrics.requestCount(sum);
  // The CDK's own metrics of a target group cut the balancer's name out of the ARN of a listener, in whichever stack
  // asks; the attributes have it whole.
  const dimensionsMap = {
    LoadBalancer: resource.loadBalancerFullName,
    TargetGroup: targetGroup.targetGroupFullName,
  };
  const hosts = (metricName: string, statistic: string) =>
    new Metric({ namespace: 'AWS/ApplicationELB', metricName, dimensionsMap, statistic, period: PERIOD });
  return {
    requests,
    errorsInPercent: new MathExpression({
      // Of all answers. `requests` counts those for which a target could be chosen: a 503 for want of one is in `own`
      // alone (ELB guide, "CloudWatch metrics for your Application Load Balancer", RequestCount). Of a 502 or 504 it
      // counts twice below, which does not matter at one in a hundred. Nobody asked: nobody saw an error.
      expression:
        'IF(FILL(requests, 0) + FILL(own, 0) > 0, 100 * (FILL(own, 0) + FILL(target, 0)) / (FILL(requests, 0) + FILL(own, 0)), 0)',
      usingMetrics: {
        requests,
        own: metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, sum),
        target: metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, sum),
      },
      label: 'answers 5xx',
      period: PERIOD,
    }),
    p95ResponseTimeInSeconds: metrics.targetResponseTime({ period: PERIOD, statistic: 'p95' }),
    healthyServers: hosts('HealthyHostCount', 'Minimum'),
    unhealthyServers: hosts('UnHealthyHostCount', 'Maximum'),
  };
}

export function databaseMetrics(databases: Databases, settings: Settings): DatabaseMetrics[] {
  const of = (instance: IDatabaseInstance, identifier: string, replica: boolean): DatabaseMetrics => {
    const metric = (name: string, statistic: string) => instance.metric(name, { period: PERIOD, statistic });
    return {
      identifier,
      cpuInPercent: metric('CPUUtilization', 'Average'),
      freeStorageInBytes: metric('FreeStorageSpace', 'Minimum'),
      freeableMemoryInBytes: metric('FreeableMemory', 'Minimum'),
      connections: metric('DatabaseConnections', 'Average'),
      ...(replica && { lagInSeconds: metric('ReplicaLag', 'Average') }),
    };
  };
  const identifiers = replicaIdentifiers(settings);
  return [
    of(databases.primary, primaryIdentifier(settings), false),
    ...databases.replicas.map((replica, index) => of(replica, identifiers[index]!, true)),
  ];
}

export function failoverMetrics(
  { function: controller, undelivered }: FailoverController,
  { name }: Settings,
): FailoverMetrics {
  const own = (metricName: MetricName, statistic: 'Minimum' | 'Maximum', period = PERIOD) =>
    new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { [METRIC_DIMENSION]: name },
      statistic,
      period,
    });
  return {
    starts: controller.metricInvocations({ period: PERIOD }),
    errors: controller.metricErrors({ period: PERIOD }),
    undelivered: undelivered.metricApproximateNumberOfMessagesVisible({
      period: PERIOD,
      statistic: 'Maximum',
    }),
    criticalState: own(METRICS.criticalState, 'Maximum'),
    stalled: own(METRICS.stalled, 'Maximum'),
    retiredPrimaries: own(METRICS.retiredPrimaries, 'Minimum', Duration.hours(1)),
    fitReplicas: own(METRICS.fitReplicas, 'Minimum'),
    mostFitReplicas: own(METRICS.fitReplicas, 'Maximum'),
    maximumLagInMillis: own(METRICS.maximumLag, 'Maximum'),
    detectInMillis: own(METRICS.detect, 'Maximum'),
    fenceInMillis: own(METRICS.fence, 'Maximum'),
    promoteInMillis: own(METRICS.promote, 'Maximum'),
    writeInMillis: own(METRICS.write, 'Maximum'),
  };
}
