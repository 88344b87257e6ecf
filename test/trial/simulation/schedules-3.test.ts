import { runShard, SHARD, SHARD_TIMEOUT_MILLIS } from './run-schedules';

test(
  'what must hold holds at every step, part 3 of 4',
  async () => {
    const tally = await runShard(2);
    expect(tally.schedules).toBe(SHARD);
    // Something happened in them.
    expect(tally.failovers.length).toBeGreaterThan(SHARD / 4);
    expect(Object.keys(tally.states).length).toBeGreaterThan(24);
  },
  SHARD_TIMEOUT_MILLIS,
);
