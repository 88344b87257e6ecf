import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateDBInstanceCommand, CreateDBInstanceReadReplicaCommand } from '@aws-sdk/client-rds';
import { CreateHostedZoneCommand } from '@aws-sdk/client-route-53';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dynamoDb, putHold, readGroup } from '../../../lambda/failover/aws/journal-items';
import { namesFor, route53Client } from '../../../lambda/failover/aws/names';
import { type Context, handler } from '../../../lambda/failover/handler';
import type { SeenNames } from '../../../lambda/failover/observation';
import { OURS } from '../../../lambda/failover/observe';
import type { NamesPort } from '../../../lambda/failover/ports';
import { clientOf, serve } from '../../trial/rds/served';
import { NEW } from '../../trial/rds/world';
import { type EmulatedAws, startAws } from './aws/emulated-aws';
import { GOOD } from './good-environment';

/** A run of a second and a half. */
const lambda: Context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 9_500 };
/** As much as there is for a removal. */
const minutes: Context = { awsRequestId: 'request-2', getRemainingTimeInMillis: () => 180_000 };

const before = { ...process.env };
const clients: { destroy(): void }[] = [];
let aws: EmulatedAws;
let rds: Awaited<ReturnType<typeof serve>>;
let names: NamesPort;
let server: Server;
let url: string;
let folder: string;
let answers: Record<string, string>[];
let stackStatus: string;
let asked: string[];
let logged: string[];

const own = <C extends { destroy(): void }>(client: C): C => (clients.push(client), client);

/** CloudFormation, and the bucket that it reads answers from. */
const startCloudFormation = () =>
  createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const body = Buffer.concat(chunks).toString();
      if (request.method === 'PUT') {
        answers.push(JSON.parse(body));
        return response.end();
      }
      const parameters = new URLSearchParams(body);
      const action = parameters.get('Action')!;
      asked.push(`${action} ${parameters.get('StackName')}`);
      const stacks = `<Stacks><member><StackName>x</StackName><StackStatus>${stackStatus}</StackStatus></member></Stacks>`;
      response.end(`<${action}Response><${action}Result>${stacks}</${action}Result></${action}Response>`);
    });
  });

const request = (RequestType: 'Create' | 'Update' | 'Delete', Records?: object) => ({
  RequestType,
  ResponseURL: `${url}/answer`,
  StackId: 'arn:aws:cloudformation:eu-central-1:123456789012:stack/mysite-data/1',
  RequestId: 'request',
  LogicalResourceId: 'ReleaseDatabases',
  ResourceProperties: { Records },
});

const journal = () => readGroup(own(dynamoDb(aws.region)), GOOD.JOURNAL_TABLE);

beforeAll(async () => {
  aws = await startAws();
  rds = await serve();
  server = startCloudFormation();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-ca-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, '');

  const route53 = own(route53Client(aws.region));
  const { HostedZone } = await route53.send(
    new CreateHostedZoneCommand({ Name: 'mysite.internal', CallerReference: '1' }),
  );
  const zoneId = HostedZone!.Id!.replace('/hostedzone/', '');
  names = namesFor(route53, zoneId, { writerName: GOOD.WRITER_NAME, readerName: GOOD.READER_NAME });
  await own(dynamoDb(aws.region)).send(
    new CreateTableCommand({
      TableName: GOOD.JOURNAL_TABLE,
      KeySchema: [
        { AttributeName: 'part', KeyType: 'HASH' },
        { AttributeName: 'key', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'part', AttributeType: 'S' },
        { AttributeName: 'key', AttributeType: 'S' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  Object.assign(process.env, GOOD, {
    AWS_REGION: aws.region,
    ZONE_ID: zoneId,
    DATABASE_CA_FILE: caFile,
    AWS_ENDPOINT_URL_RDS: rds.url,
    AWS_ENDPOINT_URL_CLOUDFORMATION: url,
  });
});

beforeEach(() => {
  answers = [];
  asked = [];
  logged = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => logged.push(String(line)) > 0);
});
afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  for (const client of clients) client.destroy();
  server?.close();
  await rds?.close();
  await aws?.stop();
  process.env = before;
  rmSync(folder, { recursive: true, force: true });
});

test('a schedule runs the controller, which gives the lease back', async () => {
  await expect(handler({ source: 'aws.events' }, lambda)).resolves.toBe('ended');
  expect(logged.join('')).toContain('"message":"no memory yet","why":"there is no mysite-primary"');
  expect(logged.join('')).toContain('"message":"run ended","outcome":"ended"');
  expect(await journal()).toEqual({ version: 0 });
});

test('a wrong environment is told and thrown', async () => {
  const { FENCE_POLICY } = process.env;
  process.env['FENCE_POLICY'] = 'lax';
  try {
    await jest.isolateModulesAsync(async () => {
      const fresh = await import('../../../lambda/failover/handler');
      const problem = 'The environment is wrong: FENCE_POLICY=lax: must be strict or best-effort';
      await expect(fresh.handler({}, lambda)).rejects.toThrow(problem);
      expect(logged.join('')).toContain(problem);

      await fresh.handler(request('Update'), minutes);
      await fresh.handler(request('Delete'), minutes);
    });
  } finally {
    process.env['FENCE_POLICY'] = FENCE_POLICY;
  }
  expect(answers).toMatchObject([
    { Status: 'SUCCESS', PhysicalResourceId: 'release-databases' },
    { Status: 'FAILED', Reason: expect.stringContaining('FENCE_POLICY=lax') },
  ]);
});

describe('a deletion', () => {
  const reader = (identifier: string, weight: number) => ({
    identifier,
    target: `${identifier}.rds`,
    weight,
  });
  const AT_FIRST: SeenNames = {
    writer: 'mysite-primary.rds',
    readers: [reader('mysite-primary', 0), reader('mysite-replica-1', 100)],
  };
  const NOW: SeenNames = {
    writer: 'mysite-replica-1.rds',
    readers: [reader('mysite-primary', 0), reader('mysite-replica-9', 100)],
  };
  const Records = [
    { Name: GOOD.WRITER_NAME, Target: 'MySite-primary.rds' },
    ...AT_FIRST.readers.map(({ identifier, target, weight }) => ({
      Name: GOOD.READER_NAME,
      Target: target,
      SetIdentifier: identifier,
      Weight: String(weight),
    })),
  ];
  const identifiers = async () => {
    const { DBInstances = [] } = await rds.model.call('DescribeDBInstances', {});
    return DBInstances.filter(({ DBInstanceStatus }) => DBInstanceStatus !== 'deleting').map(
      ({ DBInstanceIdentifier }) => DBInstanceIdentifier,
    );
  };

  beforeAll(async () => {
    await names.change({ readers: [] }, NOW);
    const client = own(clientOf(rds.url));
    await client.send(new CreateDBInstanceCommand({ ...NEW, DBInstanceIdentifier: 'mysite-primary' }));
    const replicas = [
      { DBInstanceIdentifier: 'mysite-replica-1' },
      { DBInstanceIdentifier: 'mysite-replica-9', Tags: [OURS] },
    ];
    for (const replica of replicas) {
      for (;;) {
        const source = { SourceDBInstanceIdentifier: 'mysite-primary' };
        const made = await client
          .send(new CreateDBInstanceReadReplicaCommand({ ...replica, ...source }))
          .catch((error: Error) => {
            // Until the source is available.
            if (error.name !== 'InvalidDBInstanceStateFault') throw error;
          });
        if (made) break;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  });

  test('of the resource alone changes nothing', async () => {
    stackStatus = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
    await handler(request('Delete', Records), minutes);
    expect(answers).toMatchObject([{ Status: 'SUCCESS' }]);
    expect(await names.read()).toEqual(NOW);
    expect(await journal()).toEqual({ version: 0 });
    expect(asked).toEqual([`DescribeStacks ${request('Delete').StackId}`]);
  });

  test('without records is a failure', async () => {
    stackStatus = 'DELETE_IN_PROGRESS';
    await handler(request('Delete'), minutes);
    expect(answers).toMatchObject([
      { Status: 'FAILED', Reason: expect.stringContaining('The property Records is missing') },
    ]);
    expect(await names.read()).toEqual(NOW);
  });

  test('of the stack puts the records back, whatever hold there is, and nobody works any more', async () => {
    await putHold(own(dynamoDb(aws.region)), GOOD.JOURNAL_TABLE, { by: 'anna', at: 1, why: 'rest' });
    await handler(request('Delete', Records), minutes);
    expect(answers).toMatchObject([{ Status: 'SUCCESS' }]);
    expect(await names.read()).toEqual(AT_FIRST);
    expect(await journal()).toMatchObject({ version: 1, memory: { closed: true } });
    expect((await journal()).lease).toBeUndefined();
    expect(asked).toEqual([
      `DescribeStacks ${request('Delete').StackId}`,
      'DescribeStacks mysite-data',
      'SetStackPolicy mysite-data',
    ]);
    expect(await identifiers()).toEqual(['mysite-primary', 'mysite-replica-1']);
    expect(logged.join('')).toContain('"primaries":[{"identifier":"mysite-primary","isOurs":false}]');

    // Lambda may start the same event twice.
    await handler(request('Delete', Records), minutes);
    expect(answers).toMatchObject([{ Status: 'SUCCESS' }, { Status: 'SUCCESS' }]);
    expect(await names.read()).toEqual(AT_FIRST);
  });
});
