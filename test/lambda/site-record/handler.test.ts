/** With Route 53 of the emulator; what CloudFormation says of the stack is said here. */
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handler } from '../../../lambda/site-record/handler';
import { type CloudFormationEar, startEar } from '../custom-resource/ear';
import { type EmulatedAws, startAws } from '../failover/aws/emulated-aws';

const Name = 'api.mysite.com';
const ADDRESS = { Address: { Value: '192.0.2.1', Seconds: '60' } };
const FORMER: ResourceRecordSet = {
  Name: `${Name}.`,
  Type: 'CNAME',
  TTL: 300,
  ResourceRecords: [{ Value: 'old.example.com' }],
};

let aws: EmulatedAws;
let ear: CloudFormationEar;
let cloudFormation: Server;
let client: Route53Client;
let HostedZoneId: string;
let stack: { status: string; records: string[] };

beforeAll(async () => {
  [aws, ear] = await Promise.all([startAws(), startEar()]);
  cloudFormation = createServer((_, response) => {
    const { status, records } = stack;
    const resources = records.map(
      (id) =>
        `<member><ResourceType>AWS::Route53::RecordSet</ResourceType><PhysicalResourceId>${id}</PhysicalResourceId></member>`,
    );
    // Both answers in one: each command reads its own.
    response.end(
      `<Response><DescribeStacksResult><Stacks><member><StackStatus>${status}</StackStatus></member></Stacks></DescribeStacksResult><DescribeStackResourcesResult><StackResources>${resources.join('')}</StackResources></DescribeStackResourcesResult></Response>`,
    );
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => cloudFormation.once('listening', resolve));
  process.env['AWS_REGION'] = aws.region;
  process.env['AWS_ENDPOINT_URL_CLOUDFORMATION'] =
    `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}`;
  client = new Route53Client({ region: aws.region, endpoint: aws.endpoint });
});

afterAll(async () => {
  cloudFormation.closeAllConnections();
  await Promise.all([aws.stop(), ear.stop(), new Promise((resolve) => cloudFormation.close(resolve))]);
});

beforeEach(async () => {
  stack = { status: 'UPDATE_IN_PROGRESS', records: [] };
  const { HostedZone } = await client.send(
    new CreateHostedZoneCommand({ Name: 'mysite.com', CallerReference: expect.getState().currentTestName }),
  );
  HostedZoneId = HostedZone!.Id!.replace('/hostedzone/', '');
});

const put = (record: ResourceRecordSet) =>
  client.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId,
      ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: record }] },
    }),
  );

/** What the name leads to. */
async function now(name = Name): Promise<string[]> {
  const { ResourceRecordSets } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  return ResourceRecordSets!
    .filter((record) => record.Name === `${name}.`)
    .map(({ Type, ResourceRecords }) => `${Type} ${ResourceRecords?.map(({ Value }) => Value)}`);
}

type Answer = { Status: string; PhysicalResourceId: string; Reason?: string };

const ask = async (
  type: 'Create' | 'Update' | 'Delete',
  id?: string,
  properties: object = ADDRESS,
): Promise<Answer> =>
  (await ear.ask((request) => handler({ ...request, PhysicalResourceId: id }), type, {
    HostedZoneId,
    Name,
    ...properties,
  })) as Answer;

test('a name in use is taken over, moves with the next stage, and is taken away with the stack', async () => {
  await put(FORMER);
  const { Status, PhysicalResourceId: id } = await ask('Create');
  expect([Status, await now()]).toEqual(['SUCCESS', ['A 192.0.2.1']]);

  const next = { Address: { Value: '192.0.2.2', Seconds: '60' } };
  expect(await ask('Update', id, next)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: id });
  expect(await now()).toEqual(['A 192.0.2.2']);

  stack.status = 'DELETE_IN_PROGRESS';
  expect(await ask('Delete', id, next)).toMatchObject({ Status: 'SUCCESS' });
  expect(await now()).toEqual([]);
});

test.each(['ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'])(
  'in a deployment that is taken back (%s) the former record comes back',
  async (status) => {
    await put(FORMER);
    const { PhysicalResourceId } = await ask('Create');
    stack.status = status;
    expect(await ask('Delete', PhysicalResourceId)).toMatchObject({ Status: 'SUCCESS' });
    expect(await now()).toEqual(['CNAME old.example.com']);
  },
);

test('a record that somebody else has put there since stays', async () => {
  const { PhysicalResourceId } = await ask('Create');
  await put({ Name, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '203.0.113.5' }] });
  stack.status = 'DELETE_IN_PROGRESS';
  expect(await ask('Delete', PhysicalResourceId)).toMatchObject({ Status: 'SUCCESS' });
  expect(await now()).toEqual(['A 203.0.113.5']);
});

test('a creation that is asked for twice is done once', async () => {
  await put(FORMER);
  await ask('Create');
  expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: Name });
  expect(await now()).toEqual(['A 192.0.2.1']);
});

test('a record of the same stack is not taken over: CloudFormation would take it away; nor does its deletion', async () => {
  await put({ Name, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] });
  stack.records = [Name];
  const { Status, Reason, PhysicalResourceId } = await ask('Create');
  expect([Status, Reason]).toEqual([
    'FAILED',
    expect.stringContaining('Set site.takeOverRecord to false again'),
  ]);
  stack.status = 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
  expect(await ask('Delete', PhysicalResourceId)).toMatchObject({ Status: 'SUCCESS' });
  expect(await now()).toEqual(['A 192.0.2.1']);
});

test('a zone that cannot be changed fails the deployment, in its own words', async () => {
  expect(await ask('Create', undefined, { ...ADDRESS, HostedZoneId: 'ZNOBODY' })).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/^The change of the record api\.mysite\.com failed: .*ZNOBODY/),
  });
});
