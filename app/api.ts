/** /api/notes: the notes as JSON. */
import { empty, json, Refusal } from './answer';
import type { Database } from './database/database';
import type { Checked } from './note-input';
import { checkList, checkNote } from './note-input';
import type { Note } from './notes';
import { createNote, deleteNote, getNote, listNotes, updateNote } from './notes';
import { readFrom, writtenBefore, writtenTo } from './own-writes';
import { readJson, wantedVersion } from './request';
import type { Route } from './router';

/** @throws Refusal 400 with the list of problems */
export function valid<T>(checked: Checked<T>): T {
  if ('value' in checked) return checked.value;
  throw new Refusal(400, 'Something is wrong with what was sent', {}, checked.problems);
}

/** What was found or done. @throws Refusal 404 or 412 */
export function present<T>(result: T): Exclude<T, 'absent' | 'changed' | undefined> {
  if (result === undefined || result === 'absent') throw new Refusal(404, 'There is no such note');
  if (result === 'changed') throw new Refusal(412, 'The note was changed by somebody else meanwhile');
  return result as Exclude<T, 'absent' | 'changed' | undefined>;
}

/** The ETag is the version, so that If-Match on a change means what it says. */
const noteAnswer = (status: number, note: Note, headers: Record<string, string> = {}) =>
  json(status, note, { etag: `"${note.version}"`, ...headers });

export const apiRoutes = (database: Database): Route[] => [
  {
    path: '/api/notes',
    methods: {
      async GET(request) {
        const { limit, before } = valid(checkList(request.query));
        const read = await database.read((session) => listNotes(session, limit, before), {
          after: writtenBefore(request),
        });
        const { notes, next } = read.value;
        const link = next && `/api/notes?limit=${limit}&before=${next}`;
        const headers = link ? { link: `<${link}>; rel="next"` } : undefined;
        return readFrom(json(200, { notes, next: link ?? null }, headers), read);
      },
      async POST(request) {
        const input = valid(checkNote(await readJson(request)));
        const written = await database.write((session) => createNote(session, input));
        const { value: note } = written;
        const answer = noteAnswer(201, note, { location: `/api/notes/${note.id}` });
        return writtenTo(answer, request, written);
      },
    },
  },
  {
    path: '/api/notes/:id',
    methods: {
      async GET(request, id) {
        const read = await database.read((session) => getNote(session, id), {
          after: writtenBefore(request),
        });
        return readFrom(noteAnswer(200, present(read.value)), read);
      },
      async PUT(request, id) {
        const input = valid(checkNote(await readJson(request)));
        const wanted = wantedVersion(request);
        const written = await database.write((session) => updateNote(session, id, input, wanted));
        return writtenTo(noteAnswer(200, present(written.value)), request, written);
      },
      async DELETE(request, id) {
        const wanted = wantedVersion(request);
        const written = await database.write((session) => deleteNote(session, id, wanted));
        present(written.value);
        return writtenTo(empty(204), request, written);
      },
    },
  },
];
