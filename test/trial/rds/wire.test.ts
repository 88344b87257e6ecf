import {
  CreateDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeDBSubnetGroupsCommand,
  type RDSClient,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RdsError } from '../../../trial/rds/model/errors';
import { anySurroundings } from '../../../trial/rds/model/surroundings';
import type { Fault } from '../../../trial/rds/protocol/faults';
import { errorXml } from '../../../trial/rds/protocol/serialize';
import type { RunningRds } from '../../../trial/rds/start';
import { clientOf, serve } from './served';
import { NEW } from './world';

let rds: RunningRds;
let client: RDSClient;
let emulator: Server;
let fault: Fault | undefined;
const asked: (string | undefined)[][] = [];
const forwarded: string[] = [];

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
  await client.send(new CreateDBInstanceCommand({ ...NEW, DBInstanceIdentifier: 'many-10' }));
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
  await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'many-10' }));
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
