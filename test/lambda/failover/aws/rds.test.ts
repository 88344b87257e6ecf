import { CreateDBInstanceCommand, type RDSClient } from '@aws-sdk/client-rds';
import { rdsClient, rdsFor } from '../../../../lambda/failover/aws/rds';
import type { RdsPort } from '../../../../lambda/failover/ports';
import { clientOf, serve } from '../../../trial/rds/served';
import { NEW } from '../../../trial/rds/world';

let running: Awaited<ReturnType<typeof serve>>;
let client: RDSClient;
let rds: RdsPort;
const before = { ...process.env };

const primary = { DBInstanceIdentifier: 'mysite-primary' };
const replica = { DBInstanceIdentifier: 'mysite-replica-1' };

async function available(identifier: string) {
  for (;;) {
    const { DBInstances } = await rds.call('DescribeDBInstances', {});
    const instance = DBInstances!.find((one) => one.DBInstanceIdentifier === identifier);
    if (instance?.DBInstanceStatus === 'available') return instance;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

beforeAll(async () => {
  running = await serve();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_RDS: running.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
  client = rdsClient('us-east-1');
  rds = rdsFor(client);
  const maker = clientOf(running.url);
  await maker.send(new CreateDBInstanceCommand({ ...NEW, ...primary }));
  maker.destroy();
  await available('mysite-primary');
});

afterAll(async () => {
  process.env = before;
  client?.destroy();
  await running?.close();
});

test('each operation is asked of RDS', async () => {
  await rds.call('CreateDBInstanceReadReplica', {
    ...replica,
    SourceDBInstanceIdentifier: 'mysite-primary',
  });
  expect(await available('mysite-replica-1')).toMatchObject({
    ReadReplicaSourceDBInstanceIdentifier: 'mysite-primary',
    DbiResourceId: expect.stringMatching(/^db-/),
  });
  await rds.call('ModifyDBInstance', {
    ...replica,
    VpcSecurityGroupIds: ['sg-2'],
    ApplyImmediately: true,
  });
  const groups = (await available('mysite-replica-1')).VpcSecurityGroups!;
  expect(groups.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId)).toEqual(['sg-2']);
  await rds.call('RebootDBInstance', replica);
  await available('mysite-replica-1');
  await rds.call('PromoteReadReplica', { ...replica, BackupRetentionPeriod: 7 });
  const promoted = await available('mysite-replica-1');
  expect(promoted).toMatchObject({ BackupRetentionPeriod: 7 });
  expect(promoted.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
  const { DBInstance } = await rds.call('DeleteDBInstance', { ...replica, SkipFinalSnapshot: true });
  expect(DBInstance).toMatchObject({ DBInstanceStatus: 'deleting' });
});

test.each([
  ['not-found', 'RebootDBInstance', { DBInstanceIdentifier: 'nobody' }],
  ['wrong-state', 'PromoteReadReplica', primary],
  [
    'already-exists',
    'CreateDBInstanceReadReplica',
    { ...primary, SourceDBInstanceIdentifier: 'mysite-primary' },
  ],
  ['invalid', 'DeleteDBInstance', primary],
] as const)('a refusal is told as %s', async (outcome, operation, request) => {
  await expect(rds.call(operation, request)).rejects.toMatchObject({
    name: 'CallFailed',
    outcome,
    message: expect.stringContaining(`rds ${operation}: ${outcome}: `),
  });
});
