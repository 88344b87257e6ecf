import type { Instance } from '../../../trial/servers/fleet-api';
import { type Known, loopbackAddress, plan, replacementDelay } from '../../../trial/servers/plan';
import { type Tracking, wantedCapacity } from '../../../trial/servers/scaling';

const instance = (id: string) => ({ id }) as Instance;
const planned = (wanted: string[], known: Record<string, Known>, unhealthy: string[] = []) => {
  const { start, stop, replace, forget } = plan(
    wanted.map(instance),
    new Map(Object.entries(known)),
    new Set(unhealthy),
    1_000,
  );
  return { start: start.map(({ id }) => id), stop, replace: replace.map(({ id }) => id), forget };
};
const nothing = { start: [], stop: [], replace: [], forget: [] };

test.each<[string, string[], Record<string, Known>, string[], object]>([
  ['a new instance is started', ['a', 'b'], { a: { phase: 'running' } }, [], { start: ['b'] }],
  [
    'one that starts or runs is left alone',
    ['a', 'b'],
    { a: { phase: 'running' }, b: { phase: 'starting' } },
    [],
    {},
  ],
  ['one that left its group is stopped', [], { a: { phase: 'running' } }, [], { stop: ['a'] }],
  ['one that is leaving is not stopped twice', [], { a: { phase: 'leaving' } }, [], {}],
  ['a dead one is replaced', ['a'], { a: { phase: 'dead' } }, [], { replace: ['a'] }],
  [
    'a dead one is replaced when its time has come',
    ['a'],
    { a: { phase: 'dead', replaceAt: 1_000 } },
    [],
    { replace: ['a'] },
  ],
  ['but not before', ['a'], { a: { phase: 'dead', replaceAt: 1_001 } }, [], {}],
  ['a dead one that left its group is forgotten', [], { a: { phase: 'dead' } }, [], { forget: ['a'] }],
  ['an unhealthy one is replaced', ['a'], { a: { phase: 'running' } }, ['a'], { replace: ['a'] }],
  ['one that starts is not unhealthy yet', ['a'], { a: { phase: 'starting' } }, ['a'], {}],
])('%s', (_, wanted, known, unhealthy, expected) => {
  expect(planned(wanted, known, unhealthy)).toEqual({ ...nothing, ...expected });
});

test('servers that die one after the other are replaced ever later', () => {
  expect([1, 2, 3, 4, 5].map(replacementDelay)).toEqual([0, 500, 1_000, 2_000, 4_000]);
  expect(replacementDelay(40)).toBe(30_000);
});

test('an instance’s loopback address comes from its private one, and has a twin while that is taken', () => {
  const taken = new Set<string>();
  const next = () => {
    const address = loopbackAddress('10.0.3.17', 77, (one) => taken.has(one));
    if (address) taken.add(address);
    return address;
  };
  expect([next(), next(), next()]).toEqual(['127.77.3.17', '127.78.3.17', undefined]);
});

describe('the scaling policy', () => {
  const tracking: Tracking = { target: 100, scaleIn: true, min: 2, max: 6, desired: 3 };
  const minutes = (...perTarget: number[]) => perTarget.map((rate) => ({ requests: rate * 3, targets: 3 }));
  const times = (count: number, rate: number) => minutes(...Array<number>(count).fill(rate));

  test.each<[string, { requests: number; targets: number }[], Partial<Tracking>, number | undefined]>([
    ['nothing is known', [], {}, undefined],
    ['two minutes above the target', times(2, 150), {}, undefined],
    ['three minutes above: as many as the load needs', times(3, 150), {}, 5],
    ['one of three not above', minutes(150, 100, 150), {}, undefined],
    ['more than the group may have', times(3, 1_000), {}, 6],
    ['already at the most', times(3, 1_000), { desired: 6 }, undefined],
    ['new servers are on their way: no more than needed', times(3, 150), { desired: 5 }, undefined],
    ['fourteen minutes below', times(14, 20), {}, undefined],
    ['fifteen minutes below: one goes', times(15, 20), {}, 2],
    ['below the target by less than a tenth', times(15, 95), {}, undefined],
    ['below, but one less would be too few', times(15, 80), {}, undefined],
    ['fifteen minutes without a request: one goes', times(15, 0), {}, 2],
    ['at the least', times(15, 0), { desired: 2 }, undefined],
    ['not to be scaled in', times(15, 0), { scaleIn: false }, undefined],
    ['no healthy target: no metric', times(15, 0).map((one) => ({ ...one, targets: 0 })), {}, undefined],
  ])('%s', (_, seen, changed, expected) => {
    expect(wantedCapacity({ ...tracking, ...changed }, seen)).toBe(expected);
  });
});
