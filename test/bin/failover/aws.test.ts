/** What AWS may answer that the emulator never does: a server that answers what it is told to. */
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { openJournal } from '../../../bin/failover/aws';
import { type Site, siteOf } from '../../../bin/people/site';
import { Failure } from '../../../lib/terminal/failure';

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

let server: Server;
let site: Site;
let stacks: Answer;
let table: (request: Record<string, unknown>) => Answer;

const described = (outputs: string): Answer => ({
  body: `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult>
    <Stacks><member><StackId>arn:aws:cloudformation:us-east-1:123456789012:stack/mysite-data/1</StackId>
    <StackName>mysite-data</StackName><StackStatus>CREATE_COMPLETE</StackStatus>
    <CreationTime>2026-08-03T12:00:00Z</CreationTime><Outputs>${outputs}</Outputs></member></Stacks>
    </DescribeStacksResult></DescribeStacksResponse>`,
});

const OUTPUT =
  '<member><OutputKey>FailoverJournal</OutputKey><OutputValue>the-journal</OutputValue></member>';

const json = (value: unknown, more: Partial<Answer> = {}): Answer => ({
  body: JSON.stringify(value),
  ...more,
});

const wrong = (type: string, message: string) =>
  json({ __type: `com.amazonaws.dynamodb#${type}`, message }, { status: 400 });

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request) body += String(part);
  return body;
}

beforeAll(async () => {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const isTable = request.headers['x-amz-target'] !== undefined;
    const answer = isTable ? table(JSON.parse(body) as Record<string, unknown>) : stacks;
    const type = isTable ? 'application/x-amz-json-1.0' : 'text/xml';
    response.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers }).end(answer.body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const usual = siteOf({ context: [], isTrial: false, isJson: false }, resolve(__dirname, '../../..'), '');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  site = { ...usual, trial: { endpoint, region: usual.region, account: '123456789012' } };
});

beforeEach(() => {
  stacks = described(OUTPUT);
  table = () => json({ Items: [] });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('the time is that of AWS when the clocks differ, else that of this machine', async () => {
  const journal = await openJournal(site);
  const HOUR = 3600_000;
  for (const off of [HOUR, -HOUR, 0]) {
    table = () => json({ Items: [] }, { headers: { date: new Date(Date.now() + off).toUTCString() } });
    await journal.read();
    expect(Math.abs(journal.now() - Date.now() - off)).toBeLessThan(60_000);
  }
  journal.close();
});

test('a history of several pages is read on until there is enough of it', async () => {
  const asked: unknown[] = [];
  table = (request) => {
    asked.push([request['Limit'], (request['ExclusiveStartKey'] as { key?: { S: string } })?.key?.S]);
    const item = { part: { S: 'journal' }, key: { S: 'k' }, entry: { S: '{"what":"x"}' } };
    return json({
      Items: [item, item],
      LastEvaluatedKey: { part: item.part, key: { S: `${asked.length}` } },
    });
  };
  const journal = await openJournal(site);
  expect(await journal.entries(5)).toHaveLength(6);
  expect(asked).toEqual([
    [5, undefined],
    [3, '1'],
    [1, '2'],
  ]);
  journal.close();
});

test.each([
  [
    'ExpiredTokenException',
    'The security token included in the request is expired',
    /^The AWS credentials have expired: log in again/,
  ],
  [
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
    /^AWS does not accept the credentials: The security token included in the request is invalid\.$/,
  ],
  [
    'AccessDeniedException',
    'User: x is not authorized to perform: dynamodb:Query',
    /^The credentials may not read table the-journal: User: x is not authorized/,
  ],
  ['ValidationException', 'odd', /^Could not read table the-journal: ValidationException: odd\.$/],
])('%s', async (type, message, sentence) => {
  table = () => wrong(type, message);
  const journal = await openJournal(site);
  const failure = await journal.read().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).message).toMatch(sentence);
  journal.close();
});

test('a stack without the output', async () => {
  stacks = described('');
  await expect(openJournal(site)).rejects.toThrow(/^mysite-data has no failover controller/);
});
