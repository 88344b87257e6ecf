import type { DBSubnetGroup } from '@aws-sdk/client-rds';

/** What RDS takes from the account around it. */
export interface Surroundings {
  readonly accountId: string;
  readonly region: string;
  /** Of new instances that name none. */
  readonly defaultSecurityGroupIds: readonly string[];
  /** The subnets of a group, or of the default VPC; undefined: there is no such group. */
  subnetGroup(name: string | undefined): Promise<DBSubnetGroup | undefined>;
  /** The VPC of a security group; undefined: there is no such group. */
  vpcOf(securityGroupId: string): Promise<string | undefined>;
  /** Whether enhanced monitoring can take a role on. IAM needs a while for one that was just made. */
  canMonitor(roleArn: string): Promise<boolean>;
}

const VPC = 'vpc-default';

/** An account of one VPC, in which every subnet group exists, with three zones, and every security group and role. */
export function anySurroundings(accountId: string, region: string): Surroundings {
  return {
    accountId,
    region,
    defaultSecurityGroupIds: ['sg-default'],
    subnetGroup: async (name = 'default') => ({
      DBSubnetGroupName: name,
      DBSubnetGroupDescription: name,
      DBSubnetGroupArn: `arn:aws:rds:${region}:${accountId}:subgrp:${name}`,
      VpcId: VPC,
      SubnetGroupStatus: 'Complete',
      Subnets: ['a', 'b', 'c'].map((zone) => ({
        SubnetIdentifier: `subnet-${zone}`,
        SubnetAvailabilityZone: { Name: region + zone },
        SubnetStatus: 'Active',
      })),
    }),
    vpcOf: async () => VPC,
    canMonitor: async () => true,
  };
}
