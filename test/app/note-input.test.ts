import { checkList, checkNote } from '../../app/note-input';

const good = { author: 'Ada', text: 'Hello' };

test.each([
  [
    { author: ' Ada ', text: '\r\nHello\r\nworld \n' },
    { author: 'Ada', text: 'Hello\nworld' },
  ],
  [
    { author: 'a'.repeat(60), text: 'b'.repeat(2000) },
    { author: 'a'.repeat(60), text: 'b'.repeat(2000) },
  ],
  [
    { author: '🌊', text: 'tab\tand\nline' },
    { author: '🌊', text: 'tab\tand\nline' },
  ],
])('%# is taken', (given, expected) => {
  expect(checkNote(given)).toEqual({ value: expected });
});

test.each<[string, unknown, string[]]>([
  ['nothing', undefined, ['']],
  ['null', null, ['']],
  ['an array', [], ['']],
  ['a text', 'Ada', ['']],
  ['no fields', {}, ['author', 'text']],
  ['no author', { text: 'x' }, ['author']],
  ['no text', { author: 'x' }, ['text']],
  ['empty fields', { author: '', text: '' }, ['author', 'text']],
  ['blank fields', { author: ' \t', text: '\n \n' }, ['author', 'text']],
  ['a number', { ...good, text: 7 }, ['text']],
  ['null fields', { author: null, text: null }, ['author', 'text']],
  ['an object', { ...good, author: {} }, ['author']],
  ['a long author', { ...good, author: 'a'.repeat(61) }, ['author']],
  ['a long text', { ...good, text: 'b'.repeat(2001) }, ['text']],
  ['a line break in the author', { ...good, author: 'A\nB' }, ['author']],
  ['NUL, which PostgreSQL refuses', { ...good, text: 'a\u0000b' }, ['text']],
  ['an escape character', { ...good, author: 'a\u001bb' }, ['author']],
  ['half a surrogate pair', { ...good, text: 'a\ud800b' }, ['text']],
  ['an unknown field', { ...good, id: 7 }, ['id']],
  ['all at once', { author: '', text: 7, admin: true }, ['author', 'text', 'admin']],
])('%s is refused', (_, given, fields) => {
  const checked = checkNote(given);
  expect('problems' in checked && checked.problems.map(({ field }) => field)).toEqual(fields);
});

test.each([
  ['', { limit: 20 }],
  ['limit=1&before=7', { limit: 1, before: 7 }],
  ['limit=100&other=x', { limit: 100 }],
  ['limit=5&limit=6', { limit: 5 }],
])('the list parameters %j', (query, expected) => {
  expect(checkList(new URLSearchParams(query))).toEqual({ value: expected });
});

test.each([
  'limit=0',
  'limit=101',
  'limit=',
  'limit=ten',
  'limit=1e1',
  'limit=-1',
  'before=0',
  'before=1.5',
  'before=9007199254740992',
  'before=%27',
])('the list parameter %s is refused', (query) => {
  expect(checkList(new URLSearchParams(query))).toMatchObject({ problems: [{ field: query.split('=')[0] }] });
});
