import type { Change, Plan } from '../../../../lambda/recovery/plan';
import { htmlReport, markdownReport } from '../../../../lambda/recovery/report/report';
import { CHANGES, EMPTY, HEAD, HOSTILE, NOTES, PLAN, many, table } from '../made-plan';

/** What a browser would show, near enough: no tags, entities read. */
const shown = (html: string): string =>
  html
    .replace(/<style>[^]*?<\/style>/, '')
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');

const both = (plan: Plan): [string, string] => [markdownReport(plan), htmlReport(plan)];

test('of everything one', () => {
  expect(markdownReport(PLAN)).toMatchSnapshot();
  expect(htmlReport(PLAN).replace(/<style>[^]*?<\/style>/, '<style></style>')).toMatchSnapshot();
});

test('nothing lost', () => {
  for (const text of both(EMPTY)) {
    expect(text).toContain('Nothing is to be put back.');
    expect(text).toContain('No transaction of mysite-primary is known that never reached mysite-replica-1.');
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  }
});

/** Text that may be anything stands in each place of a plan where a site, or AWS, decides what it says. */
function hostile(text: string): Plan {
  const evil = table(`public."${text}"`, [
    { ...NOTES.columns[0]!, name: text },
    { ...NOTES.columns[1]!, name: 'body' },
  ]);
  const row = `(1,"${text.replace(/["\\]/g, '$&$&')}")`;
  const change = (number: number, changes: Partial<Change> = {}): Change => ({
    ...{ number, table: evil.name, key: [text], operation: 'update', transactions: [text] },
    ...{ lost: row, present: '(1,x)' },
    ...changes,
  });
  return {
    head: {
      ...HEAD,
      ...{ from: text, to: text, database: text, tables: [evil], gaps: [text] },
      sequences: [{ name: text, old: '1', present: '2', increment: '1' }],
      transactions: [{ id: text, committedAt: text, lsn: text }],
      unrecoverable: [
        { kind: 'other', table: text, what: text, remedy: text, sql: text, transactions: [text] },
      ],
    },
    changes: [
      change(1),
      change(2, { present: null, operation: 'insert' }),
      change(3, { lost: null, operation: 'delete' }),
      change(4, { conflict: { kind: 'both changed', why: text } }),
      change(5, { lost: text }),
    ],
  };
}

describe.each([
  HOSTILE,
  '</script><img src=x onerror=alert(1)>',
  '" onmouseover="alert(1)',
  '--> <!-- ]]>',
  '| a | b |',
  '```\n# out\n```',
  '~~~~\n<b>',
  '\u202eevil\u2028\u0000\u009b',
  '](javascript:alert(1))',
  '&lt;script&gt;',
  '**bold** _under_ ~~gone~~ $x$ @anna https://example.com www.example.com',
  '\\',
  '\ud800',
])('escaped: %j', (text) => {
  const [markdown, html] = both(hostile(text));

  test('HTML has the tags and attributes of a plan without it, and no others', () => {
    const tagsOf = (page: string) => [...new Set(page.match(/<[^>]*>/g))].sort();
    const [, plain] = both(hostile('plain'));
    expect(tagsOf(html)).toEqual(tagsOf(plain));
  });

  test('HTML shows it', () => {
    const seen = text.replace(/[^\p{L} ].*/su, '');
    expect(shown(html)).toContain(seen);
  });

  test('Markdown outside of statements has no marks of its own', () => {
    const outside = markdown.replace(/^(`{3,})(?:sql|sh)\n[^]*?\n\1$/gm, '');
    expect(outside.replace(/<br>|^>/gm, '')).not.toMatch(/[<>]/);
    // Each line of a table has the cells that its head has.
    const [, plainText] = ['', both(hostile('plain'))[0]];
    const shape = (all: string) =>
      all.split('\n').flatMap((line) => (line.startsWith('|') ? [line.split('|').length] : []));
    expect(shape(outside)).toEqual(shape(plainText));
    expect(outside).not.toMatch(/\]\(|```|~~|https?:\/\/|www\.|\$x\$/);
  });

  test('nothing steers a terminal', () => {
    for (const all of [markdown, html]) {
      expect(all.replace(/[\n\t]/g, '')).not.toMatch(/\p{C}|\u2028|\u2029/u);
    }
  });
});

test('statements stand as they are, in a fence that they cannot end', () => {
  const sql = 'select $$```\n````$$;';
  const head = { ...HEAD, unrecoverable: [{ ...HEAD.unrecoverable[0]!, sql }] };
  expect(markdownReport({ ...PLAN, head })).toContain(`\n\`\`\`\`\`sql\n${sql}\n\`\`\`\`\`\n`);
});

test('much: what is left out is said', () => {
  const conflict = { kind: 'both changed', why: 'Both.' } as const;
  const changes = many(20_000).map((one, index) => (index % 2 ? one : { ...one, conflict }));
  const transactions = Array.from({ length: 5000 }, (_, index) => ({ id: `${index}` }));
  for (const text of both({ head: { ...HEAD, transactions }, changes })) {
    expect(text.match(/… and 9,800 more in the plan file\./g)).toHaveLength(2);
    expect(text).toContain('… and 4,800 more in the plan file.');
    expect(text.length).toBeLessThan(500_000);
  }
});

test('a thousand tables: the whole stays readable', () => {
  const tables = Array.from({ length: 1000 }, (_, index) => table(`public.t${index}`, NOTES.columns));
  const changes = many(20_000).map((one) => ({ ...one, table: tables[one.number % 1000]!.name }));
  expect(htmlReport({ head: { ...HEAD, tables }, changes }).length).toBeLessThan(5_000_000);
});

test('texts that differ late show where', () => {
  const row = (end: string) => `(12,${'y'.repeat(3000)}${end},)`;
  const [change] = CHANGES.filter(({ number }) => number === 2);
  const changes = [{ ...change!, number: 1, lost: row('LOST'), present: row('HERE') }];
  const text = markdownReport({ ...PLAN, changes });
  expect(text).toMatch(/…y{20}HERE → …y{20}LOST/);
});

test('a row that is not one of its table stands as it is', () => {
  const changes = [{ ...CHANGES[0]!, lost: 'no row' }];
  for (const text of both({ ...PLAN, changes })) expect(text).toContain('no row');
});

test('the commands are those that are meant', () => {
  const text = markdownReport(PLAN, { path: 'here/plan.jsonl', options: '--trial' });
  expect(text).toContain('npm run recover -- apply here/plan.jsonl --dry-run --trial\n');
  expect(text).toContain('npm run recover -- status --trial\n');
});
