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
