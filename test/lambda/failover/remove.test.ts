import type { Memory } from '../../../lambda/failover/memory';
import { OURS } from '../../../lambda/failover/observe';
import type { Policy } from '../../../lambda/failover/policy';
import { CallFailed, type Commit, type Ports, type Stored } from '../../../lambda/failover/ports';
import { recordsOf, remove } from '../../../lambda/failover/remove';

const MINUTE = 60_000;
const RECORDS = { writer: 'p', readers: [] };

interface World {
  time: number;
  stored: Stored;
  readonly commits: Commit[];
  /** What RDS answers to deletions, in turn; then it does them. */
  readonly refusals: CallFailed[];
  readonly deleted: string[];
  instances: { identifier: string; source?: string; isOurs?: boolean; status?: string }[];
}

let world: World;
let ports: Ports;

beforeEach(() => {
  world = {
    time: 0,
    stored: { version: 4, memory: { epoch: 2, phase: 'steady' } as Memory },
    commits: [],
    refusals: [],
    deleted: [],
    instances: [],
  };
  const silent = () => undefined;
  ports = {
    clock: {
      now: () => world.time,
      sleep: async (milliseconds: number) => void (world.time += milliseconds),
    },
    rds: {
      call: async (operation: string, request: { DBInstanceIdentifier?: string }) => {
        if (operation === 'DescribeDBInstances') {
          return {
            DBInstances: world.instances.map(({ identifier, source, isOurs, status = 'available' }) => ({
              DBInstanceIdentifier: identifier,
              DbiResourceId: `db-${identifier}`,
              DBInstanceStatus: world.deleted.includes(identifier) ? 'deleting' : status,
              ReadReplicaSourceDBInstanceIdentifier: source,
              TagList: isOurs ? [OURS] : [],
            })),
          };
        }
        const refusal = world.refusals.shift();
        if (refusal) throw refusal;
        world.deleted.push(request.DBInstanceIdentifier!);
        return {};
      },
    },
    names: { read: async () => ({ readers: [] }), change: async () => undefined },
    journal: {
      read: async () => world.stored,
      take: async (stored: Stored, owner: string) => {
        world.stored = { ...stored, lease: { owner, beat: 1 } };
        return true;
      },
      commit: async (commit: Commit) => {
        world.commits.push(commit);
        return 'written';
      },
      release: async () => void (world.stored = { ...world.stored, lease: undefined }),
    },
    stack: { setPolicy: async () => Promise.reject(new CallFailed('denied', 'no')) },
    log: { info: silent, warn: silent, error: silent, metric: silent },
  } as unknown as Ports;
});

const removed = () =>
  remove({ ports, policy: { name: 'mysite' } as Policy, owner: 'me', until: 2 * MINUTE, records: RECORDS });

test('closes the journal as the holder of the lease, keeping what it remembers', async () => {
  await removed();
  expect(world.commits).toEqual([
    expect.objectContaining({
      version: 4,
      owner: 'me',
      memory: { epoch: 2, phase: 'steady', closed: true },
      notOnHold: false,
      entries: [expect.objectContaining({ what: 'closed', epoch: 2, by: 'me' })],
    }),
  ]);
  expect(world.stored.lease).toBeUndefined();
});

test('a primary that has not got its usual name back would be deleted as a replica: nothing is done', async () => {
  world.stored = { ...world.stored, memory: { ...world.stored.memory!, primary: 'db-mysite-replica-1' } };
  world.instances = [{ identifier: 'mysite-primary' }, { identifier: 'mysite-replica-1' }];
  await expect(removed()).rejects.toThrow(/called mysite-replica-1.*npm run failover -- names/);
  expect(world.commits).toEqual([]);
});

test('takes the lease from a run that works, and waits for what that has begun', async () => {
  world.stored = { ...world.stored, lease: { owner: 'other', beat: 7 } };
  await removed();
  expect(world.time).toBe(15_000);
  expect(world.commits).toHaveLength(1);
});

test('tries again when a run was faster, and gives up in the end', async () => {
  let tries = 0;
  const take = async () => ++tries > 2000;
  ports = { ...ports, journal: { ...ports.journal, take } };
  await expect(removed()).rejects.toThrow('could not be closed: delete the stack again');
  expect(tries).toBe(1200);
  expect(world.commits).toEqual([]);
});

test('a journal that is gone has nobody to keep from working', async () => {
  const read = () => Promise.reject(new CallFailed('not-found', 'no table'));
  ports = { ...ports, journal: { ...ports.journal, read } };
  await removed();
});

test('a journal that does not answer stops it, before a record is changed', async () => {
  const read = () => Promise.reject(new CallFailed('timeout', 'no answer'));
  const change = jest.fn();
  ports = { ...ports, names: { ...ports.names, change }, journal: { ...ports.journal, read } };
  await expect(removed()).rejects.toThrow('no answer');
  expect(change).not.toHaveBeenCalled();
});

describe('databases', () => {
  beforeEach(() => {
    world.instances = [
      { identifier: 'mysite-primary', isOurs: true },
      { identifier: 'mysite-replica-1', source: 'mysite-primary' },
      { identifier: 'mysite-replica-2', source: 'mysite-primary', isOurs: true },
      { identifier: 'mysite-retired-1' },
      { identifier: 'other-replica-2', source: 'other-primary', isOurs: true },
    ];
  });

  test('that the controller made and that hold nothing of their own are deleted, and no other', async () => {
    await removed();
    expect(world.deleted).toEqual(['mysite-replica-2']);
  });

  test.each(['deleting', 'delete-precheck'])(
    'that RDS is deleting already are not asked for: %s',
    async (status) => {
      world.instances[2] = { ...world.instances[2]!, status };
      await removed();
      expect(world.deleted).toEqual([]);
    },
  );

  test('that RDS is not ready to delete are tried again', async () => {
    world.refusals.push(new CallFailed('wrong-state', 'creating'), new CallFailed('throttled', 'slow'));
    await removed();
    expect(world.deleted).toEqual(['mysite-replica-2']);
  });

  test('that cannot be deleted are told', async () => {
    world.refusals.push(...Array.from({ length: 100 }, () => new CallFailed('denied', 'you may not')));
    await expect(removed()).rejects.toThrow(/could not be deleted: you may not$/);
  });
});

test.each([undefined, {}, { Records: 'none' }])('%j has no records', (properties) => {
  expect(() => recordsOf(properties, { writerName: 'writer' })).toThrow('The property Records is missing');
});
