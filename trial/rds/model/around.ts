/** What a request names of the account around: groups, zones, roles. They must be there, and fit together. */
import type { DBSubnetGroup } from '@aws-sdk/client-rds';
import type { Core } from './core';
import {
  invalidNetwork,
  invalidParameterCombination,
  invalidParameterValue,
  subnetGroupNotFound,
  tooFewZones,
} from './errors';
import { findGroup, DEFAULT_GROUP } from './parameter-groups';
import type { Instance, ParameterGroup } from './state';

export interface Around {
  readonly subnetGroup: DBSubnetGroup;
  readonly parameterGroup: ParameterGroup;
}

interface Named {
  readonly DBParameterGroupName?: string;
  readonly DBSubnetGroupName?: string;
  readonly MonitoringRoleArn?: string;
  readonly VpcSecurityGroupIds?: readonly string[];
}

/** @throws RdsError DBSubnetGroupNotFoundFault, DBParameterGroupNotFound, and what `mustFit` throws */
export async function lookUp(core: Core, request: Named): Promise<Around> {
  const { DBSubnetGroupName, DBParameterGroupName } = request;
  const subnetGroup = await core.surroundings.subnetGroup(DBSubnetGroupName);
  if (!subnetGroup) throw subnetGroupNotFound(DBSubnetGroupName ?? 'default');
  await mustFit(core, subnetGroup, request);
  return { subnetGroup, parameterGroup: findGroup(core, DBParameterGroupName ?? DEFAULT_GROUP) };
}

/**
 * @throws RdsError InvalidParameterCombination for a security group of another VPC, InvalidParameterValue for one that is
 *   not there, and for a role that enhanced monitoring cannot take on
 */
export async function mustFit(core: Core, { VpcId }: DBSubnetGroup, request: Named): Promise<void> {
  for (const group of request.VpcSecurityGroupIds ?? []) {
    const vpc = await core.surroundings.vpcOf(group);
    // API, ModifyDBInstance: "must match existing VPC security group IDs"; no source quotes the sentence.
    if (!vpc) throw invalidParameterValue(`Invalid security group: ${group}`);
    if (vpc === VpcId) continue;
    // terraform-aws-modules/terraform-aws-rds#451, #609
    throw invalidParameterCombination(
      `The DB instance and EC2 security group are in different VPCs. The DB instance is in ${VpcId} and the EC2 security group is in ${vpc}`,
    );
  }
  const { MonitoringRoleArn: role } = request;
  if (role && !(await core.surroundings.canMonitor(role))) {
    // pulumi/pulumi#5628, terraform-aws-modules/terraform-aws-rds#393: also right after IAM made the role.
    throw invalidParameterValue(
      'IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING',
    );
  }
}

const zonesOf = ({ Subnets = [] }: DBSubnetGroup): string[] => [
  ...new Set(Subnets.flatMap(({ SubnetAvailabilityZone }) => SubnetAvailabilityZone?.Name ?? [])),
];

/** @throws RdsError DBSubnetGroupDoesNotCoverEnoughAZs (aws-cloudformation-resource-providers-rds#189, #286) */
export function mustHaveTwoZones(subnetGroup: DBSubnetGroup): void {
  const zones = zonesOf(subnetGroup);
  if (zones.length > 1) return;
  throw tooFewZones(
    `The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: ${zones.join()}. Add subnets to cover at least 2 AZs.`,
  );
}

/**
 * @returns the zone of a new instance: the one that was asked for, or the first of its subnets
 * @throws RdsError InvalidVPCNetworkStateFault for one in which it has no subnet; the words: terraform-provider-aws#5725
 */
export function zoneIn(core: Core, subnetGroup: DBSubnetGroup, asked: string | undefined): string {
  const zones = zonesOf(subnetGroup);
  if (asked === undefined) return zones[0] ?? `${core.surroundings.region}a`;
  if (zones.includes(asked)) return asked;
  throw invalidNetwork(
    `Availability zone '[${asked}]' is unavailable in this region, please choose another zone set.`,
  );
}

/** A zone of the instance's subnets in which it is not; its own when there is only one. */
export const otherZone = ({
  subnetGroup,
  availabilityZone,
}: Pick<Instance, 'subnetGroup' | 'availabilityZone'>): string =>
  zonesOf(subnetGroup).find((zone) => zone !== availabilityZone) ?? availabilityZone;
