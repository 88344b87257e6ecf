import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { acknowledge, policyOf } from '../acknowledge';
import type { DataStack } from '../data-stack';
import type { Settings } from '../settings';
import type { LoneServer } from './lone-server';

export interface ServerRoleProps {
  readonly settings: Settings;
  readonly artifact: Asset;
  readonly data?: DataStack;
  readonly loneServer?: LoneServer;
}

/**
 * What a web server may do: be reached by Session Manager, fetch its artifact and the two secrets of the site; a lone
 * one takes its address and volume. Telling CloudFormation that it is up needs no permission
 * (CloudFormation guide, cfn-signal).
 */
export function serverRole(scope: Construct, props: ServerRoleProps): Role {
  const { artifact, data, loneServer } = props;
  const role = new Role(scope, 'ServerRole', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  allowSessions(role);
  allowArtifact(role, artifact);
  data?.roles.secrets.writer.grantRead(role);
  data?.roles.secrets.reader.grantRead(role);
  if (loneServer) allowTaking(role, loneServer);
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

/** This artifact only: the bucket holds those of every CDK application of the account. */
function allowArtifact(role: Role, artifact: Asset): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:GetObject'],
      resources: [artifact.bucket.arnForObjects(artifact.s3ObjectKey)],
    }),
  );
}

function allowTaking(role: Role, { address, volume }: LoneServer): void {
  const stack = Stack.of(role);
  const ec2 = (resource: string, resourceName: string) =>
    stack.formatArn({ service: 'ec2', resource, resourceName });
  role.addToPolicy(new PolicyStatement({ actions: ['ec2:DescribeVolumes'], resources: ['*'] }));
  role.addToPolicy(
    new PolicyStatement({
      actions: ['ec2:AttachVolume', 'ec2:AssociateAddress'],
      resources: [ec2('volume', volume.volumeId), ec2('elastic-ip', address!.attrAllocationId)],
    }),
  );
  // The other half of both calls: the server itself, known by the tag that its group gives it, and its network
  // interface, which nobody tags.
  const any = (resource: string) =>
    stack.formatArn({ service: 'ec2', region: '*', account: '*', resource, resourceName: '*' });
  const instances = any('instance');
  const networkInterfaces = any('network-interface');
  role.addToPolicy(
    new PolicyStatement({
      actions: ['ec2:AttachVolume', 'ec2:AssociateAddress'],
      resources: [instances],
      conditions: { StringEquals: { 'aws:ResourceTag/aws:cloudformation:stack-name': stack.stackName } },
    }),
  );
  role.addToPolicy(
    new PolicyStatement({ actions: ['ec2:AssociateAddress'], resources: [networkInterfaces] }),
  );
  for (const resource of [instances, networkInterfaces]) {
    acknowledge(
      role,
      `IAM5[Resource::${resource}]`,
      'A server has its ID only once it runs; the address and the volume are these alone.',
    );
  }
}
