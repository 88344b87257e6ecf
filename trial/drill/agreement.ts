/** Whether a template and the instance that bears its identifier agree, property by property. Pure. */
import type { DBInstance } from '@aws-sdk/client-rds';
import type { Assembly } from '../assembly';

/** How each property of AWS::RDS::DBInstance is told by DescribeDBInstances. */
const TOLD: Readonly<Record<string, (instance: DBInstance) => unknown>> = {
  AllocatedStorage: ({ AllocatedStorage }) => AllocatedStorage,
  AutoMinorVersionUpgrade: ({ AutoMinorVersionUpgrade }) => AutoMinorVersionUpgrade,
  BackupRetentionPeriod: ({ BackupRetentionPeriod }) => BackupRetentionPeriod,
  CACertificateIdentifier: ({ CACertificateIdentifier }) => CACertificateIdentifier,
  CopyTagsToSnapshot: ({ CopyTagsToSnapshot }) => CopyTagsToSnapshot,
  DatabaseInsightsMode: ({ DatabaseInsightsMode }) => DatabaseInsightsMode,
  DBInstanceClass: ({ DBInstanceClass }) => DBInstanceClass,
  DBInstanceIdentifier: ({ DBInstanceIdentifier }) => DBInstanceIdentifier,
  DBName: ({ DBName }) => DBName,
  DBParameterGroupName: ({ DBParameterGroups = [] }) =>
    DBParameterGroups.map(({ DBParameterGroupName }) => DBParameterGroupName).join(),
  DBSubnetGroupName: ({ DBSubnetGroup }) => DBSubnetGroup?.DBSubnetGroupName,
  DeletionProtection: ({ DeletionProtection }) => DeletionProtection,
  EnableCloudwatchLogsExports: ({ EnabledCloudwatchLogsExports = [] }) =>
    [...EnabledCloudwatchLogsExports].sort(),
  EnablePerformanceInsights: ({ PerformanceInsightsEnabled }) => PerformanceInsightsEnabled,
  Engine: ({ Engine }) => Engine,
  KmsKeyId: ({ KmsKeyId }) => KmsKeyId,
  MasterUsername: ({ MasterUsername }) => MasterUsername,
  MaxAllocatedStorage: ({ MaxAllocatedStorage }) => MaxAllocatedStorage,
  MonitoringInterval: ({ MonitoringInterval }) => MonitoringInterval,
  MonitoringRoleArn: ({ MonitoringRoleArn }) => MonitoringRoleArn,
  MultiAZ: ({ MultiAZ }) => MultiAZ,
  PerformanceInsightsKMSKeyId: ({ PerformanceInsightsKMSKeyId }) => PerformanceInsightsKMSKeyId,
  PerformanceInsightsRetentionPeriod: ({ PerformanceInsightsRetentionPeriod }) =>
    PerformanceInsightsRetentionPeriod,
  PreferredMaintenanceWindow: ({ PreferredMaintenanceWindow }) => PreferredMaintenanceWindow,
  PubliclyAccessible: ({ PubliclyAccessible }) => PubliclyAccessible,
  SourceDBInstanceIdentifier: ({ ReadReplicaSourceDBInstanceIdentifier }) =>
    ReadReplicaSourceDBInstanceIdentifier,
  StorageEncrypted: ({ StorageEncrypted }) => StorageEncrypted,
  StorageType: ({ StorageType }) => StorageType,
  VPCSecurityGroups: ({ VpcSecurityGroups = [] }) =>
    VpcSecurityGroups.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId).sort(),
};

/** What RDS does not tell, or tells in a form of its own (17.4 of 17): `changed` looks at the latter. */
const UNTOLD: ReadonlySet<string> = new Set([
  'DeleteAutomatedBackups',
  'EngineVersion',
  'MasterUserPassword',
]);

export interface Comparison {
  /** How many properties were compared. */
  readonly compared: number;
  /** A sentence each. */
  readonly differences: readonly string[];
}

type Instances = readonly DBInstance[];

/**
 * Every property of every instance in the templates. What refers to another resource is compared with what the template
 * had made of it: with the instance of that identifier before the failover.
 */
export function agreement(
  { stacks }: Pick<Assembly, 'stacks'>,
  before: Instances,
  after: Instances,
): Comparison {
  const wanted = stacks
    .flatMap(({ resources }) => Object.values(resources))
    .filter(({ Type }) => Type === 'AWS::RDS::DBInstance')
    .map(({ Properties = {} }) => Properties);
  const all = wanted.map((properties) => {
    const identifier = String(properties['DBInstanceIdentifier']);
    const [was, is] = [before, after].map((instances) =>
      instances.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === identifier),
    );
    if (!was || !is) return { compared: 0, differences: [`There is no ${identifier}.`] };
    return compare(identifier, properties, was, is);
  });
  const strangers = after
    .map(({ DBInstanceIdentifier }) => DBInstanceIdentifier!)
    .filter((identifier) => !wanted.some((one) => one['DBInstanceIdentifier'] === identifier));
  return {
    compared: all.reduce((sum, { compared }) => sum + compared, 0),
    differences: [
      ...all.flatMap(({ differences }) => differences),
      ...strangers.map((identifier) => `${identifier} is in no template.`),
    ],
  };
}

function compare(
  identifier: string,
  properties: Readonly<Record<string, unknown>>,
  was: DBInstance,
  is: DBInstance,
): Comparison {
  const names = Object.keys(properties).filter((name) => !UNTOLD.has(name));
  const differences = names.flatMap((name) => {
    const told = TOLD[name];
    if (!told) return [`${identifier}: nobody knows how RDS tells ${name}.`];
    const given = properties[name];
    const wanted = text(isReference(given) ? told(was) : given);
    const found = text(told(is));
    return wanted === found ? [] : [`${identifier}: ${name} is ${found}, the template says ${wanted}.`];
  });
  return { compared: names.length, differences };
}

/** Objects are references and functions of CloudFormation, in lists, too. */
const isReference = (value: unknown): boolean =>
  Array.isArray(value) ? value.some(isReference) : typeof value === 'object' && value !== null;

/** Templates write numbers as texts here and there. */
const text = (value: unknown): string =>
  Array.isArray(value) ? `[${[...value].sort().map(String).join(', ')}]` : String(value);

/** Of each instance its own: another one has another. */
const OWN: ReadonlySet<string> = new Set([
  'DbiResourceId',
  'InstanceCreateTime',
  'LatestRestorableTime',
  'AvailabilityZone',
  'SecondaryAvailabilityZone',
  'CertificateDetails',
  'DBInstanceStatus',
  // A replica that was made by the controller says so.
  'TagList',
]);

/** All that RDS tells of the instances, before and after: also what no template states. */
export function changed(before: Instances, after: Instances): readonly string[] {
  return before.flatMap((was) => {
    const { DBInstanceIdentifier: identifier } = was;
    const is = after.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === identifier);
    if (!is) return [`There is no ${identifier} any more.`];
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => !OWN.has(name));
    return names.flatMap((name) => {
      const [then, now] = [was, is].map((one) => JSON.stringify(inOrder(one[name as keyof DBInstance])));
      return then === now ? [] : [`${identifier}: ${name} was ${then}, and is ${now}.`];
    });
  });
}

const inOrder = (value: unknown): unknown =>
  Array.isArray(value)
    ? [...value].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
    : value;
