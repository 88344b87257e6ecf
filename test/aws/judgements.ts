/** What is forbidden in words of a parameter that is sent, and why the request is right all the same. */
import { overlap } from '../../lambda/failover/decide/window';
import type { Said } from './documented';

export interface Judgement {
  /** Of the parameter, as documented.ts names it. */
  readonly of: RegExp;
  /** In the sentence. */
  readonly says: RegExp;
  readonly why: string;
  /** Where the sentence is a rule that can be checked. @default - it cannot be broken here */
  readonly holds?: (value: unknown, input: Said['input']) => boolean;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** Of a new instance both must be said: RDS would choose the other one by chance. */
function areApart(input: Said['input']): boolean {
  const { PreferredMaintenanceWindow: weekly, PreferredBackupWindow: daily, MasterUsername } = input;
  if (!isText(weekly) || !isText(daily)) return MasterUsername === undefined;
  return !overlap(daily, weekly);
}

const RDS_JUDGEMENTS: readonly Judgement[] = [
  {
    of: /^RDS .*\.BackupRetentionPeriod$/,
    says: /Can't be set to 0 if the DB instance is a source to read replicas/,
    why: 'The settings want backups wherever there are replicas.',
    holds: (value) => Number(value) > 0,
  },
  {
    of: /^RDS .*\.DeletionProtection$/,
    says: /database can't be deleted when deletion protection is enabled/,
    why: 'What it is for.',
  },
  {
    of: /^RDS .*\.Preferred(Maintenance|Backup)Window$/,
    says: /Must not conflict with the preferred (backup|maintenance) window/,
    why: 'The settings keep them apart (lib/settings/cross-checks.ts).',
    holds: (_, input) => areApart(input),
  },
  {
    of: /^RDS .*\.PerformanceInsightsRetentionPeriod$/,
    says: /retention period that isn't valid/,
    why: '7 days, a month times 31, or two years.',
    holds: (value) => value === 7 || value === 731 || Number(value) % 31 === 0,
  },
  {
    of: /^RDS .*\.StorageType$/,
    says: /io1, io2, or gp3,? you must also include a value for the Iops parameter/,
    why: 'Of gp3 below 400 GiB RDS refuses Iops ("You can\'t specify IOPS or storage throughput", crossplane#1630); the guide, "gp3 storage", gives it a baseline.',
    holds: (value, input) => !/^io/.test(String(value)) || input['Iops'] !== undefined,
  },
  {
    of: /^RDS CreateDBInstance\.DBName$/,
    says: /reserved|longer than 8 characters|Not applicable/,
    why: 'The settings refuse reserved words for PostgreSQL; the other two are of Db2, Oracle and SQL Server.',
    holds: (value) => isText(value) && value !== 'null',
  },
  {
    of: /^RDS CreateDBInstance\.MasterUsername$/,
    says: /Can't be a reserved word/,
    why: 'postgres is the name that AWS gives itself (console, Easy create).',
    holds: (value) => value === 'postgres',
  },
  {
    of: /^RDS CreateDBInstance\.MasterUserPassword$/,
    says: /Can't be specified if ManageMasterUserPassword is turned on/,
    why: 'The password is in a secret of the stack.',
    holds: (_, input) => input['ManageMasterUserPassword'] !== true,
  },
  {
    of: /^RDS .*\.(EnableCloudwatchLogsExports|MaxAllocatedStorage|VpcSecurityGroupIds)$/,
    says: /doesn't apply to the following DB instances:/,
    why: 'Aurora and RDS Custom follow in the list.',
  },
  {
    of: /^RDS DescribeDBSnapshots\.SnapshotType$/,
    says: /Include(Shared|Public) parameters? do(esn't|n't) apply/,
    why: 'Neither is sent.',
    holds: (_, input) => input['IncludeShared'] === undefined && input['IncludePublic'] === undefined,
  },
  {
    of: /^RDS CreateDBInstanceReadReplica\.PubliclyAccessible$/,
    says: /public access isn't permitted/,
    why: 'No database is public.',
    holds: (value) => value === false,
  },
  {
    of: /^RDS CreateDBInstanceReadReplica\.SourceDBInstanceIdentifier$/,
    says: /Can't be specified if the SourceDBClusterIdentifier/,
    why: 'Sources are instances.',
    holds: (_, input) => input['SourceDBClusterIdentifier'] === undefined,
  },
  {
    of: /^RDS .*\.Tags\[\]\.(Key|Value)$/,
    says: /can't be prefixed with aws:/,
    why: 'Tags of AWS are not copied.',
    holds: (value) => !/^(aws|rds):/i.test(String(value)),
  },
  {
    of: /^RDS DeleteDBInstance\.FinalDBSnapshotIdentifier$/,
    says: /Can't be specified when deleting a read replica/,
    why: 'decide/ asks for one of what follows nobody alone (test/lambda/failover/decide); here both requests are made of each.',
  },
];

const OTHER_JUDGEMENTS: readonly Judgement[] = [
  {
    of: /^CloudWatch PutMetricData\.(Namespace|MetricData\[\]\.Dimensions\[\]\.(Name|Value))$/,
    says: /control characters.*not supported/,
    why: 'Names of the site and of the stack have letters, digits and hyphens.',
    holds: (value) => isText(value) && /^[\x20-\x7e]+$/.test(value),
  },
  {
    of: /^CloudWatch PutMetricData\.MetricData\[\]\.Value$/,
    says: /special values .* are not supported/,
    why: 'It is 0 or 1.',
    holds: (value) => Number.isFinite(value),
  },
  {
    of: /^DynamoDB Query\.ConsistentRead$/,
    says: /not supported on global secondary indexes/,
    why: 'The table has none.',
    holds: (_, input) => input['IndexName'] === undefined,
  },
  {
    of: /^DynamoDB .*\.ExpressionAttributeNames$/,
    says: /conflicts with a reserved word/,
    why: 'What the parameter is for.',
  },
  {
    of: /^DynamoDB .*\.UpdateExpression$/,
    says: /The (ADD|DELETE) action only supports/,
    why: 'Only the beat, a number, is added to; nothing is deleted from a set.',
    holds: (value) => isText(value) && !/\bDELETE\b/.test(value) && /^[^]*?( ADD beat :one)?$/.test(value),
  },
  {
    of: /^EC2 DescribeLaunchTemplateVersions\.Versions$/,
    says: /cannot specify numbers/,
    why: 'Where no template is named.',
    holds: (_, input) => input['LaunchTemplateId'] !== undefined,
  },
  {
    of: /^Elastic Load Balancing v2 ModifyLoadBalancerAttributes\.Attributes\[\]\.Key$/,
    says: /default for Application Load Balancers is true, and can't be changed/,
    why: 'Of load_balancing.cross_zone.enabled.',
    holds: (value) => value !== 'load_balancing.cross_zone.enabled',
  },
  {
    of: /^Route 53 .*\.AliasTarget\.(DNSName|HostedZoneId)$/,
    says: /CloudFront|zone apex/,
    why: 'It leads to a load balancer, with a record of type A, in a public zone.',
    holds: (value) => !String(value).includes('cloudfront'),
  },
  {
    of: /^Route 53 .*\.ResourceRecordSet\.Name$/,
    says: /you can't specify \*prod/,
    why: 'No name has an asterisk.',
    holds: (value) => !String(value).includes('*'),
  },
  {
    of: /^Route 53 .*\.ResourceRecordSet\.Type$/,
    says: /CNAME record for the zone apex isn't supported/,
    why: 'writer and reader are names in the zone.',
  },
  {
    of: /^S3 PutObject\.ContentLength$/,
    says: /size of the body cannot be determined automatically/,
    why: 'What the parameter is for: the plan is a stream.',
  },
  {
    of: /^SNS Publish\.Subject$/,
    says: /less than 100 characters long/,
    why: 'lambda/failover/aws/notify.ts cuts it.',
    holds: (value) => isText(value) && /^[\x20-\x7e]{1,99}$/.test(value),
  },
];

export const JUDGEMENTS: readonly Judgement[] = [...RDS_JUDGEMENTS, ...OTHER_JUDGEMENTS];

/**
 * @returns a sentence for each that nobody has judged, and for each rule that is broken
 * @param judgements of all parameters
 */
export function unjudged(said: readonly Said[], judgements = JUDGEMENTS): string[] {
  return said.flatMap(({ parameter, sentence, value, input }) => {
    const fitting = judgements.filter(({ of, says }) => of.test(parameter) && says.test(sentence));
    if (fitting.length === 0) return [`${parameter}: nobody has judged "${sentence}"`];
    return fitting
      .filter(({ holds }) => holds && !holds(value, input))
      .map(() => `${parameter} is ${JSON.stringify(value)}: "${sentence}"`);
  });
}

/** Judgements of what nobody says, or sends, any more. */
export const idle = (said: readonly Said[]): readonly Judgement[] =>
  JUDGEMENTS.filter(
    ({ of, says }) => !said.some(({ parameter, sentence }) => of.test(parameter) && says.test(sentence)),
  );
