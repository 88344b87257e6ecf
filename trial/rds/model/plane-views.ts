/** What the data plane is told of an instance. */
import type { DatabaseCopy, Endpoint } from '../ports';
import type { Core } from './core';
import type { Instance } from './state';

/** `<identifier>.<suffix>.<region>.rds.amazonaws.com` */
export const endpointName = (identifier: string, suffix: string, region: string): string =>
  `${identifier}.${suffix}.${region}.rds.amazonaws.com`;

export const endpointOf = ({ suffix, surroundings }: Core, { identifier, port }: Instance): Endpoint => ({
  name: endpointName(identifier, suffix, surroundings.region),
  port,
});

export const copyOf = (core: Core, instance: Instance): DatabaseCopy => ({
  resourceId: instance.resourceId,
  endpoint: endpointOf(core, instance),
  securityGroupIds: instance.securityGroupIds,
  parameters: instance.parameters,
  archiveWal: instance.backupRetentionDays > 0,
});

/** A zone of the instance's subnets in which it is not; its own when there is only one. */
export function otherZone({ subnetGroup, availabilityZone }: Instance): string {
  const zones = (subnetGroup.Subnets ?? []).flatMap(
    ({ SubnetAvailabilityZone }) => SubnetAvailabilityZone?.Name ?? [],
  );
  return zones.find((zone) => zone !== availabilityZone) ?? availabilityZone;
}
