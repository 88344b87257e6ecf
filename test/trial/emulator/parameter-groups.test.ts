import {
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../../../trial/emulator/start';
import { Processes } from '../../../trial/processes';
import { TRIAL_ACCOUNT, type Target, clientConfig } from '../../../trial/target';
import { serve } from '../rds/served';
import { Stack } from './stack';

jest.setTimeout(60_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const processes = new Processes();
let rds: Awaited<ReturnType<typeof serve>>;
let client: RDSClient;
let target: Target;
let stack: Stack;

beforeAll(async () => {
  rds = await serve({ region: 'eu-central-1', accountId: TRIAL_ACCOUNT });
  const { endpoint } = await startEmulator(processes, undefined, { TRIAL_RDS_URL: rds.url });
  target = { endpoint, region: 'eu-central-1', account: TRIAL_ACCOUNT };
  client = new RDSClient(clientConfig(target));
  stack = new Stack(target, 'Data');
});
afterAll(async () => {
  client.destroy();
  await processes.endAll();
  await rds.close();
});

const template = (parameters: Record<string, string>, instance: object = {}) => ({
  Resources: {
    Parameters: {
      Type: 'AWS::RDS::DBParameterGroup',
      Properties: {
        Family: 'postgres17',
        Description: 'Primary and replicas',
        Parameters: parameters,
        Tags: [{ Key: 'a', Value: 'b' }],
      },
    },
    Primary: {
      Type: 'AWS::RDS::DBInstance',
      DeletionPolicy: 'Delete',
      Properties: {
        DBInstanceIdentifier: 'primary',
        DBInstanceClass: 'db.t4g.micro',
        Engine: 'postgres',
        AllocatedStorage: '20',
        MasterUsername: 'postgres',
        MasterUserPassword: 'correct-horse',
        BackupRetentionPeriod: 0,
        DBParameterGroupName: { Ref: 'Parameters' },
        ...instance,
      },
    },
  },
});

/** Status of the group at the instance, and what its server has. */
async function seen() {
  const { DBInstances } = await client.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'primary' }),
  );
  const [instance] = DBInstances!;
  const { parameters } = rds.plane.servers.get(instance!.DbiResourceId!)!;
  return { status: instance!.DBParameterGroups![0]!.ParameterApplyStatus, parameters };
}

const complete = (status: string) => ({ status, failures: {} });

test('a group that cannot be made whole is not made', async () => {
  const failing = new Stack(target, 'Failing');
  const { status, failures } = await failing.create(template({ work_mem: '8MB' }));
  expect(status).toBe('ROLLBACK_COMPLETE');
  expect(failures['Parameters']).toContain('Invalid parameter value: 8MB for: work_mem');
  expect(rds.model.toJSON().parameterGroups).toEqual([]);
});

test('a group of a template is the one that servers have', async () => {
  const parameters = { 'rds.logical_replication': '1', max_connections: '100' };
  expect(await stack.create(template(parameters))).toMatchObject(complete('CREATE_COMPLETE'));
  expect(await seen()).toEqual({ status: 'in-sync', parameters });
});

test('values that change reach servers: dynamic ones at once, static ones at a reboot', async () => {
  const parameters = { max_connections: '50', work_mem: '8192' };
  expect(await stack.update(template(parameters))).toMatchObject(complete('UPDATE_COMPLETE'));
  expect(await seen()).toEqual({
    status: 'pending-reboot',
    parameters: { 'rds.logical_replication': '1', max_connections: '100', work_mem: '8192' },
  });
  const { DBInstances } = await client.send(new DescribeDBInstancesCommand({}));
  const { DBParameterGroupName } = DBInstances![0]!.DBParameterGroups![0]!;
  const { Parameters } = await client.send(
    new DescribeDBParametersCommand({ DBParameterGroupName, Source: 'user' }),
  );
  expect(Parameters!.map(({ ParameterName, ApplyMethod }) => [ParameterName, ApplyMethod])).toEqual([
    ['max_connections', 'pending-reboot'],
    ['work_mem', 'immediate'],
  ]);
});

test('whatever the next update of the instance is about, it reboots', async () => {
  const parameters = { max_connections: '50', work_mem: '8192' };
  const next = template(parameters, { CopyTagsToSnapshot: true });
  expect(await stack.update(next)).toMatchObject(complete('UPDATE_COMPLETE'));
  expect(await seen()).toEqual({ status: 'in-sync', parameters });
  expect(rds.plane.calls.filter((call) => call.startsWith('reboot'))).toHaveLength(1);
});

test('a parameter that RDS does not know fails the update, and nothing of it stays', async () => {
  const { status, failures } = await stack.update(template({ work_mem: '4096', made_up: '1' }));
  expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(failures['Parameters']).toContain('Unsupported DB Parameter: made_up');
  expect((await seen()).parameters).toEqual({ max_connections: '50', work_mem: '8192' });
});

test('both go with the stack; an instance that somebody else is deleting is waited for', async () => {
  const remove = rds.plane.remove.bind(rds.plane);
  rds.plane.remove = async (...of) => {
    await sleep(1_000);
    await remove(...of);
  };
  await client.send(
    new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'primary', SkipFinalSnapshot: true }),
  );
  expect(await stack.delete()).toMatchObject(complete('DELETE_COMPLETE'));
  expect(rds.model.toJSON().parameterGroups).toEqual([]);
});
