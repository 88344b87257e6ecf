import { FakeJournal, HEALTHY, NOW, remembers, said } from './stand';

const HELD = remembers({ state: { name: 'held', since: NOW, reasons: [] } });
const AGAIN = remembers({ state: { name: 'healthy', since: NOW, reasons: [] } });
const BOB = { by: 'bob@desk', at: NOW - 60_000, why: 'an upgrade' };

test('hold waits until the controller has seen it', async () => {
  const journal = new FakeJournal();
  const rounds = [() => undefined, HELD];
  const { code, out } = await said(['hold', '--why', 'an upgrade'], { journal, rounds });
  expect([code, out]).toEqual([0, 'On hold: the controller has seen it, and changes nothing.\n']);
  expect(journal.stored.hold).toEqual({ by: 'anna@laptop', at: NOW, why: 'an upgrade' });
});

test('after 30 s it says that the next round will', async () => {
  const busy = Array.from({ length: 100 }, () => () => undefined);
  const { code, out } = await said('hold --why x', { rounds: busy });
  expect(code).toBe(0);
  expect(out).toMatch(/^On hold from the controller's next round on: it has not been seen yet\./);
});

test('nobody is waited for who is silent', async () => {
  const journal = new FakeJournal({ ...HEALTHY, roundAt: NOW - 600_000 });
  const { out } = await said('hold --why x', {
    journal,
    changes: { sleep: fail },
  });
  expect(out).toMatch(/^On hold from the controller's next round on/);
});

const fail = () => Promise.reject(new Error('waited'));

test('a failover that stops is said to', async () => {
  const failover = {
    kind: 'automatic',
    by: 'controller',
    from: 'db-P',
    decidedAt: NOW,
    fence: {},
    siblings: [],
  } as const;
  const journal = new FakeJournal({ ...HEALTHY, phase: 'fencing', failover });
  const { out } = await said('hold --why x', { journal, rounds: [HELD] });
  expect(out).toContain('The failover that was under way stops where it is.');
});

test("somebody else's hold stays", async () => {
  const journal = new FakeJournal(HEALTHY, { hold: BOB });
  const { code, err } = await said('hold --why mine', { journal });
  expect(code).toBe(1);
  expect(err).toMatch(/^On hold already, by bob@desk 60 s ago: "an upgrade"\./);
  expect(journal.stored.hold).toEqual(BOB);
});

test('release, seen or not', async () => {
  const held = { ...HEALTHY, state: { name: 'held', since: NOW, reasons: [] } } as const;
  const seen = await said('release', { journal: new FakeJournal(held, { hold: BOB }), rounds: [AGAIN] });
  expect([seen.code, seen.out]).toEqual([
    0,
    'Released: the controller acts again. It was on hold by bob@desk: "an upgrade".\n',
  ]);
  const busy = Array.from({ length: 100 }, () => () => undefined);
  const journal = new FakeJournal(held, { hold: BOB });
  const late = await said('release', { journal, rounds: busy });
  expect(late.out).toBe('Released: the controller acts from its next round on.\n');
  expect(journal.stored.hold).toBeUndefined();
});

test('what is not on hold is released without a fuss', async () => {
  expect(await said('release')).toMatchObject({ code: 0, out: 'It was not on hold.\n' });
});

test('as JSON', async () => {
  const { out } = await said('hold --why x --json', { rounds: [HELD] });
  expect(JSON.parse(out)).toMatchObject({ hold: { why: 'x' }, isSeen: true });
  expect(JSON.parse((await said('release --json')).out)).toMatchObject({ released: null });
});
