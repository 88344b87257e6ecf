import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  ContinueUpdateRollbackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ResourceFaults } from '../../../trial/emulator/resource-faults';
import { startEmulator } from '../../../trial/emulator/start';
import { Processes } from '../../../trial/processes';
import { TRIAL_ACCOUNT, type Target, clientConfig } from '../../../trial/target';
import { Stack } from './stack';

jest.setTimeout(60_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-faults-'));
const processes = new Processes();
const faults = new ResourceFaults(join(folder, 'faults.json'));
let target: Target;

/** Every function: it refuses to make anything. */
let functions: Server;
const asked: string[] = [];

beforeAll(async () => {
  functions = createServer(async (request, response) => {
    const event = JSON.parse((await request.toArray()).join('')) as Record<string, string>;
    response.writeHead(202).end();
    const { RequestType, PhysicalResourceId = 'its own name', ResponseURL } = event;
    asked.push(`${RequestType} ${event['PhysicalResourceId']}`);
    const Status = RequestType === 'Create' ? 'FAILED' : 'SUCCESS';
    const answer = { ...event, Status, Reason: 'not today', PhysicalResourceId };
    await fetch(ResponseURL!, { method: 'PUT', body: JSON.stringify(answer) });
  }).listen(0, '127.0.0.1');
  await once(functions, 'listening');
  const { endpoint } = await startEmulator(processes, undefined, {
    TRIAL_RESOURCE_FAULTS: faults.file,
    TRIAL_LAMBDAS_URL: `http://127.0.0.1:${(functions.address() as AddressInfo).port}`,
  });
  target = { endpoint, region: 'eu-central-1', account: TRIAL_ACCOUNT };
});
afterEach(() => faults.set());
afterAll(async () => {
  await processes.endAll();
  functions.close();
  rmSync(folder, { recursive: true, force: true });
});

const topic = (DisplayName: string, more: object = {}) => ({
  Type: 'AWS::SNS::Topic',
  Properties: { TopicName: DisplayName.split(' ')[0], DisplayName },
  ...more,
});
/** Two that need one another, and one beside them that comes last by its name. */
const template = (text: string) => ({
  Resources: {
    First: topic(`first ${text}`),
    Second: topic(`second ${text}`, { DependsOn: 'First' }),
    Third: topic(`third ${text}`),
  },
});
const topics = async () => {
  const { Topics } = await new SNSClient(clientConfig(target)).send(new ListTopicsCommand({}));
  return Topics!.map(({ TopicArn }) => TopicArn!.split(':').at(-1)).toSorted();
};
const events = async ({ client, StackName }: Stack, resource: string) => {
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents!
    .filter((event) => event.LogicalResourceId === resource)
    .map(({ ResourceStatus }) => ResourceStatus)
    .toReversed();
};
const inStack = async ({ client, StackName }: Stack) => {
  const { StackResources } = await client.send(new DescribeStackResourcesCommand({ StackName }));
  return StackResources!.map(({ LogicalResourceId }) => LogicalResourceId).toSorted();
};
let count = 0;
const stack = () => new Stack(target, `Site${++count}`);

test.each([false, true])(
  'a creation that fails, late: %s, comes last and leaves nothing; without the fault it goes through',
  async (late) => {
    const site = stack();
    faults.set({ resource: 'First', when: 'create', late, reason: 'no room' });
    const { status, failures } = await site.create(template('one'));
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(failures['First']).toBe('no room');
    expect(await events(site, 'Third')).toEqual([
      'CREATE_IN_PROGRESS',
      'CREATE_COMPLETE',
      'DELETE_IN_PROGRESS',
      'DELETE_COMPLETE',
    ]);
    expect(await events(site, 'Second')).toEqual([]);
    expect(await topics()).toEqual([]);
    faults.set();
    await site.delete();
    expect((await site.create(template('one'))).status).toBe('CREATE_COMPLETE');
    await site.delete();
  },
);

test('what the way back could not delete stays in the stack, with what it needs, until it is deleted again', async () => {
  const site = stack();
  faults.set(
    { resource: 'Third', when: 'create', reason: 'no room' },
    { resource: 'Second', when: 'delete', reason: 'protected' },
  );
  const { status, failures } = await site.create(template('one'));
  expect(status).toBe('ROLLBACK_FAILED');
  expect(failures['Second']).toBe('protected');
  expect(await inStack(site)).toEqual(['First', 'Second']);
  expect(await topics()).toEqual(['first', 'second']);
  expect((await site.delete()).status).toBe('DELETE_FAILED');
  faults.set();
  expect((await site.delete()).status).toBe('DELETE_COMPLETE');
  expect(await topics()).toEqual([]);
});

test('a custom resource that could not be made is asked to delete what it named', async () => {
  const code = { ZipFile: 'exports.handler = () => undefined;' };
  const role = `arn:aws:iam::${TRIAL_ACCOUNT}:role/of-functions`;
  const { status, failures } = await stack().create({
    Resources: {
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: { Code: code, Role: role, Runtime: 'nodejs22.x', Handler: 'index.handler' },
      },
      Custom: {
        Type: 'Custom::Thing',
        Properties: { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] }, ServiceTimeout: 20 },
      },
    },
  });
  expect(status).toBe('ROLLBACK_COMPLETE');
  expect(failures['Custom']).toBe('not today');
  expect(asked).toEqual(['Create undefined', 'Delete its own name']);
});

describe('an update', () => {
  let made: Stack;
  beforeEach(async () => {
    made = stack();
    await made.create(template('one'));
  });
  afterEach(() => made.delete());

  test.each([false, true])('that fails, late: %s, is taken back', async (late) => {
    faults.set({ type: 'AWS::SNS::Topic', resource: 'First', when: 'update', late, reason: 'no room' });
    const { status } = await made.update(template('two'));
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect((await events(made, 'First')).filter((one) => one === 'UPDATE_IN_PROGRESS')).toHaveLength(
      late ? 2 : 1,
    );
    expect((await events(made, 'Third')).slice(-2)).toEqual(['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE']);
    faults.set();
    expect((await made.update(template('two'))).status).toBe('UPDATE_COMPLETE');
  });

  test('what the template leaves as it is does not fail', async () => {
    faults.set({ resource: 'First', when: 'update', reason: 'no room' });
    const { Resources } = template('two');
    const { status } = await made.update({ Resources: { ...Resources, First: topic('first one') } });
    expect(status).toBe('UPDATE_COMPLETE');
  });

  test.each([
    ['is skipped', ['Third'], 'three'],
    ['can: the CDK CLI sends an empty list then', [], 'four'],
  ])('what cannot go back holds the stack until it %s', async (_, ResourcesToSkip, next) => {
    faults.set(
      { resource: 'First', when: 'update', reason: 'no room' },
      { resource: 'Third', when: 'roll-back', reason: 'not back' },
    );
    const { status, failures } = await made.update(template(`not ${next}`));
    expect(status).toBe('UPDATE_ROLLBACK_FAILED');
    expect(failures['Third']).toBe('not back');
    const { client, StackName } = made;
    if (ResourcesToSkip.length === 0) faults.set();
    await client.send(new ContinueUpdateRollbackCommand({ StackName, ResourcesToSkip }));
    faults.set();
    expect((await made.update(template(next))).status).toBe('UPDATE_COMPLETE');
  });
});
