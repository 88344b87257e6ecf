/** `npm run failover` as a process, against the journal on the emulator's DynamoDB. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journalFor } from '../../lambda/failover/aws/journal';
import { dynamoDb, readGroup, removeCommand } from '../../lambda/failover/aws/journal-items';
import type { Memory } from '../../lambda/failover/memory';
import { type EmulatedAws, startAws } from '../lambda/failover/aws/emulated-aws';
import { ROOT, eventually, killAll, start as startProgram } from '../support/command-line';
import { HEALTHY } from './failover/stand';

jest.setTimeout(60_000);

const ACCOUNT = '123456789012';

let aws: EmulatedAws;
let client: DynamoDBClient;
let home: string;
const TABLE = 'good-journal';

/** What the emulator must not be asked by, and nothing of this machine's own account. */
const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: home,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL: aws.endpoint,
  ...more,
});

const CREDENTIALS = { AWS_ACCESS_KEY_ID: ACCOUNT, AWS_SECRET_ACCESS_KEY: 'test' };
const SITE = ['-c', 'name=good', '-c', 'region=eu-central-1'];

const start = (args: readonly string[], env: NodeJS.ProcessEnv) => startProgram('bin/failover.ts', args, env);

const run = (args: readonly string[], env = environment(CREDENTIALS)) => start(args, env).ended;
const good = (...args: string[]) => run([...args, ...SITE]);

const stored = () => readGroup(client, TABLE);

/** One round of a controller that does not do more than to remember. */
async function remember(changes: Partial<Memory> = {}, answered?: string): Promise<void> {
  const before = await stored();
  const written = await journalFor(client, TABLE).commit({
    version: before.version,
    owner: 'run-1',
    memory: { ...(before.memory ?? HEALTHY), roundAt: Date.now(), ...changes },
    entries: answered
      ? [
          {
            at: Date.now(),
            epoch: 3,
            phase: 'steady',
            state: 'healthy',
            what: `command ${answered} accepted`,
            evidence: ['anna asked'],
            by: 'run-1',
          },
        ]
      : [],
    notOnHold: false,
    answered,
  });
  expect(written).toBe('written');
}

const commandWaits = () => eventually(async () => (await stored()).command !== undefined);

async function answer(sentence: string, changes: Partial<Memory> = {}): Promise<void> {
  await commandWaits();
  const { id } = (await stored()).command!;
  await remember({ ...changes, answer: { command: id, outcome: 'accepted', sentence, at: Date.now() } }, id);
}

const output = (table: unknown) => ({ FailoverJournal: { Value: table } });

async function deploy(StackName: string, Resources: object, Outputs: object): Promise<void> {
  const formation = new CloudFormationClient({ region: aws.region });
  await formation.send(
    new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources, Outputs }) }),
  );
  await eventually(async () => {
    const { Stacks } = await formation.send(new DescribeStacksCommand({ StackName }));
    const status = Stacks![0]!.StackStatus!;
    if (/FAILED|ROLLBACK/.test(status)) throw new Error(`${StackName}: ${status}`);
    return status === 'CREATE_COMPLETE';
  });
  formation.destroy();
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'failover-'));
  aws = await startAws();
  client = dynamoDb(aws.region);
  const journal = {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'part', KeyType: 'HASH' },
        { AttributeName: 'key', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'part', AttributeType: 'S' },
        { AttributeName: 'key', AttributeType: 'S' },
      ],
    },
  };
  const topic = { Type: 'AWS::SNS::Topic' };
  await deploy('good-data', { Journal: journal }, output({ Ref: 'Journal' }));
  await deploy('bare-data', { Topic: topic }, {});
  await deploy('astray-data', { Topic: topic }, output('no-such-table'));
});

beforeEach(async () => {
  const before = await stored();
  if (before.command) await removeCommand(client, TABLE, before.command.id);
  if (!before.lease) await journalFor(client, TABLE).take(before, 'run-1');
  await remember({ ...HEALTHY, roundAt: Date.now() });
});

afterAll(async () => {
  killAll();
  client?.destroy();
  await aws?.stop();
  rmSync(home, { recursive: true, force: true });
});

test('status, for people and for programs', async () => {
  const printed = await good('status');
  expect([printed.code, printed.err]).toEqual([0, '']);
  expect(printed.out).toMatch(/^good · steady · epoch 3 /);
  expect(printed.out).not.toContain('\x1b');
  const { code, out, err } = await good('status', '--json');
  expect([code, err]).toEqual([0, '']);
  expect(JSON.parse(out)).toMatchObject({ site: 'good', phase: 'steady', instances: [{}, {}, {}] });
});

test('hold and release are in the journal; both are seen by the controller', async () => {
  const why = 'an "upgrade" — 数据库';
  const holding = good('hold', '--why', why);
  await eventually(async () => (await stored()).hold !== undefined);
  await remember({ state: { name: 'held', since: Date.now(), reasons: [] } });
  expect(await holding).toMatchObject({ code: 0, err: '' });
  expect((await stored()).hold).toMatchObject({ why, by: expect.stringMatching(/.@./) });

  const refused = await good('switchover', '--yes');
  expect([refused.code, refused.out]).toEqual([1, '']);
  expect(refused.err).toContain(why);

  const releasing = good('release');
  await eventually(async () => (await stored()).hold === undefined);
  await remember({ state: { name: 'healthy', since: Date.now(), reasons: [] } });
  expect((await releasing).out).toMatch(/^Released: the controller acts again/);
});

test('a command, its answer, and both in the history', async () => {
  const asking = good('acknowledge', '--json');
  await answer('anna acknowledges the failover: another one may follow');
  const { code, out, err } = await asking;
  expect([code, err]).toEqual([0, '']);
  const { command, outcome } = JSON.parse(out);
  expect(outcome).toBe('done');
  const { out: told } = await good('history', '--json', '--limit', '3');
  expect(JSON.parse(told).entries[0]).toMatchObject({ what: `command ${command.id} accepted` });
  expect((await good('history')).out).toContain('    - anna asked');
});

test('the trial is found by its file, whatever account is in use here', async () => {
  const folder = join(home, 'trial');
  const trial = { pid: process.pid, control: aws.endpoint, site: '', region: aws.region, account: ACCOUNT };
  mkdirSync(folder);
  writeFileSync(join(folder, 'running.json'), JSON.stringify({ ...trial, endpoint: aws.endpoint }));
  const strange = environment({
    AWS_ENDPOINT_URL: 'http://localhost:1',
    AWS_PROFILE: 'nobody',
    AWS_REGION: 'x',
  });
  const { code, out, err } = await run(['status', '--folder', folder, '-c', 'name=good'], strange);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^good · steady/);

  writeFileSync(join(folder, 'running.json'), JSON.stringify({ ...trial, endpoint: 'http://localhost:1' }));
  const gone = await run(['status', '--folder', folder, '-c', 'name=good'], strange);
  expect([gone.code, gone.out]).toEqual([1, '']);
  expect(gone.err).toBe(
    "The trial's AWS does not answer at http://localhost:1: wait a moment, or start it anew with npm start.\n",
  );
});

test.each<[string, readonly string[], () => NodeJS.ProcessEnv, RegExp]>([
  [
    'no credentials',
    SITE,
    () => environment(),
    /^There are no AWS credentials here: log in \(aws sso login\), or name a profile/,
  ],
  [
    'an unknown profile',
    SITE,
    () => environment({ AWS_PROFILE: 'nobody' }),
    /^There are no AWS credentials here: /,
  ],
  [
    'no stack',
    ['-c', 'name=none', '-c', 'region=eu-central-1'],
    () => environment(CREDENTIALS),
    /^There is no stack none-data in eu-central-1: deploy it first, or say which site is meant, such as -c env=prod\.\n$/,
  ],
  [
    'a stack without a controller',
    ['-c', 'name=bare', '-c', 'region=eu-central-1', '-c', 'failover.mode=off'],
    () => environment(CREDENTIALS),
    /^bare-data has no failover controller .* the settings say "replicated" and "off"\. Deploy the stack first\.\n$/,
  ],
  [
    'a table that is not there',
    ['-c', 'name=astray', '-c', 'region=eu-central-1'],
    () => environment(CREDENTIALS),
    /^Could not read table no-such-table: it is not there, though an output of stack astray-data names it\./,
  ],
  [
    'another account',
    [...SITE, '-c', 'account=111122223333'],
    () => environment(CREDENTIALS),
    /^The credentials are those of account 123456789012, and the settings want 111122223333: /,
  ],
  [
    'nobody who answers',
    SITE,
    () => environment({ ...CREDENTIALS, AWS_ENDPOINT_URL: 'http://localhost:1' }),
    /^AWS cannot be reached in eu-central-1: /,
  ],
])('%s: one sentence, exit code 1, nothing on standard output', async (_, site, env, sentence) => {
  const { code, out, err } = await run(['status', ...site], env());
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(sentence);
  expect(err.trim().split('\n')).toHaveLength(1);
});

test('Ctrl-C before the answer takes the command back', async () => {
  const { child, ended } = start(['switchover', '--yes', ...SITE], environment(CREDENTIALS));
  await commandWaits();
  child.kill('SIGINT');
  expect(await ended).toMatchObject({
    code: 130,
    err: 'Withdrawn before the controller had taken it: nothing happens.\n',
  });
  expect((await stored()).command).toBeUndefined();
});

test('killed before the answer: the command is seen to wait, and no other one is taken meanwhile', async () => {
  const { child, ended } = start(['switchover', '--to', 'replica-1', '--yes', ...SITE], {
    ...environment(CREDENTIALS),
  });
  // The site is called otherwise than its databases here: the whole identifier is wanted.
  expect((await ended).err).toContain('There is no replica "replica-1"');
  expect(child.exitCode).toBe(1);

  const second = start(
    ['switchover', '--to', 'mysite-replica-1', '--yes', ...SITE],
    environment(CREDENTIALS),
  );
  await commandWaits();
  second.child.kill('SIGKILL');
  expect(await second.ended).toMatchObject({ signal: 'SIGKILL' });
  expect((await good('status')).out).toContain('switchover to mysite-replica-1, by ');
  const other = await good('acknowledge');
  expect([other.code, other.out]).toEqual([1, '']);
  expect(other.err).toMatch(/^Another command waits for the controller: switchover to mysite-replica-1/);
});

test('killed while it follows: the controller goes on, and status tells', async () => {
  const { child, said, ended } = start(['switchover', '--yes', ...SITE], environment(CREDENTIALS));
  const failover = {
    kind: 'switchover',
    by: 'anna@laptop',
    from: 'db-P',
    decidedAt: Date.now(),
    fence: {},
    siblings: [],
  } as const;
  await answer('mysite-replica-1 takes over', { phase: 'fencing', failover });
  await eventually(() => said.out.includes('clients are kept away'));
  child.kill('SIGKILL');
  await ended;
  expect((await stored()).memory).toMatchObject({ phase: 'fencing' });
  expect((await good('status')).out).toContain('Under way: switchover from mysite-primary');
  await remember({ phase: 'steady', failover: undefined });
});

test('a reader that has seen enough ends it: status --watch | head', async () => {
  const { child, said, ended } = start(['status', '--watch', '--json', ...SITE], environment(CREDENTIALS));
  await eventually(() => said.out.includes('\n'));
  child.stdout!.destroy();
  expect(await ended).toMatchObject({ code: 0, err: '' });
});

test('npm run failover -- status --trial without a trial is one sentence', async () => {
  const empty = join(home, 'empty');
  const child = spawn('npm', ['run', '--silent', 'failover', '--', 'status', '--trial', '--folder', empty], {
    cwd: ROOT,
    env: environment({ npm_config_loglevel: 'silent' }),
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const [code] = await once(child, 'close');
  expect([code, said]).toEqual([1, 'No trial is running: start one with npm start, or leave out --trial.\n']);
});
