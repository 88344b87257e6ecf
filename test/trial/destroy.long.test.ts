/**
 * What `cdk destroy --all` does, with the real CLI: at every stage, after a failover, and after deployments that failed. What it
 * leaves is what README.md ("Take it down") says, and nothing else.
 */
import { STAGES, type Stage, partsOf } from '../../lib/stage';
import { openJournal } from '../../trial/drill/journal';
import type { World } from '../../trial/world/world';
import { ControllerFinder } from '../../trial/world/controller';
import { difference, inventory } from './deployments/inventory';
import { Site } from './deployments/site';
import { setTimeout as sleep } from 'node:timers/promises';

jest.setTimeout(1_800_000);
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const PROTECTED = { 'database.deletionProtection': 'true' };
const NETWORK = 180;
const PRIMARY = 'mysite-primary';

let site: Site;
let empty: ReadonlySet<string>;
const start = (network: number) => async () => {
  site = await Site.start(network);
  empty = await inventory(site.target);
};
const end = () => site.close();

/** How many of which kind have come since `before`, and what that held data is gone. */
async function since(before: ReadonlySet<string>) {
  const { left, gone } = difference(before, await inventory(site.target));
  const kinds = left.map((one) => (one.startsWith('snapshot') ? one : one.replace(/ \S+$/, '')));
  return { left: kinds, gone };
}

const snapshotOf = (database: string) => `snapshot ${database}-final-snapshot`;

/** README.md, "Take it down". */
const stays = (stage: Stage): string[] =>
  [
    'bucket',
    'zone',
    // Of the lone server; at the later stages as long as `server.keepVolume` says so.
    'volume',
    ...(partsOf(stage).database ? ['key', snapshotOf(PRIMARY)] : []),
    ...(partsOf(stage).replicas ? ['table'] : []),
  ].toSorted();

const databases = async ({ rds }: World) =>
  (await rds.model.call('DescribeDBInstances', {})).DBInstances!.map((one) => ({
    identifier: one.DBInstanceIdentifier!,
    resourceId: one.DbiResourceId!,
    /** Absent: it holds what nobody else does. */
    source: one.ReadReplicaSourceDBInstanceIdentifier,
  }));

/** Waits until the controller says so. Time is no verdict. */
async function until(holds: (state: string | undefined, primary: string | undefined) => boolean) {
  const finder = new ControllerFinder(site.target, site.world.group);
  for (;;) {
    const memory = (await finder.look())?.memory;
    if (holds(memory?.state?.name, memory?.primary)) return;
    await sleep(100);
  }
}

describe.each(STAGES)('at %s', (stage) => {
  beforeAll(start(NETWORK + 4 * STAGES.indexOf(stage)));
  afterAll(end);

  test('a site with its data protected stays whole', async () => {
    const assembly = site.assembly(stage, PROTECTED);
    await site.deploy(assembly);
    if (!partsOf(stage).database) return;
    const before = await inventory(site.target);
    await expect(site.destroy(assembly)).rejects.toThrow('TerminationProtection is enabled');
    expect(await since(before)).toEqual({ left: [], gone: [] });
  });

  test('with the protection off it goes; what stays is known', async () => {
    const assembly = site.assembly(stage);
    await site.deploy(assembly);
    await site.destroy(assembly);
    expect((await since(empty)).left.toSorted()).toEqual(stays(stage));
  });
});

describe('a site whose controller is at work', () => {
  beforeAll(start(NETWORK + 20));
  afterAll(end);

  test('goes with the records that the controller has changed; a last snapshot stays', async () => {
    const assembly = site.assembly('replicated');
    await site.deploy(assembly);
    await until((state) => state === 'healthy');
    // It leaves the readers: a record of the stack is not there, and must be when CloudFormation deletes it.
    const { rds, plane } = site.world;
    const replica = (await databases(site.world)).find(({ identifier }) => /-replica-1$/.test(identifier))!;
    rds.model.holdDown(replica.identifier);
    await plane.kill(replica.resourceId);
    await until((state) => state === 'replica-unfit');
    await site.destroy(assembly);
    expect((await since(empty)).left.toSorted()).toEqual(stays('replicated'));
  });
});

describe('after a failover', () => {
  beforeAll(start(NETWORK + 24));
  afterAll(end);

  test('the promoted primary is not deleted as a replica: the deletion is refused, and says what to do', async () => {
    const assembly = site.assembly('replicated');
    await site.deploy(assembly);
    await until((state) => state === 'healthy');
    await site.notes();
    await site.write('before the failover');
    const [old] = (await databases(site.world)).filter(({ identifier }) => identifier === PRIMARY);
    const { rds, plane } = site.world;
    rds.model.holdDown(old!.resourceId);
    await plane.kill(old!.resourceId);
    await until((_, primary) => primary !== undefined && primary !== old!.resourceId);
    rds.model.release(old!.resourceId);
    await until((state) => state === 'retired-waits');
    const before = await databases(site.world);
    const primaries = before.filter(({ source }) => source === undefined);
    expect(primaries).toHaveLength(2);
    await expect(site.destroy(assembly)).rejects.toThrow(
      /A primary is called mysite-replica-\d, and would be deleted as a replica, without a snapshot: give it its usual name first \(npm run failover -- names\)/,
    );
    // Replicas come and go: the controller is at work.
    expect(await databases(site.world)).toEqual(expect.arrayContaining(primaries));
    // It is refused before anything is gone.
    const serves = assembly.stacks.filter(({ name }) => name !== 'mysite-operations');
    const statuses = await Promise.all(serves.map(({ name }) => site.status(name)));
    expect(statuses).toEqual(serves.map(() => 'CREATE_COMPLETE'));
    expect(await site.notes()).toEqual(['before the failover']);
  });

  test('with its usual name back it goes, and leaves the last snapshot of the promoted one', async () => {
    const { resourceId } = (await databases(site.world)).find(({ identifier }) => identifier !== PRIMARY)!;
    expect(resourceId).toBeDefined();
    const journal = await openJournal(site.target);
    const command = async (asked: Parameters<typeof journal.put>[0]) => {
      const id = await journal.put(asked);
      while ((await journal.read()).command?.id === id) await sleep(100);
    };
    await command({ kind: 'waive', why: 'the site goes', recovered: false });
    await until((state) => state === 'healthy');
    await command({ kind: 'names' });
    const finder = new ControllerFinder(site.target, site.world.group);
    for (;;) {
      const primary = (await finder.look())?.memory?.primary;
      const named = (await databases(site.world)).find(({ identifier }) => identifier === PRIMARY);
      if (named && named.resourceId === primary) break;
      await sleep(100);
    }
    journal.close();
    await site.destroy(site.assembly('replicated'));
    // And that of the old primary, which the waive has deleted.
    const lastOfOld = /^snapshot mysite-primary-\d+-\w+-last$/;
    const { left } = await since(empty);
    expect(left.filter((one) => lastOfOld.test(one))).toHaveLength(1);
    expect(left.filter((one) => !lastOfOld.test(one)).toSorted()).toEqual(stays('replicated'));
  });
});

describe('after a deployment that failed', () => {
  // Each in an account of its own: last snapshots have one name here.
  beforeEach(start(NETWORK + 28));
  afterEach(end);

  test('the first one: what was made before it goes', async () => {
    const assembly = site.assembly('replicated');
    site.resourceFaults.set({
      type: 'AWS::AutoScaling::AutoScalingGroup',
      when: 'create',
      late: true,
      reason: 'no servers',
    });
    await expect(site.deploy(assembly)).rejects.toThrow('no servers');
    expect(await site.status('mysite-web')).toBe('ROLLBACK_COMPLETE');
    site.resourceFaults.set();
    await site.destroy(assembly);
    // The volume is empty, and goes with a stack that was never there.
    const expected = stays('replicated').filter((one) => one !== 'volume');
    expect((await since(empty)).left.toSorted()).toEqual(expected);
  });

  test('a step of growth', async () => {
    await site.deploy(site.assembly('load-balanced'));
    site.resourceFaults.set({
      type: 'Custom::ReleaseDatabases',
      when: 'create',
      late: true,
      reason: 'no release',
    });
    await expect(site.deploy(site.assembly('replicated'))).rejects.toThrow('no release');
    expect(await site.status('mysite-data')).toBe('UPDATE_ROLLBACK_COMPLETE');
    site.resourceFaults.set();
    await site.destroy(site.assembly('load-balanced'));
    expect((await since(empty)).left.toSorted()).toEqual(stays('load-balanced'));
  });
});
