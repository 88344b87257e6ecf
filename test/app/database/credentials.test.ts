import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fromSecret, secretsManager, withoutPassword } from '../../../app/database/credentials';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:site-AbCdEf';
const secret = (password: string) => JSON.stringify({ username: 'site', password, engine: 'postgres' });

/** A secret that answers what `text` holds, a clock that stands still, and a count of the look-ups. */
function rotating() {
  const state = { text: secret('one'), now: 0, fetches: 0 };
  const fetchSecret = () => {
    state.fetches++;
    return Promise.resolve(state.text);
  };
  return { state, source: fromSecret(ARN, fetchSecret, () => state.now) };
}

test('is fetched once, and only when used', async () => {
  const { state, source } = rotating();
  expect(state.fetches).toBe(0);
  await Promise.all([source.current(), source.current()]);
  expect(await source.current()).toEqual({ user: 'site', password: 'one' });
  expect(state.fetches).toBe(1);
});

test('after a rotation the refused password is replaced, with one look for all connections', async () => {
  const { state, source } = rotating();
  const refused = await source.current();
  state.text = secret('two');
  state.now = 60_000;
  expect(await Promise.all([1, 2, 3].map(() => source.renew(refused)))).toEqual([true, true, true]);
  expect(state.fetches).toBe(2);
  expect(await source.current()).toEqual({ user: 'site', password: 'two' });
});

test('a password that is simply wrong is not looked up again for every request', async () => {
  const { state, source } = rotating();
  const refused = await source.current();
  state.now = 60_000;
  expect([await source.renew(refused), await source.renew(refused)]).toEqual([false, false]);
  expect(state.fetches).toBe(2);
});

test('a failed look-up is not remembered', async () => {
  let attempt = 0;
  const source = fromSecret(ARN, () =>
    attempt++ === 0 ? Promise.reject(new Error('throttled')) : Promise.resolve(secret('one')),
  );
  await expect(source.current()).rejects.toThrow('throttled');
  expect(await source.current()).toEqual({ user: 'site', password: 'one' });
});

test('a failed look-up takes nothing away that was known', async () => {
  const { state, source } = rotating();
  const refused = await source.current();
  state.now = 60_000;
  state.text = 'garbage';
  await expect(source.renew(refused)).rejects.toThrow('must be JSON');
  expect(await source.current()).toEqual(refused);
  state.text = secret('two');
  // Not at once: a refusal each request would be a look-up each request.
  expect(await source.renew(refused)).toBe(false);
  state.now = 120_000;
  expect(await source.renew(refused)).toBe(true);
});

test('what is known is told while a look-up is under way', async () => {
  let text: Promise<string> = Promise.resolve(secret('one'));
  let time = 0;
  const source = fromSecret(
    ARN,
    () => text,
    () => time,
  );
  const refused = await source.current();
  let answer = (_: string) => {};
  text = new Promise((resolve) => (answer = resolve));
  time = 60_000;
  const renewed = source.renew(refused);
  expect(await source.current()).toEqual(refused);
  answer(secret('two'));
  expect(await renewed).toBe(true);
});

test.each(['hunter2', '{"password":"hunter2"}', '{"username":"","password":"hunter2"}', '["hunter2"]', ''])(
  'a secret of another form is told without telling it: %s',
  async (text) => {
    const error: Error = await fromSecret(ARN, () => Promise.resolve(text))
      .current()
      .then(
        () => new Error('accepted'),
        (thrown: Error) => thrown,
      );
    expect(error.message).toBe(`The secret ${ARN} must be JSON with a username and a password`);
    expect(String(error.cause)).not.toContain('hunter2');
  },
);

test('a role without password has nothing to renew', async () => {
  const source = withoutPassword('site');
  expect(await source.current()).toEqual({ user: 'site' });
  expect(await source.renew({ user: 'site' })).toBe(false);
});

test('speaks to Secrets Manager', async () => {
  const asked: unknown[] = [];
  const service = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      asked.push(request.headers['x-amz-target'], JSON.parse(body));
      response.end(JSON.stringify({ SecretString: secret('one') }));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => service.once('listening', listening));
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  try {
    expect(await secretsManager('eu-central-1')(ARN)).toBe(secret('one'));
  } finally {
    process.env = before;
    service.closeAllConnections();
    service.close();
  }
  expect(asked).toEqual(['secretsmanager.GetSecretValue', { SecretId: ARN }]);
});
