import { counting } from '../../../app/database/counts';
import { endpoint } from '../../../app/database/endpoint';
import { POOL_BUSY } from '../../../app/database/errors';
import { LIMITS } from '../../../app/database/limits';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

test('a name is looked up each second; more often while its one server is away', async () => {
  let lookups = 0;
  let isAway = false;
  const writer = endpoint(
    {
      host: 'writer',
      port: 5432,
      database: 'site',
      name: 'site',
      readOnly: false,
      limits: LIMITS.writing,
      servers: 'one',
    },
    {
      findRealName: async () => (lookups++, 'primary'),
      log: silent,
      counts: counting(),
      now: () => jest.now(),
      random: () => 0.5,
      source: {
        current: async () => {
          throw Object.assign(new Error('gone'), { code: isAway ? 'ECONNREFUSED' : POOL_BUSY });
        },
        renew: async () => false,
      },
    },
  );
  const inASecond = async () => {
    const before = lookups;
    await jest.advanceTimersByTimeAsync(1_000);
    return lookups - before;
  };
  await expect(writer.run(async () => {})).rejects.toThrow();
  expect(await inASecond()).toBe(1);
  isAway = true;
  await expect(writer.run(async () => {})).rejects.toThrow();
  expect(await inASecond()).toBe(5);
  await writer.close();
});
