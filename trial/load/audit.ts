/** What became of the writes of a ledger, by the notes that the site has: a pure comparison. */
import { type Entry, type Intended, markOf } from './ledger';

/** A note as the site lists it. */
export interface SeenNote {
  readonly id: number;
  readonly text: string;
}

export interface Audit {
  readonly acknowledged: number;
  /** Acknowledged, and there. */
  readonly there: number;
  /** Acknowledged, and not there: lost. */
  readonly missing: readonly Lost[];
  /** Neither acknowledged nor known to have failed. */
  readonly inDoubt: { readonly there: number; readonly notThere: number };
  /** Notes that are there more than once, though each was created once. */
  readonly doubled: readonly number[];
}

export type Lost = Intended & {
  readonly acknowledgedAt: number;
  readonly server?: string;
  readonly database?: string;
};

type Acknowledged = Extract<Entry, { event: 'acknowledged' }>;

/**
 * A write is there when the note shows it, or shows a later write of the same note: writes of one note follow each
 * other, and after one in doubt there is none.
 */
export function audit(entries: readonly Entry[], notes: readonly SeenNote[]): Audit {
  const run = entries.find((entry) => entry.event === 'begun')?.run;
  const revisions = new Map<number, number[]>();
  for (const { text } of notes) {
    const mark = markOf(text);
    if (mark?.run !== run || !mark) continue;
    revisions.set(mark.note, [...(revisions.get(mark.note) ?? []), mark.revision]);
  }
  const writes = entries.filter((entry): entry is Intended => entry.event === 'intended');
  const answers = new Map(
    entries.flatMap((entry): [number, Acknowledged][] =>
      entry.event === 'acknowledged' ? [[entry.write, entry]] : [],
    ),
  );
  // Only the site itself answers 4xx, and then has done nothing. Any other failure leaves room for doubt.
  const refused = new Set(
    entries.flatMap((entry) =>
      entry.event === 'not acknowledged' && /^4\d\d$/.test(entry.why) ? [entry.write] : [],
    ),
  );
  const deletions = new Set(
    writes.filter(({ kind, write }) => kind === 'delete' && !refused.has(write)).map(({ note }) => note),
  );

  const isThere = ({ kind, note, revision }: Intended): boolean => {
    const seen = revisions.get(note);
    if (kind === 'delete') return seen === undefined;
    // Gone by its own deletion, whether or not that was acknowledged: then this was there before.
    return seen ? Math.max(...seen) >= revision : deletions.has(note);
  };
  const acknowledged = writes.filter(({ write }) => answers.has(write));
  const inDoubt = writes.filter(({ write }) => !answers.has(write) && !refused.has(write));
  const missing = acknowledged
    .filter((write) => !isThere(write))
    .map((write): Lost => {
      const { at, server, database } = answers.get(write.write)!;
      return { ...write, acknowledgedAt: at, server, database };
    });
  const doubtedThere = inDoubt.filter(isThere).length;
  return {
    acknowledged: acknowledged.length,
    there: acknowledged.length - missing.length,
    missing,
    inDoubt: { there: doubtedThere, notThere: inDoubt.length - doubtedThere },
    doubled: [...revisions].filter(([, seen]) => seen.length > 1).map(([note]) => note),
  };
}
