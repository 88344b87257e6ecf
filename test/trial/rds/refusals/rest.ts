/** Reboots, stops, deletions, snapshots, restores, tags, events, and pages. */
import { ARN, PRIMARY, REPLICA } from './prepared';
import { ACCEPTED, COMBINATION, rows, STATE, VALUE, type Row } from './row';

const THIS = { DBInstanceIdentifier: PRIMARY };
const remove = rows('DeleteDBInstance', 'a primary', THIS, 'API, DeleteDBInstance');
const snapshot = rows('CreateDBSnapshot', 'a primary', THIS, 'API, CreateDBSnapshot');
const RESTORE = { SourceDBInstanceIdentifier: PRIMARY, TargetDBInstanceIdentifier: 'restored' };
const restore = rows(
  'RestoreDBInstanceToPointInTime',
  'a primary',
  RESTORE,
  'API, RestoreDBInstanceToPointInTime',
);
const tag = rows(
  'AddTagsToResource',
  'a primary',
  { ResourceName: ARN },
  'guide, "Tagging Amazon RDS resources"',
);
const describe = rows('DescribeDBInstances', 'a primary', {}, 'API, DescribeDBInstances');
const events = rows('DescribeEvents', 'a primary', {}, 'API, DescribeEvents');

export const REST: readonly Row[] = [
  rows('RebootDBInstance', 'a primary', THIS, 'API, RebootDBInstance')('a reboot', {}, ACCEPTED, {
    shows: 'rebooting',
  }),
  rows('RebootDBInstance', 'a primary', THIS, 'API, RebootDBInstance')(
    'a failover of a Single-AZ instance',
    { ForceFailover: true },
    COMBINATION,
    {
      says: /not configured for MultiAZ/,
    },
  ),
  rows('RebootDBInstance', 'a Multi-AZ primary', THIS, 'API, RebootDBInstance')(
    'a failover',
    { ForceFailover: true },
    ACCEPTED,
    {
      shows: 'rebooting',
    },
  ),
  rows(
    'RebootDBInstance',
    'a primary',
    THIS,
    'API, RebootDBInstance',
  )('a reboot of nobody', { DBInstanceIdentifier: 'nobody' }, 'DBInstanceNotFound'),
  rows('StopDBInstance', 'a primary', THIS, 'API, StopDBInstance')('a stop', {}, ACCEPTED, {
    shows: 'stopping',
  }),
  rows(
    'StopDBInstance',
    'a primary and a replica',
    THIS,
    'guide, "Stopping a DB instance"',
  )('a stop of a source', {}, STATE),
  rows(
    'StopDBInstance',
    'a primary and a replica',
    { DBInstanceIdentifier: REPLICA },
    'guide, "Stopping a DB instance"',
  )('a stop of a replica', {}, STATE),
  rows('StartDBInstance', 'a primary', THIS, 'API, StartDBInstance')('a start of what runs', {}, STATE),
  rows(
    'StartDBInstance',
    'a stopped primary, no capacity any more',
    THIS,
    'API, StartDBInstance',
  )('a start where there is no room any more', {}, 'InsufficientDBInstanceCapacity'),

  remove('a deletion', { SkipFinalSnapshot: true }, ACCEPTED, { shows: 'deleting' }),
  remove('a deletion with a last snapshot', { FinalDBSnapshotIdentifier: 'last' }, ACCEPTED, {
    shows: 'deleting',
  }),
  remove('neither a last snapshot nor none', {}, COMBINATION),
  remove(
    'a last snapshot and none',
    { SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: 'last' },
    COMBINATION,
  ),
  remove('a last snapshot with a name that is none', { FinalDBSnapshotIdentifier: 'a--b' }, VALUE),
  remove(
    'a deletion of nobody',
    { DBInstanceIdentifier: 'nobody', SkipFinalSnapshot: true },
    'DBInstanceNotFound',
  ),
  rows('DeleteDBInstance', 'a primary with deletion protection', THIS, 'API; moto, test_rds.py')(
    'a protected one',
    { SkipFinalSnapshot: true },
    COMBINATION,
    {
      says: /Cannot delete protected DB Instance/,
    },
  ),
  rows(
    'DeleteDBInstance',
    'a primary and a replica',
    { DBInstanceIdentifier: REPLICA },
    'cloud-custodian#417; tf#4276',
  )('a replica with a last snapshot', { FinalDBSnapshotIdentifier: 'last' }, COMBINATION, {
    says: /can not be specified when deleting a replica instance/,
  }),
  rows('DeleteDBInstance', 'a primary and a replica', THIS, 'tf#31109; guide, "DB instance status"')(
    'a source',
    { SkipFinalSnapshot: true },
    ACCEPTED,
    {
      shows: 'delete-precheck',
    },
  ),
  rows(
    'DeleteDBInstance',
    'a primary with the manual snapshot `taken`',
    THIS,
    'terraform-aws-modules/terraform-aws-rds#445',
  )('a last snapshot whose name is taken', { FinalDBSnapshotIdentifier: 'taken' }, 'DBSnapshotAlreadyExists'),
  rows('DeleteDBInstance', 'a primary with 100 manual snapshots', THIS, 'radius-project/samples#842')(
    'a last snapshot, the hundred-and-first',
    { FinalDBSnapshotIdentifier: 'last' },
    'SnapshotQuotaExceeded',
    { says: /Cannot create more than 100 manual snapshots/ },
  ),
  rows('DeleteDBInstance', 'a primary, and 40 retained automated backups', THIS, 'tf#26530; API')(
    'its backups kept, the forty-first',
    { SkipFinalSnapshot: true, DeleteAutomatedBackups: false },
    'DBInstanceAutomatedBackupQuotaExceeded',
    { says: /quota for retained automated backups was exceeded/ },
  ),
  rows('DeleteDBInstance', 'a primary, and 40 retained automated backups', THIS, 'API')(
    'its backups not kept',
    { SkipFinalSnapshot: true },
    ACCEPTED,
    { shows: 'deleting' },
  ),

  snapshot('a snapshot', { DBSnapshotIdentifier: 'new' }, ACCEPTED, { shows: 'backing-up' }),
  ...['', 'no good', '1st', 'a-', 'x'.repeat(256)].map((DBSnapshotIdentifier) =>
    snapshot(
      `snapshot \`${DBSnapshotIdentifier.replace(/x{9,}/, '256 letters')}\``,
      { DBSnapshotIdentifier },
      VALUE,
    ),
  ),
  snapshot(
    'a snapshot of nobody',
    { DBInstanceIdentifier: 'nobody', DBSnapshotIdentifier: 'new' },
    'DBInstanceNotFound',
  ),
  snapshot(
    'a snapshot with a tag `aws:x`',
    { DBSnapshotIdentifier: 'new', Tags: [{ Key: 'aws:x', Value: '' }] },
    VALUE,
  ),
  rows(
    'CreateDBSnapshot',
    'a primary with the manual snapshot `taken`',
    THIS,
    'API, CreateDBSnapshot',
  )('a snapshot whose name is taken', { DBSnapshotIdentifier: 'taken' }, 'DBSnapshotAlreadyExists'),
  rows(
    'CreateDBSnapshot',
    'a primary with 100 manual snapshots',
    THIS,
    'radius-project/samples#842',
  )('the hundred-and-first', { DBSnapshotIdentifier: 'new' }, 'SnapshotQuotaExceeded'),
  rows(
    'CreateDBSnapshot',
    'a primary and a replica',
    { DBInstanceIdentifier: REPLICA },
    'guide: manual snapshots of PostgreSQL replicas',
  )('a snapshot of a replica', { DBSnapshotIdentifier: 'new' }, ACCEPTED),
  rows(
    'DeleteDBSnapshot',
    'a primary',
    {},
    'API, DeleteDBSnapshot',
  )('a snapshot that is not there', { DBSnapshotIdentifier: 'x' }, 'DBSnapshotNotFound'),
  rows(
    'DeleteDBSnapshot',
    'a primary with the manual snapshot `taken`',
    {},
    'API, DeleteDBSnapshot',
  )('a snapshot', { DBSnapshotIdentifier: 'taken' }, ACCEPTED),
  rows(
    'DeleteDBSnapshot',
    'backing-up',
    {},
    'API, DeleteDBSnapshot: "must be in the available state"',
  )('a snapshot that is still being taken', { DBSnapshotIdentifier: 'now' }, 'InvalidDBSnapshotState'),
  rows(
    'DescribeDBSnapshots',
    'a primary',
    {},
    'API, DescribeDBSnapshots',
  )('a snapshot that is not there', { DBSnapshotIdentifier: 'x' }, 'DBSnapshotNotFound'),
  rows(
    'DescribeDBSnapshots',
    'a primary',
    {},
    'API, DescribeDBSnapshots',
  )('a type that is none', { SnapshotType: 'odd' }, VALUE),

  restore('the latest time', { UseLatestRestorableTime: true }, ACCEPTED, { source: 'API' }),
  restore('no time', {}, COMBINATION),
  restore('a time and the latest', { UseLatestRestorableTime: true, RestoreTime: new Date(0) }, COMBINATION),
  restore('a time before the first backup', { RestoreTime: new Date(0) }, VALUE),
  restore('no source', { SourceDBInstanceIdentifier: undefined, UseLatestRestorableTime: true }, COMBINATION),
  restore(
    'a source that is not there',
    { SourceDBInstanceIdentifier: 'nobody', UseLatestRestorableTime: true },
    'DBInstanceNotFound',
  ),
  restore(
    'backups that are not there',
    { SourceDBInstanceIdentifier: undefined, SourceDbiResourceId: 'db-X', UseLatestRestorableTime: true },
    'DBInstanceAutomatedBackupNotFound',
  ),
  restore(
    'the name of the source',
    { TargetDBInstanceIdentifier: PRIMARY, UseLatestRestorableTime: true },
    'DBInstanceAlreadyExists',
  ),
  restore('a maximum of 105 %', { UseLatestRestorableTime: true, MaxAllocatedStorage: 21 }, COMBINATION, {
    says: /at least 10 percent/,
  }),
  restore(
    'Iops of gp3 below 400 GiB',
    { UseLatestRestorableTime: true, StorageType: 'gp3', Iops: 12_000 },
    COMBINATION,
  ),
  rows(
    'RestoreDBInstanceToPointInTime',
    'a primary without backups',
    RESTORE,
    'API',
  )('of an instance without backups', { UseLatestRestorableTime: true }, 'PointInTimeRestoreNotEnabled'),
  rows(
    'RestoreDBInstanceToPointInTime',
    'a primary, no capacity any more',
    RESTORE,
    'API',
  )('where there is no room', { UseLatestRestorableTime: true }, 'InsufficientDBInstanceCapacity'),

  tag('a tag', { Tags: [{ Key: 'a', Value: 'b' }] }, ACCEPTED),
  tag('a tag `aws:x`', { Tags: [{ Key: 'aws:x', Value: '' }] }, VALUE),
  tag('a tag without a key', { Tags: [{ Key: '', Value: '' }] }, VALUE),
  rows(
    'AddTagsToResource',
    'a primary with 40 tags',
    { ResourceName: ARN },
    'guide, "Tagging Amazon RDS resources"',
  )(
    'eleven more',
    { Tags: Array.from({ length: 11 }, (_, index) => ({ Key: `more${index}`, Value: '' })) },
    VALUE,
  ),
  rows(
    'AddTagsToResource',
    'a primary with 40 tags',
    { ResourceName: ARN },
    'guide, "Tagging Amazon RDS resources"',
  )(
    'the same again',
    { Tags: Array.from({ length: 40 }, (_, index) => ({ Key: `k${index}`, Value: 'other' })) },
    ACCEPTED,
  ),
  tag('a tag of nobody', { ResourceName: `${ARN}x`, Tags: [] }, 'DBInstanceNotFound'),
  tag(
    'a tag of another account',
    { ResourceName: ARN.replace('1234', '4321'), Tags: [] },
    'DBInstanceNotFound',
  ),
  tag('a tag of what is no ARN', { ResourceName: PRIMARY, Tags: [] }, VALUE),
  rows(
    'RemoveTagsFromResource',
    'a primary',
    { ResourceName: `${ARN}x`, TagKeys: ['a'] },
    'API',
  )('a tag of nobody', {}, 'DBInstanceNotFound'),
  rows(
    'ListTagsForResource',
    'a primary',
    { ResourceName: ARN.replace(':db:', ':snapshot:') },
    'API',
  )('tags of a snapshot that is not there', {}, 'DBSnapshotNotFound'),

  describe('nobody', { DBInstanceIdentifier: 'nobody' }, 'DBInstanceNotFound'),
  describe(
    'an ARN of another region',
    { DBInstanceIdentifier: ARN.replace('us-east-1', 'us-west-2') },
    'DBInstanceNotFound',
  ),
  ...[19, 101].map((MaxRecords) => describe(`pages of ${MaxRecords}`, { MaxRecords }, VALUE)),
  ...[20, 100].map((MaxRecords) => describe(`pages of ${MaxRecords}`, { MaxRecords }, ACCEPTED)),
  describe('a marker that is none', { Marker: 'none' }, VALUE),
  describe('a filter that is none', { Filters: [{ Name: 'colour', Values: ['red'] }] }, VALUE),
  describe('a filter without values', { Filters: [{ Name: 'engine', Values: [] }] }, COMBINATION),
  events('a source without its type', { SourceIdentifier: PRIMARY }, COMBINATION, {
    says: /source identifier without source type/,
  }),
  events('more than fourteen days', { Duration: 20_161 }, VALUE),
  events('a length and a beginning', { Duration: 60, StartTime: new Date(0) }, COMBINATION),
  events('an end before the beginning', { StartTime: new Date(2), EndTime: new Date(1) }, COMBINATION),
];
