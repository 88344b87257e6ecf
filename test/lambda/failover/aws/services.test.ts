import { CreateStackCommand, GetStackPolicyCommand } from '@aws-sdk/client-cloudformation';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { changesBetween, namesFor, route53Client } from '../../../../lambda/failover/aws/names';
import { notifierFor, snsClient } from '../../../../lambda/failover/aws/notify';
import { cloudFormationClient, stackFor, stackPolicy } from '../../../../lambda/failover/aws/stack-policy';
import type { ReaderRecord, SeenNames } from '../../../../lambda/failover/observation';
import type { Log, NamesPort } from '../../../../lambda/failover/ports';
import { type EmulatedAws, startAws } from './emulated-aws';

const names = { writerName: 'writer.mysite.internal', readerName: 'reader.mysite.internal.' };
const reader = (identifier: string, weight: number, target = `${identifier}.rds`): ReaderRecord => ({
  identifier,
  target,
  weight,
});
const AT_FIRST: SeenNames = {
  writer: 'p.rds',
  readers: [reader('p', 0), reader('r-1', 100), reader('r-2', 100)],
};

let aws: EmulatedAws;
const clients: { destroy(): void }[] = [];
const own = <C extends { destroy(): void }>(client: C): C => (clients.push(client), client);

beforeAll(async () => {
  aws = await startAws();
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await aws?.stop();
});

describe('names', () => {
  let port: NamesPort;
  let zoneId: string;
  let put: (...records: ResourceRecordSet[]) => Promise<unknown>;

  beforeEach(async () => {
    const client = own(route53Client(aws.region));
    const { HostedZone } = await client.send(
      new CreateHostedZoneCommand({ Name: 'mysite.internal', CallerReference: String(performance.now()) }),
    );
    zoneId = HostedZone!.Id!.replace('/hostedzone/', '');
    port = namesFor(client, zoneId, names);
    put = (...records) =>
      client.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: zoneId,
          ChangeBatch: {
            Changes: records.map((ResourceRecordSet) => ({ Action: 'CREATE', ResourceRecordSet })),
          },
        }),
      );
  });

  test('of an empty zone are none', async () => {
    expect(await port.read()).toEqual({ readers: [] });
  });

  test('are read as they were changed', async () => {
    await port.change({ readers: [] }, AT_FIRST);
    expect(await port.read()).toEqual(AT_FIRST);
    const then: SeenNames = {
      writer: 'r-1.rds',
      readers: [reader('p', 0, 'r-1.rds'), reader('r-2', 0), reader('r-3', 100)],
    };
    await port.change(AT_FIRST, then);
    expect(await port.read()).toEqual(then);
    await port.change(then, { readers: [] });
    expect(await port.read()).toEqual({ readers: [] });
  });

  test('of others are left alone and passed over', async () => {
    const record = (Name: string, Type: 'A' | 'TXT', Value: string) => ({
      Name,
      Type,
      TTL: 60,
      ResourceRecords: [{ Value }],
    });
    const between = Array.from({ length: 320 }, (_, n) => record(`s${n}.mysite.internal.`, 'A', '10.0.0.1'));
    await put(...between, record('reader.mysite.internal.', 'TXT', '"ours"'));
    await port.change({ readers: [] }, AT_FIRST);
    expect(await port.read()).toEqual(AT_FIRST);
  });

  test('that somebody gave another TTL can be deleted', async () => {
    await put({
      Name: names.readerName,
      Type: 'CNAME',
      TTL: 77,
      SetIdentifier: 'by-hand',
      Weight: 3,
      ResourceRecords: [{ Value: 'Hand.RDS.' }],
    });
    const seen = await port.read();
    expect(seen).toEqual({ readers: [reader('by-hand', 3, 'hand.rds')] });
    await port.change(seen, { readers: [] });
    expect(await port.read()).toEqual({ readers: [] });
  });

  test('are changed all or not at all', async () => {
    await port.change({ readers: [] }, AT_FIRST);
    const stale: SeenNames = { ...AT_FIRST, readers: [...AT_FIRST.readers, reader('gone', 1)] };
    await expect(port.change(stale, { writer: 'x.rds', readers: [] })).rejects.toMatchObject({
      outcome: 'wrong-state',
    });
    expect(await port.read()).toEqual(AT_FIRST);
  });

  test('that are the same need no call', async () => {
    expect(changesBetween(AT_FIRST, AT_FIRST, names)).toEqual([]);
    const nowhere = namesFor(own(route53Client(aws.region)), 'ZNOWHERE', names);
    await nowhere.change(AT_FIRST, AT_FIRST);
    await expect(nowhere.read()).rejects.toMatchObject({ outcome: 'not-found' });
  });

  test('are written with the TTL that clients count on', () => {
    const [change] = changesBetween({ readers: [] }, { readers: [reader('r', 100)] }, names);
    expect(change).toEqual({
      Action: 'UPSERT',
      ResourceRecordSet: {
        Name: 'reader.mysite.internal.',
        Type: 'CNAME',
        TTL: 5,
        SetIdentifier: 'r',
        Weight: 100,
        ResourceRecords: [{ Value: 'r.rds' }],
      },
    });
  });
});

describe('the stack policy', () => {
  test('denies updates of databases, and nothing else', () => {
    expect(JSON.parse(stackPolicy('denied'))).toEqual({
      Statement: [
        { Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' },
        {
          Effect: 'Deny',
          Action: 'Update:*',
          Principal: '*',
          Resource: '*',
          Condition: { StringEquals: { ResourceType: ['AWS::RDS::DBInstance'] } },
        },
      ],
    });
    expect(JSON.parse(stackPolicy('allowed')).Statement).toHaveLength(1);
  });

  test('is set on the stack, and there must be one', async () => {
    const client = own(cloudFormationClient(aws.region));
    const TemplateBody = JSON.stringify({ Resources: { Topic: { Type: 'AWS::SNS::Topic' } } });
    await client.send(new CreateStackCommand({ StackName: 'data', TemplateBody }));
    for (const updates of ['denied', 'allowed'] as const) {
      await stackFor(client, 'data').setPolicy(updates);
      const { StackPolicyBody } = await client.send(new GetStackPolicyCommand({ StackName: 'data' }));
      expect(StackPolicyBody).toBe(stackPolicy(updates));
    }
    await expect(stackFor(client, 'nowhere').setPolicy('denied')).rejects.toMatchObject({
      name: 'CallFailed',
      outcome: 'not-found',
    });
  });

  test.each([
    ['CREATE_IN_PROGRESS', false],
    ['UPDATE_IN_PROGRESS', false],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', false],
    ['UPDATE_ROLLBACK_IN_PROGRESS', false],
    ['UPDATE_ROLLBACK_COMPLETE', true],
    ['UPDATE_COMPLETE', true],
    // It goes: nothing is updated any more.
    ['DELETE_IN_PROGRESS', true],
  ])('in the middle of an update it is waited for: %s', async (StackStatus, isSet) => {
    const asked: string[] = [];
    const client = {
      send: async (command: { constructor: { name: string } }) => {
        asked.push(command.constructor.name);
        return { Stacks: [{ StackStatus }] };
      },
    } as unknown as ReturnType<typeof cloudFormationClient>;
    const set = stackFor(client, 'data').setPolicy('denied');
    await (isSet
      ? expect(set).resolves.toBeUndefined()
      : expect(set).rejects.toMatchObject({ name: 'CallFailed', outcome: 'wrong-state' }));
    expect(asked).toEqual(['DescribeStacksCommand', ...(isSet ? ['SetStackPolicyCommand'] : [])]);
  });
});

describe('people', () => {
  let server: Server;
  const asked: URLSearchParams[] = [];
  let statuses: number[];
  const log = { error: jest.fn() } as unknown as Log & { error: jest.Mock };
  const topic = 'arn:aws:sns:eu-central-1:123456789012:alarms';
  const tell = (subject: string, text: string) =>
    notifierFor(own(snsClient(aws.region)), topic, 'mysite', log)({ severity: 'critical', subject, text });

  beforeAll(async () => {
    server = createServer((request, response) => {
      void request.toArray().then((chunks) => {
        asked.push(new URLSearchParams(Buffer.concat(chunks).toString()));
        const answer =
          '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';
        response.writeHead(statuses.shift() ?? 200).end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    process.env['AWS_ENDPOINT_URL_SNS'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked.length = 0;
    statuses = [];
  });
  afterAll(() => server.close());

  test('are told, in a subject that SNS takes', async () => {
    await tell(`primary — dead\n${'x'.repeat(200)}`, 'Größe');
    expect(Object.fromEntries(asked[0]!)).toMatchObject({
      Action: 'Publish',
      TopicArn: topic,
      Message: 'Größe',
    });
    expect(asked[0]!.get('Subject')).toMatch(/^\[mysite\] primary \? dead\?x+$/);
    expect(asked[0]!.get('Subject')).toHaveLength(99);
    expect(log.error).not.toHaveBeenCalled();
  });

  test('who were not told by chance are told again; who cannot be told are no failure', async () => {
    statuses = [500];
    await tell('one', 'two');
    expect(asked).toHaveLength(2);
    statuses = [403];
    await tell('three', 'four');
    expect(asked).toHaveLength(3);
    expect(log.error.mock.calls).toEqual([
      ['people were not told', expect.objectContaining({ text: 'four', severity: 'critical' })],
    ]);
  });
});
