/** A note as the one who wrote it knows it, and what may therefore be read of it. */
import { markOf } from './ledger';
import { type Random, oneOf } from './random';
import type { Answer } from './visitor';

export interface OwnNote {
  readonly note: number;
  readonly id: number;
  /** The last that was acknowledged. */
  revision: number;
  /** `intended`: sent, and not acknowledged (yet). */
  deletion?: 'intended' | 'acknowledged';
}

/** Most are new notes, as on any site; some change, a few go. */
const SHARES = { create: 0.7, change: 0.2 };

export type Choice =
  { readonly kind: 'create' } | { readonly kind: 'change' | 'delete'; readonly note: OwnNote };

/** @param notes that may be written: none whose last write is in doubt, so that the order of writes is certain */
export function chooseWrite(random: Random, notes: readonly OwnNote[]): Choice {
  const share = random();
  if (notes.length === 0 || share < SHARES.create) return { kind: 'create' };
  return { kind: share < SHARES.create + SHARES.change ? 'change' : 'delete', note: oneOf(random, notes) };
}

/** What was certain when the read was sent. */
export interface Expectation {
  readonly revision: number;
  readonly isDeleted: boolean;
}

export const expectationOf = ({ revision, deletion }: OwnNote): Expectation => ({
  revision,
  isDeleted: deletion === 'acknowledged',
});

/**
 * Compares what was read with what was written. What its writer did after the read was sent may be seen or not.
 *
 * @returns what is wrong, a clause; undefined when nothing is
 */
export function staleness(
  run: string,
  own: OwnNote,
  expected: Expectation,
  { status, body }: Pick<Answer, 'status' | 'body'>,
): string | undefined {
  if (status === 404) return own.deletion ? undefined : 'was not there';
  if (expected.isDeleted) return 'was there still, though deleted';
  const mark = markOf((body as { readonly text?: unknown } | undefined)?.text);
  if (mark?.run !== run || mark.note !== own.note) return 'was another note';
  if (mark.revision >= expected.revision) return undefined;
  return `had revision ${mark.revision} instead of ${expected.revision}`;
}
