/** The page as HTML: pure functions of what is shown. */
import { createHash } from 'node:crypto';
import { Html, markup } from './html';
import type { Problem } from './note-input';
import { AUTHOR_LENGTH, TEXT_LENGTH } from './note-input';
import type { Note, NotePage } from './notes';
import { SCRIPT } from './page-script';
import { STYLE } from './page-style';
import type { DatabaseIdentity } from './status';

/** Shown at the foot: who answered. `database` is absent when none did. */
export interface Answerer {
  readonly server: { readonly id: string; readonly zone?: string };
  readonly database?: DatabaseIdentity;
}

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * Nothing runs and nothing is fetched but this page's own script and style, known by their hashes.
 * Hashes and not nonces: the page stays the same from one request to the next, and can have an ETag.
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  `script-src ${hash(SCRIPT)}`,
  `style-src ${hash(STYLE)}`,
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ICON =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"%3E' +
  '%3Crect x="2" y="1" width="12" height="14" rx="2" fill="%231f6f5c"/%3E' +
  '%3Cpath d="M5 5h6M5 8h6M5 11h3" stroke="white" stroke-linecap="round"/%3E%3C/svg%3E';

const time = (iso: string) =>
  markup`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;

/** A text area drops the line break after its tag: without it, a text's own first one would go. */
const fields = (note?: Note) => markup`
  <label>Your name
    <input name="author" required maxlength="${AUTHOR_LENGTH}" autocomplete="name" value="${note?.author}">
  </label>
  <label>${note ? 'Note' : 'Your note'}
    <textarea name="text" required maxlength="${TEXT_LENGTH}" rows="4">
${note?.text}</textarea>
  </label>
  <p class="problem" role="alert"></p>`;

const item = (note: Note) => markup`
<li class="card">
  <p class="text">${note.text}</p>
  <p class="by"><strong>${note.author}</strong> ${time(note.createdAt)}
    ${note.version > 1 && markup`<span>edited ${time(note.updatedAt)}</span>`}</p>
  <details>
    <summary aria-label="Edit or delete the note of ${note.author}">Edit</summary>
    <form method="post" action="/notes/${note.id}"
      data-method="PUT" data-url="/api/notes/${note.id}" data-version="${note.version}">
      <input type="hidden" name="version" value="${note.version}">${fields(note)}
      <button>Save</button>
    </form>
    <form method="post" action="/notes/${note.id}/delete"
      data-method="DELETE" data-url="/api/notes/${note.id}">
      <p class="problem" role="alert"></p>
      <button class="quiet">Delete this note</button>
    </form>
  </details>
</li>`;

const foot = ({ server, database }: Answerer) => markup`
<footer>
  <p>Served by <b>${server.id}</b>${server.zone && markup` in <b>${server.zone}</b>`}</p>
  <p>${
    database
      ? markup`Read from <b>${database.host}</b>, ${database.inRecovery ? 'a replica' : 'the primary'}`
      : 'No database answered'
  }</p>
</footer>`;

const frame = (siteName: string, title: string, answerer: Answerer, main: Html): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="${ICON}">
<style>${new Html(STYLE)}</style>
</head>
<body>
<div class="column">
<header><h1>${siteName}</h1><p>Write something down. Everybody can read it.</p></header>
<main>${main}</main>
${foot(answerer)}
</div>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.text;

/** @param isFirst whether the list begins with the newest note */
export const notesPage = (siteName: string, list: NotePage, isFirst: boolean, answerer: Answerer): string => {
  const form = markup`<form class="card" method="post" action="/notes"
  data-method="POST" data-url="/api/notes">${fields()}
  <button>Leave your note</button>
</form>`;
  const empty = markup`<p class="empty">Nothing here yet. ${isFirst && 'Yours can be the first.'}</p>`;
  const main = markup`
${isFirst && form}
<h2>${isFirst ? 'Notes' : 'Older notes'}</h2>
${list.notes.length > 0 ? markup`<ol>${list.notes.map(item)}</ol>` : empty}
<nav aria-label="Pages">
<span>${!isFirst && markup`<a href="/">Newest notes</a>`}</span>
<span>${list.next && markup`<a rel="next" href="/?before=${list.next}">Older notes</a>`}</span>
</nav>`;
  return frame(siteName, siteName, answerer, main);
};

/** A refusal, or bad news, for a person. */
export const messagePage = (
  siteName: string,
  message: string,
  problems: readonly Problem[],
  answerer: Answerer,
): string => {
  const items = problems.map(({ field, problem }) => markup`<li>${field} ${problem}</li>`);
  const main = markup`<div class="card">
<p class="text">${message}.</p>
${items.length > 0 && markup`<ul>${items}</ul>`}
<a href="/">Back to the notes</a>
</div>`;
  return frame(siteName, `${message} · ${siteName}`, answerer, main);
};
