import { SetStackPolicyCommand } from '@aws-sdk/client-cloudformation';
import { startEmulator } from '../../../trial/emulator/start';
import { Processes } from '../../../trial/processes';
import { TRIAL_ACCOUNT, type Target } from '../../../trial/target';
import { Stack } from './stack';

jest.setTimeout(60_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const processes = new Processes();
let target: Target;
let stack: Stack;

const database = (days: number) => ({
  Type: 'AWS::RDS::DBInstance',
  Properties: {
    DBInstanceIdentifier: 'mysite-primary',
    DBInstanceClass: 'db.t4g.micro',
    Engine: 'postgres',
    AllocatedStorage: '20',
    MasterUsername: 'postgres',
    MasterUserPassword: 'correct-horse',
    BackupRetentionPeriod: days,
  },
});
const topic = (DisplayName: string) => ({ Type: 'AWS::SNS::Topic', Properties: { DisplayName } });
const template = (days: number, name = 'one') => ({
  Resources: { Primary: database(days), Topic: topic(name) },
});

/** As the failover controller says it. */
const policy = (effect: 'Allow' | 'Deny') =>
  JSON.stringify({
    Statement: [
      { Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' },
      {
        Effect: effect,
        Action: 'Update:*',
        Principal: '*',
        Resource: '*',
        Condition: { StringEquals: { ResourceType: ['AWS::RDS::DBInstance'] } },
      },
    ],
  });
const set = (StackPolicyBody: string) =>
  stack.client.send(new SetStackPolicyCommand({ StackName: 'Data', StackPolicyBody }));

beforeAll(async () => {
  const { endpoint } = await startEmulator(processes);
  target = { endpoint, region: 'eu-central-1', account: TRIAL_ACCOUNT };
  stack = new Stack(target, 'Data');
  expect((await stack.create(template(7))).status).toBe('CREATE_COMPLETE');
});
afterAll(() => processes.endAll());

test('an update that would change an instance is refused, and nothing is changed', async () => {
  await set(policy('Deny'));
  const { status, failures } = await stack.update(template(8, 'two'));
  expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(failures['Primary']).toBe(
    'Action denied by stack policy: Statement [#2] does not allow [Update:Modify] for resource [LogicalResourceId/Primary]',
  );
});

test('one that would remove it as well', async () => {
  const removed = await stack.update({ Resources: { Topic: topic('one') } });
  expect(removed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(removed.failures['Primary']).toContain('[Update:Delete]');
});

test('another resource is updated meanwhile', async () => {
  expect(await stack.update(template(7, 'three'))).toMatchObject({ status: 'UPDATE_COMPLETE', failures: {} });
});

test('what no statement allows is denied', async () => {
  await set(
    JSON.stringify({
      Statement: [{ Effect: 'Allow', NotAction: 'Update:Modify', Principal: '*', Resource: '*' }],
    }),
  );
  const { failures } = await stack.update(template(7, 'four'));
  expect(failures['Topic']).toContain('no statement allows [Update:Modify]');
});

test('allowed again, it is changed', async () => {
  await set(policy('Allow'));
  expect(await stack.update(template(9, 'five'))).toMatchObject({ status: 'UPDATE_COMPLETE', failures: {} });
});

test('the policy has no say in the deletion', async () => {
  await set(policy('Deny'));
  expect((await stack.delete()).status).toBe('DELETE_COMPLETE');
});
