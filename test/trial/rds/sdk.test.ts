import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  paginateDescribeDBInstances,
  PromoteReadReplicaCommand,
  type RDSClient,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
  RestoreDBInstanceToPointInTimeCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import type { RunningRds } from '../../../trial/rds/start';
import { clientOf, serve } from './served';
import { NEW } from './world';

let rds: RunningRds;
let client: RDSClient;

beforeAll(async () => {
  rds = await serve();
  client = clientOf(rds.url);
});
afterAll(async () => {
  client.destroy();
  await rds.close();
});

const name = 'site-primary';
const this_ = { DBInstanceIdentifier: name };

/** Waits until the instance is seen in a state; the test's own time limit ends it. */
async function seen(identifier: string, status: string) {
  for (;;) {
    const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier });
    const answer = await client.send(command).catch((error: Error) => {
      // A new name is not known at once.
      if (error.name !== 'DBInstanceNotFoundFault') throw error;
    });
    const instance = answer?.DBInstances![0];
    if (instance?.DBInstanceStatus === status) return instance;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('right calls', () => {
  test('an instance is made and described with what was said of it', async () => {
    const { DBInstance } = await client.send(
      new CreateDBInstanceCommand({
        ...NEW,
        EnableCloudwatchLogsExports: ['postgresql', 'upgrade'],
        Tags: [{ Key: 'note', Value: 'a <b> & "c"\n' }],
        MonitoringInterval: 60,
        MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring',
        DeletionProtection: true,
      }),
    );
    expect(DBInstance).toMatchObject({ DBInstanceStatus: 'creating', DeletionProtection: true });
    const instance = await seen(name, 'available');
    expect(instance).toMatchObject({
      EnabledCloudwatchLogsExports: ['postgresql', 'upgrade'],
      TagList: [{ Key: 'note', Value: 'a <b> & "c"\n' }],
      MonitoringInterval: 60,
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-1', Status: 'active' }],
      InstanceCreateTime: expect.any(Date),
      ReadReplicaDBInstanceIdentifiers: [],
      MultiAZ: false,
    });
  });

  test('replicas, snapshots, restores, tags, events', async () => {
    await client.send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'replica',
        SourceDBInstanceIdentifier: `arn:aws:rds:us-east-1:123456789012:db:${name}`,
      }),
    );
    expect(await seen('replica', 'available')).toMatchObject({
      ReadReplicaSourceDBInstanceIdentifier: name,
      StatusInfos: [{ StatusType: 'read replication', Normal: true, Status: 'replicating' }],
    });
    await client.send(new RebootDBInstanceCommand(this_));
    await seen(name, 'available');
    await client.send(new CreateDBSnapshotCommand({ ...this_, DBSnapshotIdentifier: 'by-hand' }));
    await seen(name, 'available');
    const snapshots = await client.send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }));
    expect(snapshots.DBSnapshots).toMatchObject([{ DBSnapshotIdentifier: 'by-hand', PercentProgress: 100 }]);
    await client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'by-hand' }));
    await client.send(
      new RestoreDBInstanceToPointInTimeCommand({
        SourceDBInstanceIdentifier: name,
        TargetDBInstanceIdentifier: 'restored',
        RestoreTime: (await seen(name, 'available')).LatestRestorableTime,
      }),
    );
    await seen('restored', 'available');
    await client.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'replica' }));
    expect(await seen('replica', 'available')).toMatchObject({ BackupRetentionPeriod: 1 });
    await client.send(new StopDBInstanceCommand({ DBInstanceIdentifier: 'replica' }));
    await seen('replica', 'stopped');
    await client.send(new StartDBInstanceCommand({ DBInstanceIdentifier: 'replica' }));
    await seen('replica', 'available');

    const ResourceName = (await seen(name, 'available')).DBInstanceArn;
    await client.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'b', Value: '' }] }));
    await client.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['note'] }));
    const { TagList } = await client.send(new ListTagsForResourceCommand({ ResourceName }));
    expect(TagList).toEqual([{ Key: 'b', Value: '' }]);

    const { Events } = await client.send(
      new DescribeEventsCommand({ SourceType: 'db-instance', EventCategories: ['creation'], Duration: 60 }),
    );
    expect(Events!.map(({ SourceIdentifier }) => SourceIdentifier)).toEqual([name, 'replica', 'restored']);
  });

  test('a page ends with a marker, and the next begins behind it', async () => {
    for (let index = 10; index < 40; index++) {
      await client.send(
        new CreateDBInstanceCommand({
          ...NEW,
          DBInstanceIdentifier: `many-${index}`,
          BackupRetentionPeriod: 0,
        }),
      );
    }
    const pages: number[] = [];
    const identifiers = new Set<string>();
    for await (const { DBInstances } of paginateDescribeDBInstances({ client, pageSize: 20 }, {})) {
      pages.push(DBInstances!.length);
      for (const { DBInstanceIdentifier } of DBInstances!) identifiers.add(DBInstanceIdentifier!);
    }
    expect(pages).toEqual([20, 13]);
    expect(identifiers.size).toBe(33);
  });

  test('a renamed and unprotected instance is deleted', async () => {
    const ApplyImmediately = true;
    const change = { NewDBInstanceIdentifier: 'renamed', DeletionProtection: false, ApplyImmediately };
    await client.send(new ModifyDBInstanceCommand({ ...this_, ...change }));
    await seen('renamed', 'available');
    const gone = { DBInstanceIdentifier: 'renamed', SkipFinalSnapshot: true };
    const { DBInstance } = await client.send(new DeleteDBInstanceCommand(gone));
    expect(DBInstance!.DBInstanceStatus).toBe('deleting');
  });
});

test.each([
  ['DBInstanceNotFoundFault', 404, new RebootDBInstanceCommand({ DBInstanceIdentifier: 'nobody' })],
  ['DBSnapshotNotFoundFault', 404, new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'nothing' })],
  [
    'DBInstanceAlreadyExistsFault',
    400,
    new CreateDBInstanceCommand({ ...NEW, DBInstanceIdentifier: 'many-10' }),
  ],
  ['InvalidDBInstanceStateFault', 400, new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'many-10' })],
  ['InvalidParameterCombination', 400, new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'many-10' })],
  ['InvalidParameterValue', 400, new RebootDBInstanceCommand({ DBInstanceIdentifier: undefined })],
  ['InvalidParameterValue', 400, new DescribeDBInstancesCommand({ MaxRecords: 101 })],
  ['InvalidParameterValue', 400, new DescribeDBInstancesCommand({ Marker: 'made-up' })],
])('%s with status %i for a wrong call', async (error, status, command) => {
  await expect(client.send(command as RebootDBInstanceCommand)).rejects.toMatchObject({
    name: error,
    $metadata: { httpStatusCode: status, requestId: expect.stringMatching(/^[\da-f-]{36}$/) },
  });
});
