/** In which order drafts can be made, in as few steps as is easily had: a step is one table and one operation. */
import type { Operation } from '../plan';
import { cyclesOf } from './graph';
import { groupBy } from './group';

export interface Node {
  readonly table: string;
  readonly operation: Operation;
}

/** `of` comes after `on`; unless soft, not in the same statement. */
export interface Wait {
  readonly of: number;
  readonly on: number;
  readonly isSoft: boolean;
}

export interface Step {
  /** Places of nodes, in their order. */
  readonly members: readonly number[];
  /** They wait for each other: they must be made by one statement. */
  readonly together: boolean;
}

/** Of several small cycles one statement is made, until it has this many rows. */
const TOGETHER = 500;

const OPERATIONS: readonly Operation[] = ['delete', 'update', 'insert'];

/**
 * A step is filled with whatever is ready of its table and operation, also with what its own members make ready; then
 * comes the one that waits for the fewest others.
 */
export function orderOf(nodes: readonly Node[], waits: readonly Wait[]): Step[] {
  const cycle = cyclesOf(nodes.length, waits);
  const groups = groupsOf(cycle);
  const outer = waits.filter(({ of, on }) => cycle[of] !== cycle[on]);
  const inner = waits.filter(({ of, on, isSoft }) => cycle[of] === cycle[on] && of !== on && !isSoft);
  const hardIn = groupBy(inner, ({ of }) => cycle[of]!);

  // Of cycles, the whole is what waits and what is waited for.
  const waiting = new Int32Array(groups.length);
  const followers = new Array<{ group: number; isSoft: boolean }[] | undefined>(groups.length);
  for (const { of, on, isSoft } of outer) {
    waiting[cycle[of]!]!++;
    (followers[cycle[on]!] ??= []).push({ group: cycle[of]!, isSoft });
  }
  const kinds = kindsOf(nodes);
  const kindOf = (group: number): Kind => kinds.of(groups[group]![0]!);
  const cycles: number[] = [];
  // In the drafts' own order, which is that of keys.
  const byPlace = [...groups.keys()].sort((a, b) => groups[a]![0]! - groups[b]![0]!);
  for (const group of byPlace) {
    if (groups[group]!.length === 1) kindOf(group).left++;
    if (waiting[group] === 0) (groups[group]!.length > 1 ? cycles : kindOf(group).ready).push(group);
  }

  const steps: Step[] = [];
  const blockedUntilNext = new Int32Array(groups.length).fill(-1);
  const finish = (group: number, current?: Kind, later?: number[]) => {
    for (const follower of followers[group] ?? []) {
      if (!follower.isSoft) blockedUntilNext[follower.group] = steps.length;
      if (--waiting[follower.group]! > 0) continue;
      const isCycle = groups[follower.group]!.length > 1;
      const kind = kindOf(follower.group);
      const mustWait = kind === current && blockedUntilNext[follower.group] === steps.length;
      (isCycle ? cycles : mustWait ? later! : kind.ready).push(follower.group);
    }
  };
  for (;;) {
    if (cycles.length > 0) {
      const made = takeCycles(cycles, groups, hardIn, nodes);
      made.groups.forEach((group) => finish(group));
      steps.push({ members: made.members, together: true });
      continue;
    }
    const kind = kinds.next();
    if (!kind) return steps;
    const members: number[] = [];
    const later: number[] = [];
    for (let at = 0; at < kind.ready.length; at++) {
      const group = kind.ready[at]!;
      members.push(groups[group]![0]!);
      finish(group, kind, later);
    }
    kind.left -= members.length;
    kind.ready = later;
    steps.push({ members, together: false });
  }
}

interface Kind {
  /** Groups of one node each. */
  ready: number[];
  /** Not made yet, ready or not. */
  left: number;
}

function kindsOf(nodes: readonly Node[]): { of(node: number): Kind; next(): Kind | undefined } {
  const byName = new Map<string, Kind>();
  const nameOf = ({ table, operation }: Node) => `${OPERATIONS.indexOf(operation)} ${table}`;
  for (const name of [...new Set(nodes.map(nameOf))].sort()) byName.set(name, { ready: [], left: 0 });
  const all = [...byName.values()];
  return {
    of: (node) => byName.get(nameOf(nodes[node]!))!,
    next: () =>
      all
        .filter(({ ready }) => ready.length > 0)
        .reduce<Kind | undefined>(
          (best, kind) =>
            !best || kind.left - kind.ready.length < best.left - best.ready.length ? kind : best,
          undefined,
        ),
  };
}

/** Takes what is ready, and gives its members in an order in which values are freed before they are taken. */
function takeCycles(
  ready: number[],
  groups: readonly (readonly number[])[],
  hardIn: ReadonlyMap<number, readonly Wait[]>,
  nodes: readonly Node[],
): { groups: number[]; members: number[] } {
  const rank = (node: number) => `${OPERATIONS.indexOf(nodes[node]!.operation)} ${nodes[node]!.table}`;
  const sorted = (members: readonly number[]) =>
    [...members].sort((a, b) => (rank(a) === rank(b) ? a - b : rank(a) < rank(b) ? -1 : 1));
  const hard = ready.find((group) => hardIn.has(group));
  if (hard !== undefined) {
    ready.splice(ready.indexOf(hard), 1);
    return { groups: [hard], members: freedFirst(sorted(groups[hard]!), hardIn.get(hard)!) };
  }
  const taken = [ready.shift()!];
  let size = groups[taken[0]!]!.length;
  while (ready.length > 0 && size + groups[ready[0]!]!.length <= TOGETHER) {
    const group = ready.shift()!;
    taken.push(group);
    size += groups[group]!.length;
  }
  return { groups: taken, members: sorted(taken.flatMap((group) => groups[group]!)) };
}

/** Depth first over what each waits for; where that goes round, conflicts are among them, and any order is as good. */
function freedFirst(members: readonly number[], waits: readonly Wait[]): number[] {
  const before = groupBy(waits, ({ of }) => of);
  const done = new Set<number>();
  const seen = new Set<number>();
  const order: number[] = [];
  for (const member of members) {
    const path = [member];
    while (path.length > 0) {
      const node = path[path.length - 1]!;
      seen.add(node);
      const open = before.get(node)?.find(({ on }) => !seen.has(on));
      if (open) path.push(open.on);
      else {
        path.pop();
        if (!done.has(node)) order.push(node);
        done.add(node);
      }
    }
  }
  return order;
}

function groupsOf(cycle: Int32Array): number[][] {
  const groups: number[][] = [];
  cycle.forEach((group, node) => (groups[group] ??= []).push(node));
  return groups;
}
