/** The notes in the database: what a note is, and the SQL for it. */
import type { Session } from './database/host-pool';
import type { NoteInput } from './note-input';

export interface Note {
  readonly id: number;
  readonly author: string;
  readonly text: string;
  /** Counts the changes, from 1: tells whether a note changed since it was read. */
  readonly version: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A part of the list, newest first; `next` is the `before` of the part that follows. */
export interface NotePage {
  readonly notes: readonly Note[];
  readonly next?: number;
}

interface Row {
  id: string;
  author: string;
  text: string;
  version: number;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = 'id, author, text, version, created_at, updated_at';

const toNote = (row: Row): Note => ({
  // bigint comes as text; ids stay far below 2^53, also after a failover advanced the sequence.
  id: Number(row.id),
  author: row.author,
  text: row.text,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

/** @param before only notes with a lower id; absent: from the newest */
export async function listNotes({ query }: Session, limit: number, before?: number): Promise<NotePage> {
  // By key and not by offset: a page stays right while notes are added. One more row tells of a next page.
  const rows = await query<Row>(
    `select ${COLUMNS} from notes where $2::bigint is null or id < $2 order by id desc limit $1 + 1`,
    [limit, before ?? null],
  );
  const notes = rows.slice(0, limit).map(toNote);
  return { notes, next: rows.length > limit ? notes.at(-1)?.id : undefined };
}

export async function getNote({ query }: Session, id: number): Promise<Note | undefined> {
  const [row] = await query<Row>(`select ${COLUMNS} from notes where id = $1`, [id]);
  return row && toNote(row);
}

export async function createNote({ query }: Session, { author, text }: NoteInput): Promise<Note> {
  const [row] = await query<Row>(`insert into notes (author, text) values ($1, $2) returning ${COLUMNS}`, [
    author,
    text,
  ]);
  if (!row) throw new Error('An insert returned no row');
  return toNote(row);
}

/**
 * @param version changes the note only if it still has this version; absent: whatever it has
 * @returns the changed note, 'absent', or 'changed' when it has another version
 */
export async function updateNote(
  session: Session,
  id: number,
  { author, text }: NoteInput,
  version?: number,
): Promise<Note | 'absent' | 'changed'> {
  const [row] = await session.query<Row>(
    `update notes set author = $2, text = $3, version = version + 1, updated_at = now()
     where id = $1 and ($4::integer is null or version = $4) returning ${COLUMNS}`,
    [id, author, text, version ?? null],
  );
  return row ? toNote(row) : whyNot(session, id);
}

/** @returns as updateNote */
export async function deleteNote(
  session: Session,
  id: number,
  version?: number,
): Promise<'deleted' | 'absent' | 'changed'> {
  const rows = await session.query(
    'delete from notes where id = $1 and ($2::integer is null or version = $2) returning id',
    [id, version ?? null],
  );
  return rows.length > 0 ? 'deleted' : whyNot(session, id);
}

const whyNot = async (session: Session, id: number) =>
  (await getNote(session, id)) ? ('changed' as const) : ('absent' as const);
