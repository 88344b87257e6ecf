import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handler } from '../../../lambda/prepare-database/handler';
import { type LikeRds, startLikeRds } from './like-rds';

const lambda = { getRemainingTimeInMillis: () => 5_000 };

interface Answer {
  readonly method?: string;
  readonly contentType?: string;
  readonly body: Record<string, string>;
}

let rds: LikeRds;
let server: Server;
let url: string;
let answers: Answer[];
/** Statuses of the next answers to PUT; then 200. */
let statuses: number[];
let logged: string[];

const text = async (request: IncomingMessage) => Buffer.concat(await request.toArray()).toString();

/** Secrets Manager, and the bucket that CloudFormation reads answers from. */
async function serve(request: IncomingMessage): Promise<[number, string]> {
  const body = await text(request);
  if (request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue') {
    const secret = rds.secrets[JSON.parse(body).SecretId];
    return secret
      ? [200, JSON.stringify({ SecretString: JSON.stringify(secret) })]
      : [400, JSON.stringify({ __type: 'ResourceNotFoundException', message: 'It is not there.' })];
  }
  const contentType = request.headers['content-type'];
  answers.push({ method: request.method, contentType, body: JSON.parse(body) });
  return [statuses.shift() ?? 200, ''];
}

const request = (RequestType: 'Create' | 'Update' | 'Delete', PhysicalResourceId?: string) => ({
  RequestType,
  ResponseURL: `${url}/answer?signature=abc`,
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'PrepareDatabase',
  PhysicalResourceId,
});

const ANSWERED = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'PrepareDatabase' };

function setEnvironment(change: Record<string, string> = {}): void {
  const { secretArns, masterSecretArn, port, database, caFile, region } = rds.environment;
  Object.assign(process.env, {
    DATABASE_HOST: 'localhost',
    DATABASE_PORT: String(port),
    DATABASE_NAME: database,
    DATABASE_CA_FILE: caFile,
    MASTER_SECRET_ARN: masterSecretArn,
    APP_WRITER_SECRET_ARN: secretArns.app_writer,
    APP_READER_SECRET_ARN: secretArns.app_reader,
    CONTROLLER_SECRET_ARN: secretArns.controller,
    RECOVERY_SECRET_ARN: secretArns.recovery,
    AWS_REGION: region,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...change,
  });
}

beforeAll(async () => {
  rds = await startLikeRds();
  server = createServer((incoming, outgoing) => {
    void serve(incoming).then(([status, body]) => outgoing.writeHead(status).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  answers = [];
  statuses = [];
  logged = [];
  setEnvironment();
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => logged.push(String(line)) > 0);
});

afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  server?.close();
  await rds?.stop();
});

test('a database that was prepared is a success, and keeps its physical id', async () => {
  await handler(request('Create'), lambda);
  await handler(request('Update', 'prepare-database'), lambda);
  const success = {
    method: 'PUT',
    contentType: '',
    body: { Status: 'SUCCESS', PhysicalResourceId: 'prepare-database', ...ANSWERED },
  };
  expect(answers).toEqual([success, success]);
  await expect(rds.as('app_writer', 'select current_user as me')).resolves.toEqual([{ me: 'app_writer' }]);
  expect(logged.join()).toContain('"message":"database prepared","host":"localhost","database":"site"');
  expect(logged.join()).not.toContain('first');
});

test('defaults of the database do not keep it from being prepared', async () => {
  const { database } = rds.environment;
  const defaults = {
    default_transaction_read_only: 'on',
    default_transaction_isolation: 'serializable',
    statement_timeout: '1',
    transaction_timeout: '1',
    idle_session_timeout: '1',
    search_path: 'nowhere',
  };
  for (const [name, value] of Object.entries(defaults)) {
    await rds.postgres.query(`alter database ${database} set ${name} = '${value}'`);
  }
  await handler(request('Update', 'prepare-database'), lambda);
  await rds.postgres.query(`alter database ${database} reset all`);
  expect(answers).toMatchObject([{ body: { Status: 'SUCCESS' } }]);
});

test('a deletion touches nothing', async () => {
  setEnvironment({ DATABASE_HOST: '' });
  await handler(request('Delete', 'whatever it was'), lambda);
  expect(answers).toEqual([
    expect.objectContaining({
      body: { Status: 'SUCCESS', PhysicalResourceId: 'whatever it was', ...ANSWERED },
    }),
  ]);
});

test.each([
  [
    'a wrong environment',
    { DATABASE_PORT: '-1' },
    /^The environment is wrong: DATABASE_PORT=-1: must be a port/,
  ],
  [
    'a secret that is not there',
    { RECOVERY_SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:gone' },
    /^The secret arn:\S+:gone could not be read: It is not there\.$/,
  ],
  ['a database that is away', { DATABASE_PORT: '1' }, /^(connect )?ECONNREFUSED/],
  ['a database that does not exist', { DATABASE_NAME: 'other' }, /^database "other" does not exist$/],
])('%s fails the deployment with its reason', async (_, change, reason) => {
  setEnvironment(change);
  await handler(request('Create'), lambda);
  const [{ body }] = answers as [Answer];
  expect(body).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'prepare-database', ...ANSWERED });
  expect(body.Reason).toMatch(/^The database could not be prepared: /);
  expect(body.Reason!.replace('The database could not be prepared: ', '')).toMatch(reason);
  expect(logged.join()).toContain('database not prepared');
});

test('an answer that is not taken is given again', async () => {
  statuses = [503];
  await handler(request('Delete'), lambda);
  expect(answers).toHaveLength(2);
});

test('an answer that is never taken fails the run, and hides the URL', async () => {
  statuses = [403, 403, 403];
  await expect(handler(request('Delete'), lambda)).rejects.toThrow(
    'CloudFormation did not take the answer (status 403)',
  );
});
