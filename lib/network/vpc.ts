import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import type { Settings } from '../settings';
import { parseCidr } from '../settings/cidr';
import { LOG_PREFIXES } from './log-bucket';

/** Most zones that `network.zones` may say: room for all of them is kept from the start. */
const ZONES_AT_MOST = 3;

/** 3 tiers in up to 3 zones are 9 subnets: sixteenths of the VPC, the next power of two. */
const SUBNET_BITS = 4;

/**
 * The VPC. Its subnets have the same names, addresses and logical IDs at every stage and for every number of
 * zones, so that growing never replaces one: public (load balancer, NAT, the lone server), web, database.
 */
export function vpc(scope: Construct, { name, network }: Settings, logs: IBucket): Vpc {
  const cidrMask = parseCidr(network.cidr)!.prefix + SUBNET_BITS;
  const created = new Vpc(scope, 'Vpc', {
    vpcName: name,
    ipAddresses: IpAddresses.cidr(network.cidr),
    maxAzs: network.zones,
    reservedAzs: ZONES_AT_MOST - network.zones,
    natGateways: network.natGateways,
    subnetConfiguration: [
      // What is public says so itself: the load balancer, the NAT gateways, the lone server.
      { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask, mapPublicIpOnLaunch: false },
      {
        name: 'web',
        subnetType: network.natGateways > 0 ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED,
        cidrMask,
      },
      { name: 'database', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask },
    ],
    // Nothing here takes the default group, and emptying it needs a Lambda function with rights over every group.
    restrictDefaultSecurityGroup: false,
    gatewayEndpoints: {
      S3: { service: GatewayVpcEndpointAwsService.S3 },
      DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
    },
  });
  for (const subnet of created.publicSubnets) {
    acknowledge(
      subnet.node.findChild('DefaultRoute'),
      'NO_UNRESTRICTED_ROUTE_TO_IGW',
      'A public subnet is one with this route; only the load balancer, NAT gateways and the lone server are in it.',
    );
  }
  created.addFlowLog('FlowLog', {
    destination: FlowLogDestination.toS3(logs, LOG_PREFIXES.flow),
    trafficType: FlowLogTrafficType.ALL,
  });
  return created;
}
