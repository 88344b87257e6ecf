import { makePlane } from './world-parts';

test('a write arrives after the delay of its link, and is replayed after that of replay', async () => {
  const { server, write, pass } = await makePlane('replica');
  server('replica').replayDelayMillis = 1_000;
  const row = write();
  await pass(400);
  expect(server('replica').has(row)).toBe(false);
  await pass(200);
  expect(server('replica').has(row)).toBe(true);
  expect(server('replica').shown.lsn).toBeLessThan(row.lsn);
  await pass(1_000);
  expect(server('replica').shown.lsn).toBe(row.lsn);
});

test('what was on its way when the primary died did not arrive; its receiver ends at once', async () => {
  const { server, write, pass, plane } = await makePlane('replica');
  const first = write();
  await pass(1_000);
  const second = write();
  await pass(100);
  plane.crash('primary');
  await pass(5_000);
  expect(server('replica').has(first)).toBe(true);
  expect(server('replica').has(second)).toBe(false);
  expect(server('replica').receiver.streaming).toBe(false);
});

test.each([
  ['frozen', 'thaw'],
  ['cut off', 'join'],
  ['without its host', undefined],
] as const)(
  'a replica of a primary that is %s believes for ten seconds that it receives',
  async (how, end) => {
    const { server, pass, plane, network } = await makePlane('replica');
    let join: () => void = () => undefined;
    await pass(1_000);
    if (how === 'frozen') plane.freeze('primary');
    else if (how === 'cut off') join = network.cut('primary', 'replica');
    else plane.crash('primary', true);
    await pass(9_000);
    expect(server('replica').receiver.streaming).toBe(true);
    await pass(1_500);
    expect(server('replica').receiver.streaming).toBe(false);
    if (!end) return;
    if (end === 'thaw') plane.thaw('primary');
    else join();
    // It tries again after five seconds.
    await pass(4_000);
    expect(server('replica').receiver.streaming).toBe(false);
    await pass(1_500);
    expect(server('replica').receiver.streaming).toBe(true);
  },
);

test('a promoted replica has a history of its own; its siblings do not follow it', async () => {
  const { server, write, pass, plane } = await makePlane('one', 'two');
  const common = write();
  await pass(1_000);
  plane.crash('primary');
  await plane.promote('one');
  const row = write('one');
  await pass(10_000);
  expect(server('one').timeline.id).toBe(2);
  expect(server('one').recovering).toBe(false);
  expect(server('one').has(common)).toBe(true);
  expect(server('two').has(common)).toBe(true);
  expect(server('two').has(row)).toBe(false);
  // The key of a write that was lost is given out again, unless the sequence is advanced.
  expect(row.key).toBe(common.key + 1);
});

test('an old primary that comes back goes on in its own history', async () => {
  const { server, write, pass, plane } = await makePlane('one', 'two');
  await pass(1_000);
  plane.crash('primary');
  await plane.promote('one');
  void plane.start('primary');
  await pass(20_000);
  const old = write('primary');
  const fresh = write('one');
  await pass(2_000);
  expect(old.lsn).toBe(fresh.lsn - 200);
  expect(server('one').has(old)).toBe(false);
  expect(server('primary').has(fresh)).toBe(false);
  expect(server('two').has(old)).toBe(true);
});

test('a replica takes no write, nor does a full disk', async () => {
  const { server, clock } = await makePlane('replica');
  expect(server('replica').insert('web-1', clock.now())).toBe('read-only');
  server('primary').full = true;
  expect(server('primary').insert('web-1', clock.now())).toBe('disk full');
});

test('a restart ends sessions and takes a while; a second one overtakes the first', async () => {
  const { server, plane, pass } = await makePlane();
  const primary = server('primary');
  primary.sessions.add({ client: 'web-1', kind: 'writer', server: primary, abandoned: false });
  const first = plane.reboot('primary');
  expect(primary.sessions.size).toBe(0);
  expect(primary.state).toBe('starting');
  const second = plane.reboot('primary');
  await Promise.all([
    expect(first).rejects.toThrow('ended while it was being started'),
    second,
    pass(30_000),
  ]);
  expect(primary.state).toBe('running');
});

test('what is dead can be neither promoted nor copied; what is gone leaves no last snapshot', async () => {
  const { plane } = await makePlane('replica');
  plane.crash('replica');
  await expect(plane.promote('replica')).rejects.toThrow('replica cannot be promoted: it is down');
  plane.crash('primary', true);
  await expect(plane.snapshot('primary')).rejects.toThrow('No snapshot of primary: it is away');
});
