import {
  InterfaceVpcEndpointAwsService,
  type InterfaceVpcEndpoint,
  type ISecurityGroup,
  Port,
  SecurityGroup,
  type Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { acknowledge } from '../acknowledge';
import { NOTHING_OUT, NOTHING_OUT_REASON } from './security-groups';

/**
 * A way to Secrets Manager for private subnets without a NAT gateway, in one zone only (about 7 $ a month). Its name is
 * answered so in the whole VPC, so that everybody who reads secrets has to come in here.
 */
export function reachSecrets(vpc: Vpc, from: readonly ISecurityGroup[]): InterfaceVpcEndpoint {
  const group = new SecurityGroup(vpc, 'SecretsEndpointGroup', {
    vpc,
    description: 'Secrets Manager',
    allowAllOutbound: false,
  });
  acknowledge(group, NOTHING_OUT, NOTHING_OUT_REASON);
  for (const reader of from) group.addIngressRule(reader, Port.tcp(443), 'Reads secrets');
  return vpc.addInterfaceEndpoint('SecretsManager', {
    service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    subnets: { subnets: vpc.selectSubnets({ subnetGroupName: 'web' }).subnets.slice(0, 1) },
    securityGroups: [group],
    open: false,
  });
}
