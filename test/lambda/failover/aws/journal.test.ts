import { CreateTableCommand, DescribeTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { journalFor } from '../../../../lambda/failover/aws/journal';
import {
  dynamoDb,
  entryItem,
  putCommand,
  putHold,
  readEntries,
  removeCommand,
  removeHold,
} from '../../../../lambda/failover/aws/journal-items';
import type { Memory } from '../../../../lambda/failover/memory';
import type { Command, Commit, Entry, Hold, JournalPort } from '../../../../lambda/failover/ports';
import { type EmulatedAws, startAws } from './emulated-aws';

let aws: EmulatedAws;
let client: ReturnType<typeof dynamoDb>;
let table: string;
let journal: JournalPort;
let tables = 0;

const memory = (epoch: number) => ({ phase: 'steady', epoch, primary: 'db-1' }) as Memory;
const hold: Hold = { by: 'anna', at: 1, why: 'rest' };
const command: Command = { id: 'c-1', by: 'anna', at: 1, kind: 'acknowledge' };

const entry = (what: string): Entry => ({
  at: 1_700_000_000_000,
  epoch: 1,
  phase: 'steady',
  state: 'healthy',
  what,
  evidence: ['seen'],
  by: 'controller',
});

const commit = (change: Partial<Commit> = {}): Commit => ({
  version: 0,
  owner: 'a',
  memory: memory(1),
  entries: [],
  notOnHold: true,
  ...change,
});

beforeAll(async () => {
  aws = await startAws();
  client = dynamoDb(aws.region);
});

beforeEach(async () => {
  table = `journal-${++tables}`;
  await client.send(
    new CreateTableCommand({
      TableName: table,
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
  await client.send(new DescribeTableCommand({ TableName: table }));
  journal = journalFor(client, table);
});

afterAll(async () => {
  client?.destroy();
  await aws?.stop();
});

const taken = async (owner = 'a') => {
  await expect(journal.take(await journal.read(), owner)).resolves.toBe(true);
};

test('an empty table is version 0, with nothing', async () => {
  expect(await journal.read()).toEqual({ version: 0 });
});

test('what is committed is read', async () => {
  await taken();
  await expect(journal.commit(commit({ entries: [entry('one'), entry('two')] }))).resolves.toBe('written');
  expect(await journal.read()).toEqual({ version: 1, memory: memory(1), lease: { owner: 'a', beat: 2 } });
  await expect(journal.commit(commit({ version: 1, memory: memory(2) }))).resolves.toBe('written');
  expect(await journal.read()).toMatchObject({ version: 2, memory: { epoch: 2 }, lease: { beat: 3 } });
});

describe('the lease', () => {
  test('is taken by one of two, the first time and later', async () => {
    for (const round of ['first', 'later']) {
      const stored = await journal.read();
      const owners = [1, 2, 3].map((n) => `${round} ${n}`);
      const answers = await Promise.all(owners.map((owner) => journal.take(stored, owner)));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect((await journal.read()).lease?.owner).toBe(owners[answers.indexOf(true)]);
    }
  });

  test('is not taken from who has given a sign of life meanwhile', async () => {
    await taken();
    const stored = await journal.read();
    await journal.commit(commit());
    await expect(journal.take(stored, 'b')).resolves.toBe(false);
    await expect(journal.take(await journal.read(), 'b')).resolves.toBe(true);
  });

  test('that was taken away keeps the former owner from writing', async () => {
    await taken('a');
    await taken('b');
    await expect(journal.commit(commit({ owner: 'a' }))).resolves.toBe('lost');
    await expect(journal.commit(commit({ owner: 'b' }))).resolves.toBe('written');
  });

  test('is given back by its owner alone', async () => {
    await taken('a');
    await journal.release('b');
    expect((await journal.read()).lease?.owner).toBe('a');
    await journal.release('a');
    await journal.release('a');
    expect(await journal.read()).toEqual({ version: 0 });
    await taken('b');
  });
});

test('of two commits at once by either of two who think that they own it, one is written', async () => {
  await taken('a');
  const commits = [commit(), commit({ memory: memory(7) }), commit({ owner: 'b' })];
  const answers = await Promise.all(
    commits.map((one, index) => journal.commit({ ...one, entries: [entry(`${index}`)] })),
  );
  expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
  expect(answers.filter((answer) => answer === 'lost')).toHaveLength(2);
  const { entries } = await readEntries(client, table, { limit: 10 });
  expect(entries).toEqual([entry(String(answers.indexOf('written')))]);
});

describe('a hold', () => {
  test('keeps a commit from being written, if that asks for none', async () => {
    await taken();
    await expect(putHold(client, table, hold)).resolves.toBe(true);
    expect((await journal.read()).hold).toEqual(hold);
    await expect(journal.commit(commit({ entries: [entry('one')] }))).resolves.toBe('held');
    expect((await readEntries(client, table, { limit: 1 })).entries).toEqual([]);
    await expect(journal.commit(commit({ notOnHold: false }))).resolves.toBe('written');
    await removeHold(client, table);
    await removeHold(client, table);
    await expect(journal.commit(commit({ version: 1 }))).resolves.toBe('written');
  });

  test('is not overwritten by another', async () => {
    await putHold(client, table, hold);
    await expect(putHold(client, table, { ...hold, by: 'ben' })).resolves.toBe(false);
    expect((await journal.read()).hold).toEqual(hold);
  });

  test('that who lost the lease meets is the smaller news', async () => {
    await taken();
    await putHold(client, table, hold);
    await expect(journal.commit(commit({ owner: 'b' }))).resolves.toBe('lost');
  });
});

describe('a command', () => {
  test('goes with the commit that answers it', async () => {
    await taken();
    await expect(putCommand(client, table, command)).resolves.toBe(true);
    await expect(putCommand(client, table, { ...command, id: 'c-2' })).resolves.toBe(false);
    expect((await journal.read()).command).toEqual(command);
    await expect(journal.commit(commit({ answered: 'c-1' }))).resolves.toBe('written');
    expect((await journal.read()).command).toBeUndefined();
  });

  test('that was withdrawn, or is another one by now, is not answered', async () => {
    await taken();
    await expect(journal.commit(commit({ answered: 'c-1' }))).resolves.toBe('lost');
    await putCommand(client, table, { ...command, id: 'c-2' });
    await expect(journal.commit(commit({ answered: 'c-1' }))).resolves.toBe('lost');
    expect(await journal.read()).toMatchObject({ version: 0, command: { id: 'c-2' } });
  });

  test('is withdrawn by its id', async () => {
    await putCommand(client, table, command);
    await expect(removeCommand(client, table, 'c-2')).resolves.toBe(false);
    await expect(removeCommand(client, table, 'c-1')).resolves.toBe(true);
    await expect(removeCommand(client, table, 'c-1')).resolves.toBe(false);
  });
});

test('entries are read from the newest on, page by page, and end by themselves', async () => {
  await taken();
  for (let version = 0; version < 11; version++) {
    await journal.commit(commit({ version, entries: [entry(`${version} a`), entry(`${version} b`)] }));
  }
  const pages: string[][] = [];
  for (let before: string | undefined; ;) {
    const page = await readEntries(client, table, { limit: 8, before });
    pages.push(page.entries.map(({ what }) => what));
    if (!(before = page.next)) break;
  }
  expect(pages.flat()).toEqual(
    [...Array(11).keys()].reverse().flatMap((version) => [`${version} b`, `${version} a`]),
  );
  expect(pages[0]).toHaveLength(8);

  const { key } = entryItem(entry('6 b'), 7, 1);
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table, Key: { part: { S: 'journal' }, key: key! } }),
  );
  expect(Item).toMatchObject({ key: { S: '00000000000000000007#001' }, ttl: { N: '1734560000' } });
});

test('failures are told as outcomes', async () => {
  const nowhere = journalFor(client, 'nowhere');
  await expect(nowhere.read()).rejects.toMatchObject({ name: 'CallFailed', outcome: 'not-found' });
  await expect(nowhere.commit(commit())).rejects.toMatchObject({ outcome: 'not-found' });
  await expect(nowhere.take({ version: 0 }, 'a')).rejects.toMatchObject({ outcome: 'not-found' });
});
