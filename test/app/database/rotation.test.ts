import { nextInTurn, patienceMillis } from '../../../app/database/rotation';

const host = (turn: number, inFlight = 0) => ({ turn, inFlight });

test('nobody is next of none', () => {
  expect(nextInTurn([], 10)).toBeUndefined();
});

test('whoever waited longest is next, a new one at once', () => {
  const [waited, recent, fresh] = [host(3), host(9), host(0)];
  expect(nextInTurn([recent, waited], 10)).toBe(waited);
  expect(nextInTurn([recent, waited, fresh], 10)).toBe(fresh);
});

test('whoever has all connections in use is passed over, unless all have', () => {
  const [busy, full, other] = [host(1, 9), host(1, 10), host(9, 1)];
  expect(nextInTurn([busy, other], 10)).toBe(busy);
  expect(nextInTurn([full, other], 10)).toBe(other);
  expect(nextInTurn([host(9, 10), full], 10)).toBe(full);
});

test('2,000 turns are even, whatever the order in which work ends', () => {
  const hosts = [host(0), host(0), host(0)].map((one) => ({ ...one, served: 0 }));
  for (let turn = 1; turn <= 2_000; turn++) {
    const next = nextInTurn(hosts, 10)!;
    Object.assign(next, { turn, served: next.served + 1, inFlight: (turn * 7) % 5 });
  }
  expect(Math.max(...hosts.map(({ served }) => served))).toBeLessThanOrEqual(667);
});

test.each([
  [1, 50_000],
  [2, 50_000],
  [3, 90_000],
  [15, 505_000],
])('of %i names, one that is not answered for %i ms is gone', (names, millis) => {
  expect(patienceMillis(names)).toBe(millis);
});
