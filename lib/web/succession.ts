import { CustomResource, Duration } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  HEALTHY_TARGETS,
  type HealthyTargetsProperties,
  MOVED_NAME,
  type MovedNameProperties,
} from '../../lambda/succession/properties';
import { acknowledge } from '../acknowledge';
import { bundle, functionRole, nodeFunction } from '../data/node-function';
import type { Settings } from '../settings';
import type { Fleet } from './fleet';
import type { LoadBalancer } from './load-balancer';
import { TTL } from './site-record';

export interface SuccessionProps {
  readonly settings: Settings;
  readonly loadBalancer: LoadBalancer;
  readonly fleet: Fleet;
}

/** The longest of both waits, and the answer. */
const TIMEOUT = Duration.minutes(12);

/** One more try of Lambda, should the function have died; then the deployment fails instead of waiting an hour. */
const GIVE_UP = Duration.minutes(30);

/**
 * How the load balancer succeeds the lone server without a dark moment (docs/decisions/0011-no-dark-step.md): the name
 * moves once healthy servers are behind it, and CloudFormation removes the lone server, which the template has no more,
 * after all else: when the world has had time to forget its address.
 */
export class Succession extends Construct {
  /** What moves the name depends on it. */
  readonly healthyTargets: CustomResource;
  private readonly functionArn: string;

  constructor(scope: Construct, id: string, { settings, loadBalancer, fleet }: SuccessionProps) {
    super(scope, id);
    const role = functionRole(this, 'outside');
    const allowed = new Policy(this, 'Permissions', {
      statements: [
        new PolicyStatement({ actions: ['elasticloadbalancing:DescribeTargetHealth'], resources: ['*'] }),
      ],
    });
    allowed.attachToRole(role);
    acknowledge(
      allowed,
      ['IAM5[Resource::*]', 'IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE'],
      'Elastic Load Balancing has no permissions for single resources here.',
    );
    this.functionArn = nodeFunction(this, {
      settings,
      description: 'Waits until the load balancer serves, and until the name has moved, at deployments',
      code: bundle('succession'),
      environment: {},
      timeout: TIMEOUT,
      role,
    }).functionArn;

    const properties: HealthyTargetsProperties = {
      TargetGroup: loadBalancer.targetGroup.targetGroupArn,
      Targets: String(settings.web.minCapacity),
    };
    this.healthyTargets = new CustomResource(this, 'HealthyTargets', {
      resourceType: HEALTHY_TARGETS,
      serviceToken: this.functionArn,
      serviceTimeout: GIVE_UP,
      properties: { ...properties },
    });
    this.healthyTargets.node.addDependency(allowed, loadBalancer, fleet);
  }

  /** What holds the removal of the old server back: resolvers may keep an answer for its TTL, and some for longer. */
  movedName(record: Construct): void {
    const properties: MovedNameProperties = { Seconds: String(TTL.toSeconds() * 2) };
    const moved = new CustomResource(this, 'MovedName', {
      resourceType: MOVED_NAME,
      serviceToken: this.functionArn,
      serviceTimeout: GIVE_UP,
      properties: { ...properties },
    });
    moved.node.addDependency(record);
  }
}
