import { cyclesOf } from '../../../../lambda/recovery/dependents/graph';
import { type Node, type Wait, orderOf } from '../../../../lambda/recovery/dependents/order';
import { numbers } from './random';

describe('cycles', () => {
  it.each([
    [
      'none',
      3,
      [
        [0, 1],
        [1, 2],
        [0, 2],
      ],
      [[0], [1], [2]],
    ],
    [
      'two',
      4,
      [
        [0, 1],
        [1, 0],
        [2, 3],
        [3, 2],
        [1, 2],
      ],
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [
      'one through another way',
      4,
      [
        [0, 1],
        [1, 2],
        [2, 0],
        [2, 3],
        [3, 1],
      ],
      [[0, 1, 2, 3]],
    ],
    ['itself', 2, [[0, 0]], [[0], [1]]],
  ])('%s', (_name, size, edges, groups) => {
    const cycles = cyclesOf(
      size,
      edges.map(([of, on]) => ({ of: of!, on })),
    );
    const found = new Map<number, number[]>();
    cycles.forEach((cycle, node) => found.set(cycle, [...(found.get(cycle) ?? []), node]));
    expect([...found.values()].sort((a, b) => a[0]! - b[0]!)).toEqual(groups);
  });

  it('follows a chain of any length', () => {
    const size = 300_000;
    const edges = Array.from({ length: size }, (_, of) => ({ of, on: (of + 1) % size }));
    expect(new Set(cyclesOf(size, edges)).size).toBe(1);
  });
});

/** `i:a` inserts in table a; waits as `1>0`, or `1>>0` where it may not be the same statement. */
function order(nodes: string, waits: string): string {
  const list = nodes.split(' ').map((node): Node => {
    const [operation, table] = node.split(':') as [string, string];
    return { table, operation: operation === 'i' ? 'insert' : operation === 'u' ? 'update' : 'delete' };
  });
  const steps = orderOf(
    list,
    waits
      .split(' ')
      .filter(Boolean)
      .map((wait): Wait => {
        const [of, on] = wait.split(/>+/).map(Number) as [number, number];
        return { of, on, isSoft: !wait.includes('>>') };
      }),
  );
  return steps.map(({ members, together }) => members.join(' ') + (together ? '!' : '')).join(', ');
}

it.each([
  ['one step for a table and an operation', 'i:a i:b i:a d:a', '', '3, 0 2, 1'],
  ['parents first, all of a tree in one step', 'i:a i:a i:b i:a i:b', '0>1 1>3 2>0 4>3', '3 1 0, 4 2'],
  ['a value is freed in a step before', 'u:a u:a u:a', '0>>1 1>>2', '2, 1, 0'],
  ['also by another way round', 'u:a u:a u:a', '0>1 0>>2 1>2', '2 1, 0'],
  ['not twice to the same table where once is enough', 'i:a i:b i:a i:c', '1>0 1>2 3>1', '0 2, 1, 3'],
  [
    'a cycle is one step, after what it waits for and before what waits for it',
    'i:a i:b i:c i:d',
    '0>1 1>0 1>2 3>0',
    '2, 0 1!, 3',
  ],
  ['small cycles share a step', 'i:a i:b i:a i:b', '0>1 1>0 2>3 3>2', '0 2 1 3!'],
  ['unless a value is freed in one of them', 'd:a i:b i:a u:b', '0>1 1>>0 2>3 3>2', '0 1!, 3 2!'],
  ['a value is freed first within a cycle', 'i:a d:a u:b', '0>>1 1>2 2>0', '1 2 0!'],
])('%s', (_name, nodes, waits, expected) => {
  expect(order(nodes, waits)).toBe(expected);
});

it('keeps every wait, whatever the graph, and makes every node once', () => {
  const random = numbers(7);
  const below = (n: number) => Math.floor(random() * n);
  for (let round = 0; round < 300; round++) {
    const nodes = Array.from({ length: 1 + below(40) }, (): Node => ({
      table: 'abc'[below(3)]!,
      operation: (['insert', 'update', 'delete'] as const)[below(3)]!,
    }));
    const waits = Array.from({ length: below(60) }, (): Wait => ({
      of: below(nodes.length),
      on: below(nodes.length),
      isSoft: random() < 0.6,
    }));
    const steps = orderOf(nodes, waits);
    const stepOf = new Map(
      steps.flatMap(({ members }, step) => members.map((node) => [node, step] as const)),
    );
    const placeOf = new Map(steps.flatMap(({ members }) => members).map((node, place) => [node, place]));
    expect(placeOf.size).toBe(nodes.length);
    expect(steps.flatMap(({ members }) => members)).toHaveLength(nodes.length);
    const cycles = cyclesOf(nodes.length, waits);
    for (const { of, on, isSoft } of waits) {
      if (cycles[of] === cycles[on]) {
        expect(stepOf.get(of)).toBe(stepOf.get(on));
        if (of !== on) expect(steps[stepOf.get(of)!]!.together).toBe(true);
        continue;
      }
      expect(placeOf.get(on)!).toBeLessThan(placeOf.get(of)!);
      if (!isSoft) expect(stepOf.get(on)!).toBeLessThan(stepOf.get(of)!);
    }
    for (const { members, together } of steps.filter((step) => !step.together)) {
      expect(together).toBe(false);
      expect(new Set(members.map((node) => JSON.stringify(nodes[node]))).size).toBe(1);
    }
  }
});

it('orders a hundred thousand at once, in few steps', () => {
  const size = 100_000;
  // Parents, children and grandchildren in turn; each parent of its own.
  const nodes = Array.from({ length: size }, (_, i): Node => ({ table: 'cba'[i % 3]!, operation: 'insert' }));
  const waits = nodes.flatMap((_, i): Wait[] =>
    i % 3 < 2 && i + 1 < size ? [{ of: i, on: i + 1, isSoft: true }] : [],
  );
  expect(orderOf(nodes, waits).map(({ members }) => members.length)).toEqual([33_333, 33_333, 33_334]);
  // A list: each after the next.
  const chain = nodes.map((_, i): Wait => ({ of: i, on: Math.min(i + 1, size - 1), isSoft: true }));
  const list = nodes.map((): Node => ({ table: 'a', operation: 'insert' }));
  expect(orderOf(list, chain)).toHaveLength(1);
});
