import type { SeenNames } from '../../../lambda/failover/observation';
import { SimulatedClock } from '../../../trial/simulation/clock';
import { seeded } from '../../../trial/simulation/random';
import { someReader, Zone } from '../../../trial/simulation/zone';

const NAMES: SeenNames = {
  writer: 'a',
  readers: [
    { identifier: 'A', target: 'a', weight: 0 },
    { identifier: 'B', target: 'b', weight: 100 },
  ],
};
const MOVED: SeenNames = { writer: 'b', readers: [{ identifier: 'B', target: 'b', weight: 0 }] };

const zoneOf = (clock = new SimulatedClock()) => ({
  clock,
  zone: new Zone({ clock, random: seeded(3), resolvers: 20 }, NAMES),
});

test('a change is there at once for its maker, and within a minute for every resolver', async () => {
  const { zone, clock } = zoneOf();
  zone.change(NAMES, MOVED);
  expect(zone.names).toEqual(MOVED);
  const seen = () => Array.from({ length: 20 }, (_, resolver) => zone.seenBy(resolver).writer);
  expect(seen()).toContain('a');
  await clock.step(clock.now() + 8_000);
  expect(new Set(seen())).toEqual(new Set(['a', 'b']));
  await clock.step(clock.now() + 60_000);
  expect(new Set(seen())).toEqual(new Set(['b']));
});

test('a batch is made as a whole or not at all', () => {
  const { zone } = zoneOf();
  const stale = { ...NAMES, readers: [{ identifier: 'A', target: 'elsewhere', weight: 0 }] };
  expect(() => zone.change(stale, MOVED)).toThrow('A record that is to be deleted is not there.');
  expect(zone.names).toEqual(NAMES);
});

test('records of weight 0 are answered only when there is no other', () => {
  const random = seeded(1);
  const answers = (names: SeenNames) => new Set(Array.from({ length: 50 }, () => someReader(names, random)));
  expect(answers(NAMES)).toEqual(new Set(['b']));
  expect(answers(MOVED)).toEqual(new Set(['b']));
  expect(someReader({ readers: [] }, random)).toBeUndefined();
});
