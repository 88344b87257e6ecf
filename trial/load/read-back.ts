/** All notes of the site, read when the load is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TrialFailure } from '../failure';
import { type Audit, type SeenNote, audit } from './audit';
import { readLedger } from './ledger';
import { CHECK_WITHIN_MILLIS, TIMEOUT_MILLIS, siteUrl } from './options';
import { type Answer, Unanswered, Visitor } from './visitor';

export interface ReadBackOptions {
  readonly timeoutMillis?: number;
  /** How long to keep asking while the site fails. */
  readonly withinMillis?: number;
}

/** The most that the site gives at once (app/note-input.ts). */
const PAGE = 100;

/** Ten million notes: a list without end would be a fault of the site. */
const MOST_PAGES = 100_000;

const PAUSE_MILLIS = 250;

/**
 * Compares a ledger with the notes that its site has now: also later, when a recovery has put writes back.
 *
 * @throws TrialFailure when the ledger is none, or the site cannot be read
 */
export async function checkLedger(path: string, url: string, options: ReadBackOptions = {}): Promise<Audit> {
  const entries = readLedger(path);
  return audit(entries, await readAllNotes(siteUrl(url), options));
}

/**
 * Every note of the site, at least as new as any write that was acknowledged before the call.
 *
 * @throws TrialFailure when the site cannot be read in time
 */
export async function readAllNotes(site: URL, options: ReadBackOptions = {}): Promise<readonly SeenNote[]> {
  const { timeoutMillis = TIMEOUT_MILLIS, withinMillis = CHECK_WITHIN_MILLIS } = options;
  const auditor = new Visitor('auditor', site, timeoutMillis, 'header');
  try {
    // A write of its own first: reads after that see all that was written before it, on whichever database.
    const marker = await persistently(withinMillis, [201], () =>
      auditor.send('POST', '/api/notes', { author: 'auditor', text: 'All notes are being read.' }),
    );
    const notes: SeenNote[] = [];
    let path: string | undefined = `/api/notes?limit=${PAGE}`;
    for (let page = 0; path !== undefined; page++) {
      const here: string = path;
      if (page === MOST_PAGES)
        throw new TrialFailure('The notes have no end: the site lists more than 10 million.');
      const { body } = await persistently(withinMillis, [200], () => auditor.send('GET', here));
      const part = body as
        { readonly notes?: readonly SeenNote[]; readonly next?: string | null } | undefined;
      if (!Array.isArray(part?.notes)) throw new TrialFailure(`${site.origin}${path} lists no notes.`);
      notes.push(...part.notes);
      path = part.next ?? undefined;
    }
    const { id } = (marker.body ?? {}) as { readonly id?: number };
    // It has done its part; one that stays harms nobody.
    await auditor.send('DELETE', `/api/notes/${id}`).catch(() => undefined);
    return notes.filter((note) => note.id !== id);
  } finally {
    auditor.leave();
  }
}

/** Asks again until there is an answer of the wanted kind, or no time is left. */
async function persistently(
  withinMillis: number,
  wanted: readonly number[],
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const until = performance.now() + withinMillis;
  for (;;) {
    const found = await ask().catch((error: unknown) => {
      if (error instanceof Unanswered) return error;
      throw error;
    });
    if (!(found instanceof Unanswered) && wanted.includes(found.status)) return found;
    if (performance.now() > until) {
      const why = found instanceof Unanswered ? found.kind : `status ${found.status}`;
      throw new TrialFailure(`The site could not be read back (${why}), so nothing is known of the writes.`);
    }
    await sleep(PAUSE_MILLIS);
  }
}
