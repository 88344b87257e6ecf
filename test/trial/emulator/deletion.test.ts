import { DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { startEmulator } from '../../../trial/emulator/start';
import { Processes } from '../../../trial/processes';
import { TRIAL_ACCOUNT, clientConfig } from '../../../trial/target';
import { Stack } from './stack';

jest.setTimeout(60_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const processes = new Processes();
let route53: Route53Client;
let stack: Stack;

const NAME = 'writer.mysite.internal.';
const record = (set: string, value: string) => ({
  Type: 'AWS::Route53::RecordSet',
  Properties: {
    HostedZoneId: { Ref: 'Zone' },
    Name: NAME,
    Type: 'CNAME',
    TTL: '5',
    SetIdentifier: set,
    Weight: 100,
    ResourceRecords: [value],
  },
});
const TEMPLATE = {
  Resources: {
    Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
    Zone: { Type: 'AWS::Route53::HostedZone', Properties: { Name: 'mysite.internal.' } },
    One: record('one', 'one.example'),
    Two: { ...record('two', 'two.example'), DependsOn: 'Queue' },
    Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
  },
};

const zones = async () => (await route53.send(new ListHostedZonesCommand({}))).HostedZones!;
const values = async () => {
  const [zone] = await zones();
  const { ResourceRecordSets } = await route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: zone!.Id }),
  );
  return ResourceRecordSets!
    .filter(({ Type }) => Type === 'CNAME')
    .map(({ SetIdentifier, ResourceRecords }) => `${SetIdentifier} ${ResourceRecords![0]!.Value}`);
};
const change = async (Action: 'UPSERT' | 'DELETE', SetIdentifier: string, Value: string) => {
  const [zone] = await zones();
  const set = {
    Name: NAME,
    Type: 'CNAME',
    TTL: 5,
    SetIdentifier,
    Weight: 100,
    ResourceRecords: [{ Value }],
  } as const;
  const changes = {
    Changes: [{ Action, ResourceRecordSet: { ...set, ResourceRecords: [...set.ResourceRecords] } }],
  };
  await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone!.Id, ChangeBatch: changes }));
};
const resources = async () => {
  const { StackResources } = await stack.client.send(
    new DescribeStackResourcesCommand({ StackName: 'Data' }),
  );
  return StackResources!.map(({ LogicalResourceId }) => LogicalResourceId).toSorted();
};

beforeAll(async () => {
  const { endpoint } = await startEmulator(processes);
  const target = { endpoint, region: 'eu-central-1', account: TRIAL_ACCOUNT };
  route53 = new Route53Client(clientConfig(target));
  stack = new Stack(target, 'Data');
  expect(await stack.create(TEMPLATE)).toMatchObject({ status: 'CREATE_COMPLETE', failures: {} });
});
afterAll(() => processes.endAll());

test('a record is removed by the API only with the values that it has', async () => {
  await expect(change('DELETE', 'one', 'another.example')).rejects.toThrow('do not match the current values');
});

test('a record that somebody has changed stays, and what it depends on; the rest goes', async () => {
  await change('UPSERT', 'two', 'promoted.example');
  const { status, failures } = await stack.delete();
  expect(status).toBe('DELETE_FAILED');
  expect(Object.keys(failures).toSorted()).toEqual(['Data', 'Two']);
  expect(failures['Two']).toContain('do not match the current values');
  expect(await resources()).toEqual(['Queue', 'Two', 'Zone']);
  expect(await values()).toEqual(['two promoted.example']);
});

test('nor is a zone removed in which something is left', async () => {
  await change('UPSERT', 'two', 'two.example');
  await change('UPSERT', 'three', 'three.example');
  const { status, failures } = await stack.delete();
  expect(status).toBe('DELETE_FAILED');
  expect(failures['Zone']).toContain('non-required resource record sets');
  expect(await zones()).toHaveLength(1);
});

test('with everything as the stack has made it, it goes', async () => {
  await change('DELETE', 'three', 'three.example');
  expect(await stack.delete()).toMatchObject({ status: 'DELETE_COMPLETE', failures: {} });
  expect(await zones()).toEqual([]);
});
