import { ProgressView, progressLine } from '../../../bin/recover/progress-line';

const rows = (done: number, total?: number) => ({ step: 'comparing', done, total, unit: 'rows' });

test.each([
  [rows(0, 100), 5, 0, 'comparing: 0 of 100 rows (0%)'],
  [rows(50, 100), 5, 50, 'comparing: 50 of 100 rows (50%), 10 a second, 5.0 s left'],
  [rows(60, 100), 5, 10, 'comparing: 60 of 100 rows (60%), 2.0 a second, 20 s left'],
  [rows(100, 100), 5, 100, 'comparing: 100 of 100 rows (100%), 20 a second'],
  [
    rows(1_000_000, 100_000_000),
    10,
    1_000_000,
    'comparing: 1,000,000 of 100,000,000 rows (1%), 100,000 a second, 17 min left',
  ],
  [rows(50, 100), 0.2, 50, 'comparing: 50 of 100 rows (50%)'],
  [rows(50), 5, 50, 'comparing: 50 rows, 10 a second'],
  [rows(0, 0), 5, 0, 'comparing: 0 of 0 rows'],
  [rows(7, 5), 5, 7, 'comparing: 7 of 5 rows (100%), 1.4 a second'],
])('%j after %d s: %#', (progress, seconds, done, line) => {
  expect(progressLine(progress, seconds, done)).toBe(line);
});

function shown(isTTY: boolean, env: Record<string, string> = {}) {
  let [text, now] = ['', 0];
  const screen = { isTTY, write: (more: string) => void (text += more) };
  const view = new ProgressView(screen, env, () => now);
  return { view, at: (millis: number) => (now = millis), text: () => text };
}

test('on a terminal one line changes, and each step keeps its last', () => {
  const { view, at, text } = shown(true);
  view.tell(rows(0, 10));
  at(2_000);
  view.tell(rows(4, 10));
  at(2_010);
  view.tell(rows(5, 10)); // too soon to be read
  view.tell({ step: 'applying\u001b[2J', done: 1, unit: 'rows' });
  view.say('Something else.');
  expect(text()).toBe(
    '\rcomparing: 0 of 10 rows (0%)\x1b[K\rcomparing: 4 of 10 rows (40%), 2.0 a second, 3.0 s left\x1b[K' +
      '\n\rapplying[2J: 1 rows\x1b[K\nSomething else.\n',
  );
});

test.each([
  ['elsewhere', false, {}],
  ['on a terminal that knows nothing', true, { TERM: 'dumb' }],
])('%s there is a line now and then', (_, isTTY, env) => {
  const { view, at, text } = shown(isTTY, env);
  for (let second = 0; second <= 25; second++) {
    at(second * 1_000);
    view.tell(rows(second * 4, 100));
  }
  view.tell(rows(100, 100));
  view.end();
  expect(text().split('\n')).toEqual([
    'comparing: 0 of 100 rows (0%)',
    'comparing: 40 of 100 rows (40%), 4.0 a second, 15 s left',
    'comparing: 80 of 100 rows (80%), 4.0 a second, 5.0 s left',
    'comparing: 100 of 100 rows (100%), 4.0 a second',
    '',
  ]);
});

test('no line is longer than a terminal', () => {
  const { view, text } = shown(true);
  view.tell({ step: 'x'.repeat(200), done: 1, unit: 'rows' });
  expect(text().replace(/\r|\x1b\[K/g, '').length).toBeLessThan(80); // eslint-disable-line no-control-regex
});
