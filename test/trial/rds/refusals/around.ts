/** What a request names of the account around: security groups, zones, roles, quotas. */
import { FOREIGN_GROUP, NO_GROUP, PRIMARY, STRANGE_ROLE } from './prepared';
import { ACCEPTED, COMBINATION, rows, type Row, VALUE } from './row';
import { NEW } from '../world';

const VPC = {
  says: /The DB instance and EC2 security group are in different VPCs/,
  source: 'terraform-aws-modules/terraform-aws-rds#451, #609; crossplane/crossplane#179',
};
const NONE = { source: 'API, ModifyDBInstance: "must match existing VPC security group IDs"' };
const ROLE = {
  says: /does not include the required permissions for: ENHANCED_MONITORING/,
  source: 'pulumi/pulumi#5628; terraform-aws-modules/terraform-aws-rds#393: of a role that was just made',
};
const ZONE = { says: /unavailable in this region/, source: 'tf#5725 (of Aurora)' };
const ZONES = {
  says: /doesn't meet Availability Zone \(AZ\) coverage requirement/,
  source: 'cfn#189, #286; API, DBSubnetGroupDoesNotCoverEnoughAZs',
};
const STORAGE = {
  says: /storage quota for this account has been exceeded/,
  source: 'ministryofjustice/cloud-platform#6424',
};

const NAMED = {
  CreateDBInstance: { ...NEW, DBInstanceIdentifier: 'new' },
  CreateDBInstanceReadReplica: { DBInstanceIdentifier: 'new', SourceDBInstanceIdentifier: PRIMARY },
  RestoreDBInstanceToPointInTime: {
    SourceDBInstanceIdentifier: PRIMARY,
    TargetDBInstanceIdentifier: 'new',
    UseLatestRestorableTime: true,
  },
} as const;

/** Of all that make an instance. */
const OF_NEW = (Object.keys(NAMED) as (keyof typeof NAMED)[]).flatMap((operation): readonly Row[] => {
  const make = rows(operation, 'a primary', NAMED[operation], 'API');
  const single = rows(operation, 'a primary in a subnet group of one zone', NAMED[operation], 'API');
  const inGroup = { ...(operation === 'CreateDBInstance' && { DBSubnetGroupName: 'one-zone' }) };
  return [
    make(
      'a security group of another VPC',
      { VpcSecurityGroupIds: ['sg-1', FOREIGN_GROUP] },
      COMBINATION,
      VPC,
    ),
    make('a security group that is not there', { VpcSecurityGroupIds: [NO_GROUP] }, VALUE, NONE),
    make('a zone without a subnet', { AvailabilityZone: 'us-east-1f' }, 'InvalidVPCNetworkStateFault', ZONE),
    make('a zone with a subnet', { AvailabilityZone: 'us-east-1b' }, ACCEPTED),
    single(
      'Multi-AZ in one zone',
      { ...inGroup, MultiAZ: true },
      'DBSubnetGroupDoesNotCoverEnoughAZs',
      ZONES,
    ),
    rows(operation, 'a primary where 100,000 GiB are allocated', NAMED[operation], 'API')(
      'one more',
      {},
      'StorageQuotaExceeded',
      STORAGE,
    ),
  ];
});

const create = rows('CreateDBInstance', 'an empty account', NEW, 'API, CreateDBInstance');
const monitored = { MonitoringInterval: 60, MonitoringRoleArn: STRANGE_ROLE };
const modify = rows(
  'ModifyDBInstance',
  'a primary',
  { DBInstanceIdentifier: PRIMARY, ApplyImmediately: true },
  'API, ModifyDBInstance',
);

export const AROUND: readonly Row[] = [
  ...OF_NEW,
  create('a monitoring role that cannot be taken on', monitored, VALUE, ROLE),
  rows('CreateDBInstanceReadReplica', 'a primary', NAMED.CreateDBInstanceReadReplica, 'API')(
    'a monitoring role that cannot be taken on',
    monitored,
    VALUE,
    ROLE,
  ),
  modify('a monitoring role that cannot be taken on', monitored, VALUE, ROLE),
  modify('a security group of another VPC', { VpcSecurityGroupIds: [FOREIGN_GROUP] }, COMBINATION, VPC),
  modify('a security group that is not there', { VpcSecurityGroupIds: [NO_GROUP] }, VALUE, NONE),
  rows(
    'ModifyDBInstance',
    'a primary in a subnet group of one zone',
    { DBInstanceIdentifier: PRIMARY, ApplyImmediately: true },
    'API',
  )('Multi-AZ in one zone', { MultiAZ: true }, 'DBSubnetGroupDoesNotCoverEnoughAZs', ZONES),
  rows(
    'ModifyDBInstance',
    'a primary where 100,000 GiB are allocated',
    { DBInstanceIdentifier: PRIMARY, ApplyImmediately: true },
    'API',
  )('more storage', { AllocatedStorage: 30 }, 'StorageQuotaExceeded', STORAGE),
];
