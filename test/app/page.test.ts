import { createHash } from 'node:crypto';
import type { Note } from '../../app/notes';
import { messagePage, notesPage, PAGE_POLICY } from '../../app/page';

const evil = `"><img src=x onerror=alert(1)></textarea><script>alert('1')</script>&`;
const note: Note = {
  id: 1,
  author: evil,
  text: evil,
  version: 2,
  createdAt: '2026-01-02T03:04:05.000Z',
  updatedAt: '2026-01-02T03:04:06.000Z',
};
const answerer = {
  server: { id: evil, zone: evil },
  database: { host: evil, address: null, inRecovery: true },
};
const pages = {
  list: notesPage(evil, { notes: [note], next: 1 }, true, answerer),
  empty: notesPage(evil, { notes: [] }, false, answerer),
  message: messagePage(evil, evil, [{ field: evil, problem: evil }], answerer),
};

test.each(Object.entries(pages))('%s: whatever is shown is text', (_, page) => {
  expect(page).not.toContain('<img');
  expect(page).not.toContain("alert('1')");
  expect(page.match(/<script/g)).toHaveLength(1);
});

test.each(Object.entries(pages))('%s: the policy admits exactly its script and style', (_, page) => {
  for (const element of ['script', 'style']) {
    const [, content = ''] = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(page) ?? [];
    const hash = createHash('sha256').update(content).digest('base64');
    expect(PAGE_POLICY).toContain(`${element}-src 'sha256-${hash}'`);
  }
  // The policy refuses what stands in attributes, so none may stand there.
  expect(page.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]* (style|on\w+)=/);
});

test('the policy begins with nothing at all, and admits nothing unsafe', () => {
  expect(PAGE_POLICY).toMatch(/^default-src 'none'; /);
  expect(PAGE_POLICY).not.toMatch(/unsafe|\*|https?:/);
});

test('a replica is called a replica, and a silent database silent', () => {
  expect(pages.list).toContain('a replica');
  expect(messagePage('Notes', 'Gone', [], { server: { id: 'i-1' } })).toContain('No database answered');
});

test('a text that begins with a line break keeps it in its form', () => {
  const page = notesPage('Notes', { notes: [{ ...note, text: '\nfirst' }] }, true, answerer);
  expect(page).toMatch(/<textarea[^>]*>\n\nfirst<\/textarea>/);
});
