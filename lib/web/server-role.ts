import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard, policyOf } from '../acknowledge';
import type { DataStack } from '../data-stack';
import type { LoneServer } from './lone-server';
import { ANSWERS } from './site-variables';

export interface ServerRoleProps {
  readonly vpc: IVpc;
  /** The boot script and the site. */
  readonly assets: readonly Asset[];
  readonly data?: DataStack;
  readonly loneServer?: LoneServer;
}

/**
 * What a web server may do: be reached by Session Manager, fetch its boot script, the site and its two secrets; a lone one
 * takes its address and volume. Telling CloudFormation that it is up needs no permission
 * (CloudFormation guide, cfn-signal).
 */
export function serverRole(scope: Construct, props: ServerRoleProps): Role {
  const { vpc, assets, data, loneServer } = props;
  const role = new Role(scope, 'ServerRole', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  allowSessions(role);
  allowAssets(role, assets);
  if (data) allowSecrets(role, data);
  allowGivingUp(role);
  if (loneServer) {
    allowTaking(role, loneServer, vpc);
    allowReporting(role);
  }
  return role;
}

/**
 * The least that Session Manager needs (Systems Manager guide, "Create a custom IAM role for Session Manager").
 * AWS's managed policy would also let the server read every parameter of the account.
 */
function allowSessions(role: Role): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'ssm:UpdateInstanceInformation',
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ],
      resources: ['*'],
    }),
  );
  acknowledge(
    policyOf(role),
    ['IAM5[Resource::*]', 'CKV_AWS_111', 'IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE'],
    'Channels and Describe calls have no names that could be given.',
  );
}

/** These assets only: the bucket holds those of every CDK application of the account. */
function allowAssets(role: Role, assets: readonly Asset[]): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:GetObject'],
      resources: assets.map(({ bucket, s3ObjectKey }) => bucket.arnForObjects(s3ObjectKey)),
    }),
  );
}

/** A boot that has failed tells its group, which takes a server that runs for healthy. */
function allowGivingUp(role: Role): void {
  const stack = Stack.of(role);
  const groups = stack.formatArn({
    service: 'autoscaling',
    resource: 'autoScalingGroup',
    resourceName: '*:autoScalingGroupName/*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['autoscaling:SetInstanceHealth'],
      resources: [groups],
      conditions: { StringEquals: { 'aws:ResourceTag/aws:cloudformation:stack-name': stack.stackName } },
    }),
  );
  acknowledgeWildcard(role, groups, 'The group is known by the tag that CloudFormation gives it.');
}

function allowReporting(role: Role): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': ANSWERS.namespace } },
    }),
  );
}

function allowSecrets(role: Role, { roles: { secrets } }: DataStack): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [secrets.writer.secretArn, secrets.reader.secretArn],
    }),
  );
}

function allowTaking(role: Role, { address, volume }: LoneServer, { vpcId }: IVpc): void {
  const stack = Stack.of(role);
  const ec2 = (resource: string, resourceName: string) =>
    stack.formatArn({ service: 'ec2', resource, resourceName });
  const allow = (actions: string[], resource: string, conditions?: Record<string, object>) =>
    role.addToPolicy(new PolicyStatement({ actions, resources: [resource], conditions }));
  allow(['ec2:DescribeVolumes'], '*');
  allow(['ec2:AttachVolume'], ec2('volume', volume.volumeId));
  allow(['ec2:AssociateAddress'], ec2('elastic-ip', address!.attrAllocationId));
  // The other half of both calls: the server itself, known by the tag that its group gives it, and its network
  // interface, which nobody tags, by its network.
  const instances = ec2('instance', '*');
  const networkInterfaces = ec2('network-interface', '*');
  allow(['ec2:AttachVolume', 'ec2:AssociateAddress'], instances, {
    StringEquals: { 'aws:ResourceTag/aws:cloudformation:stack-name': stack.stackName },
  });
  allow(['ec2:AssociateAddress'], networkInterfaces, { ArnEquals: { 'ec2:Vpc': ec2('vpc', vpcId) } });
  for (const resource of [instances, networkInterfaces]) {
    acknowledgeWildcard(
      role,
      resource,
      'A server has its ID only once it runs; the address and the volume are these alone.',
    );
  }
}
