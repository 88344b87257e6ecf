/** The load balancer as it was deployed, read from its API. */
import {
  type Action as AwsAction,
  type Listener as AwsListener,
  type TargetGroup as AwsTargetGroup,
  DescribeLoadBalancerAttributesCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeListeners,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Target as Aws, clientConfig } from '../target';
import { collect } from '../walk/collect';

export interface HealthCheck {
  readonly path: string;
  /** Absent: the target's own. */
  readonly port?: number;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** Answers in a row that decide. */
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** Status codes that pass: `200`, `200,202`, `200-299`. */
  readonly codes: string;
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly healthCheck: HealthCheck;
  readonly deregistrationSeconds: number;
  readonly algorithm: 'round_robin' | 'least_outstanding_requests';
  readonly targets: readonly Registration[];
}

export interface Registration {
  /** EC2 instance id. */
  readonly id: string;
  readonly port: number;
}

export type Action =
  | {
      readonly kind: 'forward';
      readonly groups: readonly { readonly arn: string; readonly weight: number }[];
    }
  | {
      readonly kind: 'redirect';
      /** Each may hold #{protocol}, #{host}, #{port}, #{path}, #{query}. */
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
      readonly status: 301 | 302;
    }
  | { readonly kind: 'fixed'; readonly status: number; readonly contentType: string; readonly body: string };

export interface Deployed {
  readonly name: string;
  readonly dnsName: string;
  readonly idleSeconds: number;
  readonly dropInvalidHeaders: boolean;
  /** The listener that the trial opens. */
  readonly listener: { readonly port: number; readonly protocol: 'http' | 'https'; readonly action: Action };
  readonly groups: readonly TargetGroup[];
}

/** Undefined where no load balancer is deployed. @throws when AWS does not answer */
export type ReadDeployed = () => Promise<Deployed | undefined>;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html */
const DEFAULT_IDLE_SECONDS = 60;
/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
const DEFAULT_DEREGISTRATION_SECONDS = 300;

/** Of several load balancers the first is read: a blueprint deploys one. */
export function deployedIn(target: Aws): ReadDeployed {
  const client = new ElasticLoadBalancingV2Client(clientConfig(target));
  return async () => {
    const [balancer] = await collect(
      paginateDescribeLoadBalancers({ client }, {}),
      (page) => page.LoadBalancers,
    );
    if (!balancer) return undefined;
    const { LoadBalancerArn } = balancer;
    const [listeners, groups, attributes] = await Promise.all([
      collect(paginateDescribeListeners({ client }, { LoadBalancerArn }), (page) => page.Listeners),
      collect(paginateDescribeTargetGroups({ client }, {}), (page) => page.TargetGroups),
      client.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn })),
    ]);
    const listener = chosen(listeners);
    if (!listener) return undefined;
    const attribute = valueOf(attributes.Attributes);
    return {
      name: balancer.LoadBalancerName!,
      dnsName: balancer.DNSName!,
      idleSeconds: Number(attribute('idle_timeout.timeout_seconds') ?? DEFAULT_IDLE_SECONDS),
      dropInvalidHeaders: attribute('routing.http.drop_invalid_header_fields.enabled') === 'true',
      listener,
      groups: await Promise.all(groups.map((group) => groupOf(client, group))),
    };
  };
}

/**
 * The listener that serves: with HTTPS another one only redirects to it. The trial has no certificate that a browser
 * would believe, so it serves over HTTP what the HTTPS listener would, and tells the servers "https" as that would.
 */
export function chosen(listeners: readonly AwsListener[]): Deployed['listener'] | undefined {
  const known = listeners.map(({ Port, Protocol, DefaultActions }) => ({
    port: Port!,
    protocol: Protocol === 'HTTPS' ? ('https' as const) : ('http' as const),
    action: actionOf(DefaultActions ?? []),
  }));
  return known.find(({ action }) => action.kind === 'forward') ?? known[0];
}

function actionOf(actions: readonly AwsAction[]): Action {
  const last = actions.at(-1)!; // before it there is at most an authentication, which the trial leaves out
  if (last.RedirectConfig) {
    const { Protocol, Host, Port, Path, Query, StatusCode } = last.RedirectConfig;
    return {
      kind: 'redirect',
      protocol: Protocol ?? '#{protocol}',
      host: Host ?? '#{host}',
      port: Port ?? '#{port}',
      path: Path ?? '/#{path}',
      query: Query ?? '#{query}',
      status: StatusCode === 'HTTP_301' ? 301 : 302,
    };
  }
  if (last.FixedResponseConfig) {
    const { StatusCode, ContentType, MessageBody } = last.FixedResponseConfig;
    return {
      kind: 'fixed',
      status: Number(StatusCode),
      contentType: ContentType ?? 'text/plain',
      body: MessageBody ?? '',
    };
  }
  const groups = last.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: last.TargetGroupArn, Weight: 1 }];
  return {
    kind: 'forward',
    groups: groups.map(({ TargetGroupArn, Weight }) => ({ arn: TargetGroupArn!, weight: Weight ?? 1 })),
  };
}

async function groupOf(client: ElasticLoadBalancingV2Client, group: AwsTargetGroup): Promise<TargetGroup> {
  const { TargetGroupArn } = group;
  const [{ Attributes }, { TargetHealthDescriptions = [] }] = await Promise.all([
    client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn })),
    client.send(new DescribeTargetHealthCommand({ TargetGroupArn })),
  ]);
  const attribute = valueOf(Attributes);
  const port = Number(group.HealthCheckPort);
  return {
    arn: TargetGroupArn!,
    name: group.TargetGroupName!,
    healthCheck: {
      path: group.HealthCheckPath ?? '/',
      ...(port > 0 && { port }), // otherwise "traffic-port"
      intervalSeconds: group.HealthCheckIntervalSeconds!,
      timeoutSeconds: group.HealthCheckTimeoutSeconds!,
      healthyThreshold: group.HealthyThresholdCount!,
      unhealthyThreshold: group.UnhealthyThresholdCount!,
      codes: group.Matcher?.HttpCode ?? '200',
    },
    deregistrationSeconds: Number(
      attribute('deregistration_delay.timeout_seconds') ?? DEFAULT_DEREGISTRATION_SECONDS,
    ),
    algorithm:
      attribute('load_balancing.algorithm.type') === 'least_outstanding_requests'
        ? 'least_outstanding_requests'
        : 'round_robin',
    targets: TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State !== 'draining').map(
      ({ Target }) => ({ id: Target!.Id!, port: Target!.Port ?? group.Port! }),
    ),
  };
}

const valueOf =
  (attributes: { Key?: string; Value?: string }[] = []) =>
  (key: string): string | undefined =>
    attributes.find(({ Key }) => Key === key)?.Value;
