/**
 * Recovery as it is deployed: its real function in the trial, past the gate of the quarantine, from a failover that loses
 * writes to an old primary that is deleted. Each write is known, so that each row can be looked at.
 */
import { GetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { compareLsn } from '../../lambda/failover/lsn';
import { RUN_STATE, type RunState } from '../../lambda/recovery/run-state';
import { type Credentials, connected, serverAddress, writerCredentials } from '../../trial/drill/clients';
import { type Journal, openJournal } from '../../trial/drill/journal';
import { type OwnTrial, startOwnTrial } from '../../trial/drill/own-trial';
import { Scene } from '../../trial/drill/scene';
import { clientConfig } from '../../trial/target';

jest.setTimeout(600_000);

const FUNCTION = 'mysite-recovery';
const LOST = 20_000;

let trial: OwnTrial;
let journal: Journal;
let scene: Scene;
let lambda: LambdaClient;
let credentials: Credentials;
const ending = new AbortController();
const context = ['database.replicas=1'];

beforeAll(async () => {
  trial = await startOwnTrial({ context, signal: ending.signal });
  const { running } = trial;
  journal = await openJournal(running);
  scene = new Scene({
    running,
    trialFolder: trial.folder,
    journal,
    say: () => undefined,
    signal: ending.signal,
  });
  const { facts } = await scene.until(
    'a whole group',
    (look) =>
      look.stored.memory?.state?.name === 'healthy' &&
      look.facts.databases.some(({ role, server }) => role === 'replica' && server) &&
      look.facts.servers.some(({ state }) => state === 'healthy'),
  );
  scene.before = facts;
  lambda = new LambdaClient(clientConfig(running));
  credentials = await writerCredentials(running);
});

afterAll(async () => {
  ending.abort();
  await scene?.end();
  journal?.close();
  lambda?.destroy();
  await trial?.end();
});

const databaseCalled = async (role: 'primary' | 'replica' | 'retired') =>
  (await scene.look()).facts.databases.find((one) => one.role === role)!;

/** A client's session on the primary of the moment. */
async function onPrimary<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const { address } = await databaseCalled('primary');
  const client = await connected({ to: address!, from: serverAddress(scene.before), credentials });
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function invoke(request: object, InvocationType?: 'Event'): Promise<RunState | undefined> {
  const event = { by: 'test', at: Date.now(), ...request };
  const command = new InvokeCommand({
    FunctionName: FUNCTION,
    Payload: JSON.stringify(event),
    InvocationType,
  });
  const { Payload, FunctionError, StatusCode } = await until(() =>
    lambda.send(command).catch((error: Error) => {
      // One at a time: whoever was killed is not over at once.
      if (error.message === 'Rate Exceeded.') return undefined;
      throw error;
    }),
  );
  if (InvocationType) {
    expect(StatusCode).toBe(202);
    return undefined;
  }
  const answer: unknown = JSON.parse(Buffer.from(Payload!).toString());
  if (FunctionError) throw new Error(JSON.stringify(answer));
  return RUN_STATE.parse(answer);
}

/** What a run has told of itself. */
async function told(run: string): Promise<RunState | undefined> {
  const { Table } = await tableName();
  const client = new DynamoDBClient(clientConfig(trial.running));
  const { Item } = await client.send(
    new GetItemCommand({
      TableName: Table,
      Key: { part: { S: 'recovery' }, key: { S: run } },
      ConsistentRead: true,
    }),
  );
  client.destroy();
  return Item && RUN_STATE.parse(JSON.parse(Item['run']!.S!));
}

async function tableName(): Promise<{ Table: string }> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(clientConfig(trial.running));
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
  client.destroy();
  const outputs = Stacks.flatMap(({ Outputs = [] }) => Outputs);
  return { Table: outputs.find(({ OutputKey }) => OutputKey === 'FailoverJournal')!.OutputValue! };
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
}

test('a primary dies with writes that no replica has received', async () => {
  const { identifier: old } = await databaseCalled('primary');
  await onPrimary(async (client) => {
    await client.query('create table orders (id bigint primary key, note text not null)');
    await client.query(`create table "Lines" (
      "order" bigint not null references orders, number int, price numeric not null, primary key ("order", number))`);
    await client.query(`insert into orders select n, 'old ' || n from generate_series(1, 100) n`);
    await client.query(`insert into "Lines" select n, 1, n from generate_series(1, 100) n`);
    const { rows } = await client.query<{ lsn: string }>('select pg_current_wal_flush_lsn()::text as lsn');
    await scene.until('the replica to have it', ({ facts }) =>
      facts.databases.some(
        ({ role, server }) => role === 'replica' && server && compareLsn(server.lsn, rows[0]!.lsn) >= 0,
      ),
    );
    await scene.fault({ kind: 'cut-off', database: old, from: 'replicas' });
    await client.query(`update orders set note = 'lost ' || id where id between 1 and 10`);
    await client.query(`delete from "Lines" where "order" between 91 and 95`);
    await client.query(`delete from orders where id between 91 and 95`);
    await client.query(
      `insert into orders select n, 'lost ' || n from generate_series(1001, 1000 + ${LOST}) n`,
    );
    await client.query(`insert into "Lines" select n, 1, 0.5 from generate_series(1001, 1010) n`);
    await scene.fault({ kind: 'kill-database', database: old, stays: true });
  });
  const { stored } = await scene.until(
    'another primary',
    ({ stored: { memory } }) => memory?.phase === 'healing',
  );
  const [retired] = stored.memory!.retired;
  expect(retired).toMatchObject({ recovery: 'needed', fork: { epoch: 1 } });
  expect(stored.memory!.forks).toEqual([retired!.fork]);

  await onPrimary(async (client) => {
    await client.query(`update orders set note = 'here' where id = 10`);
    await client.query(`delete from "Lines" where "order" = 9`);
    await client.query(`delete from orders where id = 9`);
    await client.query(`insert into orders values (1011, 'here')`);
  });
});

test('while it is dead a plan says so, in a sentence', async () => {
  const state = await invoke({ kind: 'plan', run: 'plan-dead' });
  expect(state).toMatchObject({
    state: 'failed',
    problem: expect.stringMatching(
      /^The old primary mysite-primary .* cannot be reached: .* plan with --from/s,
    ),
  });
});

let plan: NonNullable<RunState['plan']>;

test('a plan finds each of them, on the old primary in quarantine', async () => {
  const { identifier: old } = await databaseCalled('retired');
  await scene.fault({ kind: 'release-database', database: old });
  await scene.fault({ kind: 'heal' });
  await scene.until('the old primary', ({ facts }) =>
    facts.databases.some(({ role, server, inQuarantine }) => role === 'retired' && server && inQuarantine),
  );
  const state = await invoke({ kind: 'plan', run: 'plan-1' });
  expect(state).toMatchObject({ state: 'done' });
  plan = state!.plan!;
  expect(plan).toMatchObject({
    from: old,
    method: 'slot',
    gaps: 0,
    unrecoverable: 0,
    // Order 10 was changed on both, 9 deleted here, 1011 given out again.
    conflicts: 3,
    apply: 8 + 5 + 5 + (LOST - 1) + 10,
  });
  const files = (state as { files?: Record<string, string> }).files!;
  const s3 = new S3Client({ ...clientConfig(trial.running), forcePathStyle: true });
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket: (state as { bucket?: string }).bucket, Key: files['html'] }),
  );
  expect(await Body!.transformToString()).toContain(plan.id);
  s3.destroy();
});

const applyRequest = (changes: object = {}) => ({
  kind: 'apply',
  run: `apply-${randomUUID()}`,
  plan: plan.id,
  sha256: plan.sha256,
  conflicts: 'keep',
  triggers: 'skip',
  isDryRun: false,
  ...changes,
});

const orders = () =>
  onPrimary(async (client) => {
    const { rows } = await client.query<{ id: string; note: string }>('select id, note from orders');
    return new Map(rows.map(({ id, note }) => [Number(id), note]));
  });

test('a dry run writes nothing', async () => {
  const before = await orders();
  const dry = await invoke(applyRequest({ isDryRun: true }));
  expect(dry).toMatchObject({ state: 'done', applied: { isDryRun: true, counts: { kept: 3 } } });
  expect(await orders()).toEqual(before);
});

test('an apply whose function is killed goes on, and twice is once', async () => {
  const killed = applyRequest({ batchRows: 20 });
  await invoke(killed, 'Event');
  const { progress } = await until(async () => {
    const state = await told(killed.run);
    return state?.progress && state.progress.done > 0 ? state : undefined;
  });
  await scene.fault({ kind: 'kill-function', function: FUNCTION });
  expect(progress!.done).toBeLessThan(progress!.total!);
  expect(await told(killed.run)).toMatchObject({ state: 'running' });

  const state = await invoke(applyRequest());
  expect(state).toMatchObject({ state: 'done', applied: { isComplete: true, done: plan.apply + 3 } });
  const counts = state!.applied!['counts'] as Record<string, number>;
  expect(counts['done before']).toBeGreaterThan(0);
  expect((counts['done before'] ?? 0) + (counts['applied'] ?? 0) + (counts['kept'] ?? 0)).toBe(
    plan.apply + 3,
  );

  const after = await orders();
  const again = await invoke(applyRequest());
  expect(again).toMatchObject({ applied: { counts: { 'done before': plan.apply + 3 } } });
  expect(await orders()).toEqual(after);
});

test('what the old primary had is here, and nothing of the new one’s was touched', async () => {
  const expected = new Map<number, string>();
  for (let id = 1; id <= 90; id++) expected.set(id, id <= 8 ? `lost ${id}` : `old ${id}`);
  for (let id = 96; id <= 100; id++) expected.set(id, `old ${id}`);
  for (let id = 1001; id <= 1000 + LOST; id++) expected.set(id, `lost ${id}`);
  expected.delete(9);
  expected.set(10, 'here').set(1011, 'here');
  const found = await orders();
  expect(found.size).toBe(expected.size);
  expect([...found].filter(([id, note]) => expected.get(id) !== note)).toEqual([]);
  const { rows } = await onPrimary((client) =>
    client.query(`select count(*)::int as lines, sum(price)::text as sum from "Lines"`),
  );
  // 100 - 5 - 1 of old, and ten of 0.5.
  expect(rows).toEqual([{ lines: 104, sum: String(5050 - (91 + 92 + 93 + 94 + 95) - 9 + 5) + '.0' }]);
});

test('the old primary goes by itself, with a last snapshot', async () => {
  const { stored } = await scene.until('its end', ({ facts }) =>
    facts.databases.every(({ role }) => role !== 'retired'),
  );
  expect(stored.memory!.answer).toMatchObject({ outcome: 'accepted' });
  await scene.whole();
});
