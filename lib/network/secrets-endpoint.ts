import {
  InterfaceVpcEndpointAwsService,
  type InterfaceVpcEndpoint,
  type ISecurityGroup,
  Port,
  SecurityGroup,
  type Vpc,
} from 'aws-cdk-lib/aws-ec2';

/**
 * A way to Secrets Manager for private subnets without a NAT gateway: in one zone only, as a function that runs at
 * deployments is served by it and nobody else (about 7 $ a month).
 */
export function reachSecrets(vpc: Vpc, from: ISecurityGroup): InterfaceVpcEndpoint {
  const group = new SecurityGroup(vpc, 'SecretsEndpointGroup', {
    vpc,
    description: 'Secrets Manager',
    allowAllOutbound: false,
  });
  group.addIngressRule(from, Port.tcp(443), 'Makes the roles');
  return vpc.addInterfaceEndpoint('SecretsManager', {
    service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    subnets: { subnets: vpc.selectSubnets({ subnetGroupName: 'web' }).subnets.slice(0, 1) },
    securityGroups: [group],
    open: false,
  });
}
