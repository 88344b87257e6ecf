import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeEventsCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  paginateDescribeDBInstances,
  PromoteReadReplicaCommand,
  RDSClient,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
  RestoreDBInstanceToPointInTimeCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RdsError } from '../../../trial/rds/model/errors';
import { anySurroundings } from '../../../trial/rds/model/surroundings';
import { errorXml } from '../../../trial/rds/protocol/serialize';
import type { Fault } from '../../../trial/rds/protocol/faults';
import type { RunningRds } from '../../../trial/rds/start';
import { serve } from './served';
import { NEW } from './world';

let rds: RunningRds;
let client: RDSClient;
let emulator: Server;
let fault: Fault | undefined;
const asked: (string | undefined)[][] = [];
const forwarded: string[] = [];

const clientOf = (endpoint: string) =>
  new RDSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });

beforeAll(async () => {
  emulator = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      if (request.url?.startsWith('/refusing')) {
        response.writeHead(404, { 'content-type': 'text/xml' });
        response.end(errorXml(new RdsError('DBSubnetGroupNotFoundFault', 404, 'No such group.'), 'id'));
        return;
      }
      forwarded.push(body);
      response.end(
        '<DescribeDBSubnetGroupsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBSubnetGroupsResult>' +
          '<DBSubnetGroups><DBSubnetGroup><DBSubnetGroupName>of-the-emulator</DBSubnetGroupName></DBSubnetGroup>' +
          '</DBSubnetGroups></DescribeDBSubnetGroupsResult></DescribeDBSubnetGroupsResponse>',
      );
    });
  });
  await new Promise<void>((resolve) => emulator.listen(0, '127.0.0.1', resolve));
  rds = await serve({
    fallback: `http://127.0.0.1:${(emulator.address() as AddressInfo).port}`,
    faults: (operation, identifier) => {
      asked.push([operation, identifier]);
      return fault;
    },
  });
  client = clientOf(rds.url);
});
afterAll(async () => {
  client.destroy();
  await rds.close();
  emulator.closeAllConnections();
  emulator.close();
});
afterEach(() => {
  fault = undefined;
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

test('an operation that is not ours is answered by the emulator, as it came', async () => {
  const { DBSubnetGroups } = await client.send(new DescribeDBSubnetGroupsCommand({ MaxRecords: 20 }));
  expect(DBSubnetGroups).toMatchObject([{ DBSubnetGroupName: 'of-the-emulator' }]);
  expect(forwarded).toEqual([expect.stringContaining('Action=DescribeDBSubnetGroups')]);
  expect(forwarded[0]).toContain('MaxRecords=20');
});

test.each([
  [{ kind: 'throttle' }, 'Throttling', 400, 'Rate exceeded'],
  [{ kind: 'fail' }, 'InternalFailure', 500, expect.any(String)],
] as const)('a call can be made to %j', async (what, error, httpStatusCode, message) => {
  fault = what;
  const call = client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'many-10' }));
  await expect(call).rejects.toMatchObject({ name: error, message, $metadata: { httpStatusCode } });
  expect(asked.at(-1)).toEqual(['RebootDBInstance', 'many-10']);
  fault = undefined;
  expect(await seen('many-10', 'available')).toBeDefined();
});

test('a delayed call is answered all the same', async () => {
  fault = { kind: 'delay', milliseconds: 20 };
  const begun = performance.now();
  await client.send(new DescribeDBInstancesCommand({}));
  expect(performance.now() - begun).toBeGreaterThan(18);
});

/** Code in the answer to a request that no SDK would send. */
async function raw(body: string, path = '/', method = 'POST'): Promise<string> {
  const answer = await fetch(rds.url + path, { method, ...(method === 'POST' && { body }) });
  const text = await answer.text();
  return `${answer.status} ${text.match(/<Code>(\w+)<\/Code>/)?.[1] ?? 'fine'}`;
}

test.each([
  ['', '400 MissingAction'],
  ['Action=', '400 MissingAction'],
  ['Action=DescribeDBInstances&Version=2001-01-01', '400 InvalidAction'],
  ['Action=DescribeDBInstances&MaxRecords=many', '400 MalformedInput'],
  ['Action=DescribeEvents&StartTime=yesterday', '400 MalformedInput'],
  ['Action=DescribeEvents&SourceType=planet', '400 InvalidParameterValue'],
  ['Action=RebootDBInstance&DBInstanceIdentifier=many-10&ForceFailover=perhaps', '400 MalformedInput'],
  ['Action=DescribeDBInstances&Filters.Filter.1.Name=engine', '400 InvalidParameterValue'],
  [
    'Action=DescribeDBInstances&Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.1=postgres',
    '200 fine',
  ],
  [
    'Action=DescribeDBInstances&Filters.member.1.Name=engine&Filters.member.1.Values.member.1=mysql',
    '200 fine',
  ],
  ['Action=DescribeDBInstances&Unheard=of', '200 fine'],
  [`Action=DescribeDBInstances&Padding=${'x'.repeat(2 ** 20)}`, '413 RequestEntityTooLarge'],
  ['Action=constructor', '200 fine'],
])('raw request %.70s: %s', async (body, expected) => {
  expect(await raw(body)).toBe(expected);
});

test('a request may come in the query string', async () => {
  expect(await raw('', '/?Action=DescribeDBInstances&Version=2014-10-31', 'GET')).toBe('200 fine');
});

test('without an emulator, an operation that is not ours is an InvalidAction', async () => {
  const alone = await serve();
  const its = clientOf(alone.url);
  const call = its.send(new DescribeDBSubnetGroupsCommand({}));
  await expect(call).rejects.toMatchObject({ name: 'InvalidAction', $metadata: { httpStatusCode: 400 } });
  its.destroy();
  await alone.close();
});

test('what the emulator refuses when it is asked for a group is refused', async () => {
  const other = clientOf(`http://127.0.0.1:${(emulator.address() as AddressInfo).port}/refusing`);
  const alone = await serve({
    surroundings: {
      ...anySurroundings('123456789012', 'us-east-1'),
      subnetGroup: async (DBSubnetGroupName) =>
        (await other.send(new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName }))).DBSubnetGroups![0],
    },
  });
  const its = clientOf(alone.url);
  const call = its.send(new CreateDBInstanceCommand({ ...NEW, DBSubnetGroupName: 'nothing' }));
  await expect(call).rejects.toMatchObject({
    name: 'DBSubnetGroupNotFoundFault',
    message: 'No such group.',
    $metadata: { httpStatusCode: 404 },
  });
  for (const each of [its, other]) each.destroy();
  await alone.close();
});

test('an emulator that does not answer is a ServiceUnavailable that says so', async () => {
  const alone = await serve({ fallback: 'http://127.0.0.1:1' });
  const its = clientOf(alone.url);
  await expect(its.send(new DescribeDBSubnetGroupsCommand({}))).rejects.toMatchObject({
    message: expect.stringContaining('The emulator at http://127.0.0.1:1 does not answer'),
    $metadata: { httpStatusCode: 503 },
  });
  its.destroy();
  await alone.close();
});

test('a port that is taken is an error that names it', async () => {
  await expect(serve({ port: rds.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
