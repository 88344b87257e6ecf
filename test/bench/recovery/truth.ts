/**
 * What happened on both servers after the fork, made so that the truth is known: which rows must be put back, and which
 * must not be touched. Pure, and the same each time.
 */
import type { Operation } from '../../../lambda/recovery/plan';

/** What became of a row. Lost: on the old primary alone. */
export type Role =
  // Lost, and to be put back.
  | 'insert lost'
  | 'update lost'
  | 'delete lost'
  // Lost, and in conflict with what the new primary has done since.
  | 'key given out again'
  | 'changed on both'
  | 'changed there, deleted here'
  | 'deleted there, changed here'
  // Lost, and here all the same.
  | 'changed alike on both'
  | 'deleted on both'
  // Not lost: what the new primary has done, and must stay.
  | 'inserted here'
  | 'changed here'
  | 'deleted here';

export type Verdict = { readonly put: Operation } | 'conflict' | 'here already' | 'not lost';

interface Kind {
  readonly rows: number;
  readonly truth: Verdict;
}

/**
 * 200 lost changes: 100 inserts, of which 70 keys were given out again, 53 updates, 47 deletes. Beside them the new
 * primary has written 40 rows that no lost change has touched.
 */
export const ROLES: Readonly<Record<Role, Kind>> = {
  'insert lost': { rows: 30, truth: { put: 'insert' } },
  'key given out again': { rows: 70, truth: 'conflict' },
  'inserted here': { rows: 10, truth: 'not lost' },
  'update lost': { rows: 43, truth: { put: 'update' } },
  'delete lost': { rows: 39, truth: { put: 'delete' } },
  'changed on both': { rows: 6, truth: 'conflict' },
  'changed there, deleted here': { rows: 2, truth: 'conflict' },
  'deleted there, changed here': { rows: 5, truth: 'conflict' },
  'changed alike on both': { rows: 2, truth: 'here already' },
  'deleted on both': { rows: 3, truth: 'here already' },
  'changed here': { rows: 20, truth: 'not lost' },
  'deleted here': { rows: 10, truth: 'not lost' },
};

const NEW: readonly Role[] = ['key given out again', 'insert lost', 'inserted here'];

/** Of all roles whose rows were there at the fork. */
const KEPT = (Object.keys(ROLES) as Role[]).filter((role) => !NEW.includes(role));

/** No divisor of the number of such rows, so that each of them is met once. */
const STRIDE = 37;

/** The fewest rows that a table must have for this. */
export const ROWS_AT_LEAST = 1_000;

export type Truth = Readonly<Record<Role, readonly number[]>>;

/**
 * Keys of each role's rows.
 *
 * @param rows of the table at the fork, with the keys from 1 on
 */
export function truthOf(rows: number): Truth {
  const found = Object.fromEntries(Object.keys(ROLES).map((role) => [role, [] as number[]]));
  // Keys that were not there yet come in a row, as from a sequence; both sides begin at the same one.
  let next = rows + 1;
  for (const role of NEW) for (let row = 0; row < ROLES[role].rows; row++) found[role]!.push(next++);
  // The others are spread over the table.
  const roles = KEPT.flatMap((role) => Array.from({ length: ROLES[role].rows }, () => role));
  roles.forEach((role, at) => {
    const place = (at * STRIDE) % roles.length;
    found[role]!.push(1 + Math.floor(((2 * place + 1) * rows) / (2 * roles.length)));
  });
  return found as unknown as Truth;
}

/** So many changes were lost, and so many of them are to be put back. */
export const LOST = total(({ truth }) => truth !== 'not lost');
export const TO_PUT_BACK = total(({ truth }) => typeof truth === 'object');
export const CONFLICTS = total(({ truth }) => truth === 'conflict');

function total(which: (kind: Kind) => boolean): number {
  return Object.values(ROLES)
    .filter(which)
    .reduce((sum, { rows }) => sum + rows, 0);
}
