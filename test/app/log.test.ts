import type { LogLevel } from '../../app/log';
import { createLog } from '../../app/log';

function lines(least: LogLevel = 'debug') {
  const written: string[] = [];
  const log = createLog(
    least,
    (line) => written.push(line),
    () => new Date(0),
  );
  return { log, written };
}

test('one JSON object a line, whatever is in it', () => {
  const { log, written } = lines();
  log.info('two\nlines', { count: 3n, text: 'a\nb' });
  expect(written).toEqual([
    '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"two\\nlines","count":"3","text":"a\\nb"}\n',
  ]);
});

test('less severe levels are left out', () => {
  const { log, written } = lines('warn');
  log.info('no');
  log.warn('yes');
  log.error('yes');
  expect(written).toHaveLength(2);
});

test('an error is told with its code, its stack and its cause', () => {
  const { log, written } = lines();
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  log.error('failed', { error: new Error('no database', { cause }) });
  expect(JSON.parse(written[0] ?? '')).toMatchObject({
    error: { stack: expect.stringContaining('no database'), cause: { code: 'ECONNREFUSED' } },
  });
});

test.each([
  [{ password: 'hunter2' }],
  [{ credentials: { user: 'site', password: 'hunter2' } }],
  [{ headers: { cookie: 'hunter2', Authorization: 'hunter2' } }],
  [{ url: 'redis://user:hunter2@cache:6379' }],
  [{ error: new Error('cannot reach postgres://site:hunter2@db/site') }],
])('%j: nothing secret is logged', (fields) => {
  const { log, written } = lines();
  log.info('message', fields);
  expect(written[0]).not.toContain('hunter2');
  expect(written[0]).toContain('[hidden]');
});
