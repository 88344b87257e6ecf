/** What one change does to keys, and what many do to one. */
import type { RowChange, Tuple } from './decode';

export interface Step {
  readonly key: readonly string[];
  /** Whether there was such a row before the change. */
  readonly base: 'present' | 'absent';
}

/**
 * One step, or two where the key changes: the old one goes and the new one comes.
 *
 * @returns undefined when the WAL does not tell
 */
export function stepsOf(
  { kind, before, after }: RowChange,
  columns: readonly string[],
): readonly Step[] | undefined {
  if (kind === 'insert') return steps(['absent', keyOf(columns, after)]);
  if (kind === 'delete') return steps(['present', keyOf(columns, before)]);
  // A key that lies outside of its row, for its size, is told with the old one.
  const to = keyOf(columns, after, before);
  const from = before ? keyOf(columns, before) : to;
  return from && to && from.every((value, at) => value === to[at])
    ? steps(['present', to])
    : steps(['present', from], ['absent', to]);
}

const steps = (
  ...some: readonly (readonly [Step['base'], readonly string[] | undefined])[]
): readonly Step[] | undefined => {
  const all = some.flatMap(([base, key]) => (key ? [{ base, key }] : []));
  return all.length === some.length ? all : undefined;
};

function keyOf(
  columns: readonly string[],
  tuple: Tuple | undefined,
  instead?: Tuple,
): readonly string[] | undefined {
  if (!tuple) return undefined;
  const key = columns.map((column) => {
    const value = tuple.get(column);
    return typeof value === 'symbol' ? instead?.get(column) : value;
  });
  return key.every((value) => typeof value === 'string') ? key : undefined;
}
