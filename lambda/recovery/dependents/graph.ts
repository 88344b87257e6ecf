/** Cycles of a directed graph: its strongly connected components, by Tarjan's algorithm, without recursion. */

export interface Edge {
  readonly of: number;
  readonly on?: number;
}

/** @returns a number for each node; nodes that are in a cycle with each other have the same one, all others their own */
export function cyclesOf(size: number, edges: readonly Edge[]): Int32Array {
  const { first, targets } = adjacency(size, edges);
  const component = new Int32Array(size).fill(-1);
  const index = new Int32Array(size).fill(-1);
  const low = new Int32Array(size);
  const next = Int32Array.from(first.subarray(0, size));
  const stack: number[] = [];
  const path: number[] = [];
  let count = 0;
  let components = 0;
  const enter = (node: number) => {
    index[node] = low[node] = count++;
    stack.push(node);
    path.push(node);
  };
  for (let root = 0; root < size; root++) {
    if (index[root] !== -1) continue;
    enter(root);
    while (path.length > 0) {
      const node = path[path.length - 1]!;
      if (next[node]! < first[node + 1]!) {
        const target = targets[next[node]!++]!;
        if (index[target] === -1) enter(target);
        else if (component[target] === -1) low[node] = Math.min(low[node]!, index[target]!);
        continue;
      }
      path.pop();
      const before = path[path.length - 1];
      if (before !== undefined) low[before] = Math.min(low[before]!, low[node]!);
      if (low[node] !== index[node]) continue;
      let member: number;
      do component[(member = stack.pop()!)] = components;
      while (member !== node);
      components++;
    }
  }
  return component;
}

/** From `of` to `on`, as two arrays: the targets of node n are at first[n] … first[n + 1] - 1. */
function adjacency(size: number, edges: readonly Edge[]): { first: Int32Array; targets: Int32Array } {
  const first = new Int32Array(size + 1);
  for (const { of, on } of edges) if (on !== undefined) first[of + 1]!++;
  for (let node = 0; node < size; node++) first[node + 1]! += first[node]!;
  const at = Int32Array.from(first.subarray(0, size));
  const targets = new Int32Array(first[size]!);
  for (const { of, on } of edges) if (on !== undefined) targets[at[of]!++] = on;
  return { first, targets };
}
