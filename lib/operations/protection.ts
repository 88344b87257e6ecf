import { CustomResource, Duration } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ProtectProperties } from '../../lambda/protect/properties';
import { primaryIdentifier, replicaIdentifiers } from '../data/databases';
import { bundle, functionRole, nodeFunction } from '../data/node-function';
import type { DataStack } from '../data-stack';
import type { Settings } from '../settings';
import type { LoadBalancer } from '../web/load-balancer';

export interface ProtectionProps {
  readonly settings: Settings;
  readonly data: DataStack;
  /** Absent before there is one. */
  readonly loadBalancer?: LoadBalancer;
}

/** For a primary that is in the middle of something else, and the answer. */
const TIMEOUT = Duration.minutes(5);

/** Two more tries of Lambda, should the function have died; then the deployment fails instead of waiting an hour. */
const GIVE_UP = Duration.minutes(20);

/**
 * Turns the deletion protection of the primary and of the load balancer on, or off, as the setting says: at the end of a
 * deployment, and not when they are made (docs/decisions/0010-protection-last.md). Their own templates say nothing of it,
 * so that no later change takes it back.
 *
 * Its deletion is the first of the site's, and is refused after a failover until the primary has its usual name.
 */
export class Protection extends Construct {
  constructor(scope: Construct, id: string, { settings, data, loadBalancer }: ProtectionProps) {
    super(scope, id);
    const { primary, replicas } = data.databases;
    const role = functionRole(this, 'outside');
    const allowed = new Policy(this, 'Permissions', {
      statements: [
        new PolicyStatement({
          actions: ['rds:ModifyDBInstance'],
          resources: [primary.instanceArn],
        }),
        ...(loadBalancer
          ? [
              new PolicyStatement({
                actions: ['elasticloadbalancing:ModifyLoadBalancerAttributes'],
                resources: [loadBalancer.resource.loadBalancerArn],
              }),
            ]
          : []),
        ...(replicas.length > 0
          ? [
              new PolicyStatement({
                actions: ['rds:DescribeDBInstances'],
                resources: replicas.map(({ instanceArn }) => instanceArn),
              }),
            ]
          : []),
      ],
    });
    allowed.attachToRole(role);

    const { functionArn } = nodeFunction(this, {
      settings,
      description: 'Protects databases and load balancer from deletion, at the end of a deployment',
      code: bundle('protect'),
      environment: {},
      timeout: TIMEOUT,
      role,
    });
    const properties: ProtectProperties = {
      Protected: settings.database.deletionProtection ? 'true' : 'false',
      Database: primaryIdentifier(settings),
      ...(loadBalancer && { LoadBalancer: loadBalancer.resource.loadBalancerArn }),
      ...(replicas.length > 0 && { Replicas: replicaIdentifiers(settings) }),
    };
    const run = new CustomResource(this, 'Run', {
      resourceType: 'Custom::DeletionProtection',
      serviceToken: functionArn,
      serviceTimeout: GIVE_UP,
      properties: { ...properties },
    });
    run.node.addDependency(allowed);
  }
}
