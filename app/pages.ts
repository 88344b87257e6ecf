/** The pages for people: the list, and the forms of a browser that runs no script. */
import type { Answer, Refusal } from './answer';
import { html, seeOther } from './answer';
import { present, valid } from './api';
import type { Database } from './database/database';
import type { Session } from './database/host-pool';
import { checkList, checkNote } from './note-input';
import { createNote, deleteNote, listNotes, updateNote } from './notes';
import type { Answerer } from './page';
import { messagePage, notesPage, PAGE_POLICY } from './page';
import { readFrom, writtenBefore, writtenTo } from './own-writes';
import { readForm } from './request';
import type { Route } from './router';
import { identify } from './status';

export interface PageSettings {
  readonly siteName: string;
  readonly server: Answerer['server'];
}

export const refusalAsPage = (
  { siteName, server }: PageSettings,
  { status, message, problems, headers }: Refusal,
): Answer =>
  html(status, messagePage(siteName, message, problems ?? [], { server }), PAGE_POLICY, {
    'cache-control': 'no-store',
    ...headers,
  });

export const pageRoutes = (database: Database, { siteName, server }: PageSettings): Route[] => [
  {
    path: '/',
    methods: {
      async GET(request) {
        const { limit, before } = valid(checkList(request.query));
        const page = async (session: Session) => {
          const list = await listNotes(session, limit, before);
          const answerer = { server, database: await identify(session) };
          return notesPage(siteName, list, before === undefined, answerer);
        };
        const read = await database.read(page, { after: writtenBefore(request) });
        return readFrom(html(200, read.value, PAGE_POLICY), read);
      },
    },
  },
  {
    path: '/notes',
    methods: {
      async POST(request) {
        const input = valid(checkNote(await readForm(request)));
        const written = await database.write((session) => createNote(session, input));
        return writtenTo(seeOther('/'), request, written);
      },
    },
  },
  {
    path: '/notes/:id',
    methods: {
      async POST(request, id) {
        const { version, ...fields } = await readForm(request);
        const input = valid(checkNote(fields));
        const wanted = version === undefined ? undefined : Number(/^\d{1,9}$/.exec(version)?.[0] ?? 0);
        const written = await database.write((session) => updateNote(session, id, input, wanted));
        present(written.value);
        return writtenTo(seeOther('/'), request, written);
      },
    },
  },
  {
    path: '/notes/:id/delete',
    methods: {
      async POST(request, id) {
        await readForm(request);
        const written = await database.write((session) => deleteNote(session, id));
        present(written.value);
        return writtenTo(seeOther('/'), request, written);
      },
    },
  },
];
