/** The pages for people: the list, and the forms of a browser that runs no script. */
import type { Answer, Refusal } from './answer';
import { html, seeOther } from './answer';
import { present, valid } from './api';
import type { Database } from './database';
import { checkList, checkNote } from './note-input';
import { createNote, deleteNote, listNotes, updateNote } from './notes';
import type { Answerer } from './page';
import { messagePage, notesPage, PAGE_POLICY } from './page';
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
      async GET({ query }) {
        const { limit, before } = valid(checkList(query));
        const page = await database.read(async (session) => {
          const list = await listNotes(session, limit, before);
          const answerer = { server, database: await identify(session) };
          return notesPage(siteName, list, before === undefined, answerer);
        });
        return html(200, page, PAGE_POLICY);
      },
    },
  },
  {
    path: '/notes',
    methods: {
      async POST(request) {
        const input = valid(checkNote(await readForm(request)));
        await database.write((session) => createNote(session, input));
        return seeOther('/');
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
        present(await database.write((session) => updateNote(session, id, input, wanted)));
        return seeOther('/');
      },
    },
  },
  {
    path: '/notes/:id/delete',
    methods: {
      async POST(request, id) {
        await readForm(request);
        present(await database.write((session) => deleteNote(session, id)));
        return seeOther('/');
      },
    },
  },
];
