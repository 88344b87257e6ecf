/** One measured figure: the median of `values`, one of each run. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly values: readonly number[];
  /** Absent: measured for information. */
  readonly goal?: Goal;
}

/** `times`: a ratio. */
export type Unit =
  's' | 'MiB' | 'bytes' | 'times' | 'resources' | '%' | 'writes' | 'alarms' | 'changes' | 'rows/s';

export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** What one part of the benchmark came to. */
export interface Section {
  readonly part: string;
  readonly title: string;
  /** How it was measured. */
  readonly about: string;
  readonly figures: readonly Figure[];
  readonly table?: Table;
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

export interface Column {
  readonly name: string;
  /** Numbers are aligned to the right. */
  readonly number?: boolean;
}

/** @throws Error when there are no values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('the median of nothing was asked for');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Whether `value` reaches `goal`. */
export const reached = (value: number, goal: Goal): boolean =>
  'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;

/** What two measurements that were taken in turn say pair by pair, so that a drift of the machine hits both. */
export function pairwise(
  left: readonly number[],
  right: readonly number[],
  compare: (left: number, right: number) => number,
): number[] {
  return left.map((value, index) => compare(value, right[index]!));
}
