import {
  type IpPermission,
  type RouteTable,
  EC2Client,
  DescribeAddressesCommand,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVolumes,
} from '@aws-sdk/client-ec2';
import { type Target, clientConfig } from '../target';
import { collect } from './collect';
import type { Admission, Facts, Subnet } from './facts';

/** Subnets with where they lead to, security groups, fixed addresses and volumes. */
export async function observeNetwork(
  target: Target,
): Promise<Pick<Facts, 'subnets' | 'securityGroups' | 'addresses' | 'volumes'>> {
  const client = new EC2Client(clientConfig(target));
  const [tables, subnets, groups, volumes, addresses] = await Promise.all([
    collect(paginateDescribeRouteTables({ client }, {}), (page) => page.RouteTables),
    collect(paginateDescribeSubnets({ client }, {}), (page) => page.Subnets),
    collect(paginateDescribeSecurityGroups({ client }, {}), (page) => page.SecurityGroups),
    collect(paginateDescribeVolumes({ client }, {}), (page) => page.Volumes),
    client.send(new DescribeAddressesCommand({})),
  ]);
  return {
    subnets: subnets.map(({ SubnetId, AvailabilityZone }) => ({
      id: SubnetId!,
      zone: AvailabilityZone!,
      leadsTo: defaultRoute(tables.find((table) => isTableOf(table, SubnetId!))),
    })),
    securityGroups: groups.map(({ GroupId, IpPermissions }) => ({
      id: GroupId!,
      admits: (IpPermissions ?? []).flatMap(admissions),
    })),
    addresses: (addresses.Addresses ?? []).map(({ AllocationId, PublicIp }) => ({
      allocationId: AllocationId!,
      ip: PublicIp!,
    })),
    volumes: volumes.map(({ VolumeId, Encrypted, Size }) => ({
      id: VolumeId!,
      encrypted: Encrypted ?? false,
      sizeGiB: Size ?? 0,
    })),
  };
}

const isTableOf = ({ Associations }: RouteTable, subnet: string) =>
  Associations?.some(({ SubnetId }) => SubnetId === subnet) ?? false;

function defaultRoute(table: RouteTable | undefined): Subnet['leadsTo'] {
  const route = table?.Routes?.find(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0');
  if (route?.GatewayId?.startsWith('igw-')) return 'internet gateway';
  return route?.NatGatewayId ? 'NAT gateway' : 'nowhere';
}

function admissions(permission: IpPermission): Admission[] {
  const { FromPort: from, ToPort: to, IpProtocol: protocol } = permission;
  const ports = protocol === '-1' || from === undefined ? 'all' : from === to ? `${from}` : `${from}-${to}`;
  return [
    ...(permission.UserIdGroupPairs ?? []).map(({ GroupId }) => GroupId!),
    ...(permission.IpRanges ?? []).map(({ CidrIp }) => CidrIp!),
    ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6!),
  ].map((peer) => ({ from: peer, ports }));
}
