import type { SeenNames } from '../../../lambda/failover/observation';
import { answerOf } from '../../../trial/simulation/answer';
import { Client } from '../../../trial/simulation/client';
import { hasWriters } from '../../../trial/simulation/facts';
import { DATABASE_GROUP, QUARANTINE_GROUP } from '../../../trial/simulation/policy';
import { seeded } from '../../../trial/simulation/random';
import type { Row } from '../../../trial/simulation/wal';
import { Zone } from '../../../trial/simulation/zone';
import { makePlane } from './world-parts';

const names = (writer: string, ...readers: string[]): SeenNames => ({
  writer: `${writer}.rds`,
  readers: [
    { identifier: writer, target: `${writer}.rds`, weight: 0 },
    ...readers.map((reader) => ({ identifier: reader, target: `${reader}.rds`, weight: 100 })),
  ],
});

async function makeClient(clings = true) {
  const parts = await makePlane('one', 'two');
  const { clock, plane, network } = parts;
  const zone = new Zone({ clock, random: seeded(1), resolvers: 1 }, names('primary', 'one', 'two'));
  const rows: Row[] = [];
  const served: string[] = [];
  const failed = { writes: 0, reads: 0 };
  const client = new Client(
    {
      zone: () => zone,
      now: clock.now,
      resolve: (target) => plane.named(target),
      answers: (server, isNew) => answerOf(network, 'clients', server, isNew ? [DATABASE_GROUP] : undefined),
      wrote: (row) => void rows.push(row),
      writeFailed: () => void failed.writes++,
      read: (_, { resourceId }) => void served.push(resourceId),
      readFailed: () => void failed.reads++,
    },
    seeded(2),
    0,
    clings,
  );
  const live = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      client.tick();
      await parts.pass(1_000);
    }
  };
  return { ...parts, zone, rows, served, failed, live };
}

test('it writes to the primary and reads from the replicas', async () => {
  const { live, rows, served, failed } = await makeClient();
  await live(60);
  expect(rows).toHaveLength(60);
  expect(rows.every(({ server, acknowledged }) => server === 'primary' && acknowledged)).toBe(true);
  expect(new Set(served)).toEqual(new Set(['one', 'two']));
  expect(failed).toEqual({ writes: 0, reads: 0 });
});

test('a security group concerns new connections only', async () => {
  const { live, rows, plane, server } = await makeClient();
  await live(5);
  await plane.setSecurityGroups('primary', [QUARANTINE_GROUP]);
  await live(5);
  expect(rows).toHaveLength(10);
  const restarted = plane.reboot('primary');
  await live(30);
  await restarted;
  expect(rows).toHaveLength(10);
  expect(hasWriters(server('primary'))).toBe(false);
});

test('a statement that a frozen server has not read is carried out when it is thawed, and nobody is told', async () => {
  const { live, rows, plane, server, failed } = await makeClient();
  await live(3);
  plane.freeze('primary');
  await live(20);
  expect(failed.writes).toBeGreaterThan(0);
  expect(hasWriters(server('primary'))).toBe(true);
  const before = server('primary').timeline.last.nextKey;
  plane.thaw('primary');
  expect(server('primary').timeline.last.nextKey).toBe(before + 1);
  expect(rows).toHaveLength(3);
  await live(5);
  expect(rows.length).toBeGreaterThan(4);
});

test.each([true, false])('when the name moves it follows; its socket it keeps: %s', async (clings) => {
  const { live, rows, zone, plane } = await makeClient(clings);
  await live(5);
  await plane.promote('one');
  zone.change(zone.names, names('one'));
  await live(75);
  expect(new Set(rows.slice(-5).map(({ server }) => server))).toEqual(new Set([clings ? 'primary' : 'one']));
});

test('without replicas it reads from the primary', async () => {
  const { live, served, plane, failed } = await makeClient();
  plane.crash('one');
  plane.crash('two');
  await live(10);
  expect(new Set(served)).toEqual(new Set(['primary']));
  expect(failed.reads).toBe(0);
});
