import { Html, markup } from '../../app/html';

test.each([
  ['<script>', '&lt;script&gt;'],
  ['"\'', '&quot;&#39;'],
  ['&lt;', '&amp;lt;'],
  [7, '7'],
  [0, '0'],
  [false, ''],
  [undefined, ''],
  [['<', new Html('<b>')], '&lt;<b>'],
] as const)('%j becomes %s', (content, expected) => {
  expect(markup`<p>${content}</p>`.text).toBe(`<p>${expected}</p>`);
});
