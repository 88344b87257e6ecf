/** The databases of a site as DescribeDBInstances would show them once they are there. */
import type { DBInstance } from '@aws-sdk/client-rds';
import { propertiesFor } from './database-properties';
import type { Properties, Site } from './site';

const cache = new WeakMap<Site, readonly DBInstance[]>();

/** Primary first. What a replica inherits it shows as its source does (API reference, CreateDBInstanceReadReplica). */
export function instancesOf(site: Site): readonly DBInstance[] {
  const known = cache.get(site);
  if (known) return known;
  const found = site.resources('AWS::RDS::DBInstance');
  const primary = found.find(({ properties }) => properties['SourceDBInstanceIdentifier'] === undefined);
  const shown = found.map(({ part, id, properties }) =>
    shownOf(site, { part, id }, { ...inherited(primary?.properties), ...properties }),
  );
  cache.set(site, shown);
  return shown;
}

const INHERITED = [
  'KmsKeyId',
  'StorageEncrypted',
  'Engine',
  'AllocatedStorage',
  'DBParameterGroupName',
  'DBSubnetGroupName',
  'DatabaseInsightsMode',
];

const inherited = (properties: Properties = {}) =>
  Object.fromEntries(INHERITED.map((name) => [name, properties[name]]));

function shownOf(site: Site, { part, id }: { part: string; id: string }, properties: Properties): DBInstance {
  const source = properties['SourceDBInstanceIdentifier'] as string | undefined;
  const identifier = properties['DBInstanceIdentifier'] as string;
  return {
    ...Object.fromEntries(
      propertiesFor('shown').flatMap((name) =>
        properties[name] === undefined ? [] : [[name, properties[name]]],
      ),
    ),
    DBInstanceStatus: 'available',
    DbiResourceId: `db-${part}${id}`.toUpperCase().slice(0, 29),
    EngineVersion: '17.6',
    AllocatedStorage: Number(properties['AllocatedStorage']),
    Endpoint: { Address: `${identifier}.c9akciq32.${site.region}.rds.amazonaws.com`, Port: 5432 },
    ...(source && { ReadReplicaSourceDBInstanceIdentifier: source.split(':').at(-1)! }),
    DBParameterGroups: [
      { DBParameterGroupName: properties['DBParameterGroupName'] as string, ParameterApplyStatus: 'in-sync' },
    ],
    DBSubnetGroup: { DBSubnetGroupName: properties['DBSubnetGroupName'] as string },
    VpcSecurityGroups: (properties['VPCSecurityGroups'] as string[]).map((group) => ({
      VpcSecurityGroupId: group,
      Status: 'active',
    })),
    EnabledCloudwatchLogsExports: properties['EnableCloudwatchLogsExports'] as string[],
    PerformanceInsightsEnabled: properties['EnablePerformanceInsights'] as boolean,
    TagList: [
      { Key: 'aws:cloudformation:stack-name', Value: `mysite-${part}` },
      { Key: 'team', Value: 'web' },
      // As a service of AWS might set one: nobody else may.
      { Key: 'rds:backup', Value: 'daily' },
    ],
  };
}
