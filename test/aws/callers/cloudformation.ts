/**
 * CloudFormation, for the databases of the templates: the requests that its handler makes of their properties
 * (https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds, aws-rds-dbinstance, Translator.java).
 * It works with the rights of who deploys.
 */
import type { Call } from '../recording';
import type { Properties, Site } from '../site';
import type { Caller } from './caller';

const NAME = 'CloudFormation';

/** createDbInstanceReadReplicaRequest: the other properties are set afterwards, by ModifyDBInstance. */
const OF_REPLICA = [
  'AutoMinorVersionUpgrade',
  'AvailabilityZone',
  'DBInstanceClass',
  'DBInstanceIdentifier',
  'DBSubnetGroupName',
  'DeletionProtection',
  'EnableCloudwatchLogsExports',
  'EnableIAMDatabaseAuthentication',
  'EnablePerformanceInsights',
  'Iops',
  'KmsKeyId',
  'MonitoringInterval',
  'MonitoringRoleArn',
  'MultiAZ',
  'OptionGroupName',
  'PerformanceInsightsKMSKeyId',
  'PerformanceInsightsRetentionPeriod',
  'Port',
  'PubliclyAccessible',
  'SourceDBInstanceIdentifier',
  'StorageType',
  'Tags',
  'VPCSecurityGroups',
];

/** createDbInstanceRequest. */
const OF_PRIMARY = [
  ...OF_REPLICA.filter((name) => name !== 'SourceDBInstanceIdentifier'),
  'AllocatedStorage',
  'BackupRetentionPeriod',
  'CACertificateIdentifier',
  'CopyTagsToSnapshot',
  'DBName',
  'DBParameterGroupName',
  'DatabaseInsightsMode',
  'Engine',
  'EngineVersion',
  'MasterUserPassword',
  'MasterUsername',
  'MaxAllocatedStorage',
  'PreferredBackupWindow',
  'PreferredMaintenanceWindow',
  'StorageEncrypted',
];

/** modifyDbInstanceRequest, once a replica is there: what was not in the request that made it, and the rest again. */
const AFTERWARDS = [
  'AutoMinorVersionUpgrade',
  'BackupRetentionPeriod',
  'CACertificateIdentifier',
  'CopyTagsToSnapshot',
  'DBInstanceClass',
  'DBInstanceIdentifier',
  'DBParameterGroupName',
  'DatabaseInsightsMode',
  'DeletionProtection',
  'EnablePerformanceInsights',
  'MaxAllocatedStorage',
  'MonitoringInterval',
  'MonitoringRoleArn',
  'MultiAZ',
  'PerformanceInsightsKMSKeyId',
  'PerformanceInsightsRetentionPeriod',
  'PreferredBackupWindow',
  'PreferredMaintenanceWindow',
  'StorageType',
  'VPCSecurityGroups',
];

/** Read afterwards, or by CloudFormation itself. */
const UNSENT = ['DeleteAutomatedBackups'];

const RENAMED: Readonly<Record<string, string>> = { VPCSecurityGroups: 'VpcSecurityGroupIds' };
const NUMBERS = ['AllocatedStorage', 'Port'];

const call = (
  operation: string,
  names: readonly string[],
  properties: Properties,
  more: object = {},
): Call => ({
  caller: NAME,
  serviceId: 'RDS',
  operation,
  input: {
    ...Object.fromEntries(
      names
        .filter((name) => properties[name] !== undefined)
        .map((name) => [
          RENAMED[name] ?? name,
          NUMBERS.includes(name) ? Number(properties[name]) : properties[name],
        ]),
    ),
    ...more,
  },
});

function callsOf(properties: Properties): readonly Call[] {
  const isReplica = properties['SourceDBInstanceIdentifier'] !== undefined;
  const known = isReplica ? [...OF_REPLICA, ...AFTERWARDS] : OF_PRIMARY;
  const unknown = Object.keys(properties).filter((name) => ![...known, ...UNSENT].includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `What CloudFormation does with ${unknown.join(', ')} is not in test/aws/callers/cloudformation.ts`,
    );
  }
  return isReplica
    ? [
        call('CreateDBInstanceReadReplica', OF_REPLICA, properties),
        call('ModifyDBInstance', AFTERWARDS, properties, { ApplyImmediately: true }),
      ]
    : [call('CreateDBInstance', OF_PRIMARY, properties)];
}

export const cloudFormation: Caller = {
  name: NAME,
  comesWith: 'AWS::RDS::DBInstance',
  drive: (site: Site) =>
    Promise.resolve(site.resources('AWS::RDS::DBInstance').flatMap(({ properties }) => callsOf(properties))),
};
