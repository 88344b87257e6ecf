import { printedEntries } from '../../../bin/failover/commands/history';
import { printedStatus } from '../../../bin/failover/print-status';
import { timelineOf } from '../../../bin/failover/timeline';
import { viewOf } from '../../../bin/failover/view';
import type { Memory } from '../../../lambda/failover/memory';
import type { Entry, Stored } from '../../../lambda/failover/ports';
import { STATES, type StateName } from '../../../lambda/failover/states';
import { columns } from '../../../lib/terminal/text';
import { FakeJournal, HEALTHY, NOW, PRIMARY, replica, said } from './stand';

const printed = (memory: Memory | undefined, more: Partial<Stored> = {}, colour = false) =>
  printedStatus(viewOf('mysite', { version: 1, memory, ...more }, NOW), { timeZone: 'UTC', colour });

const text = (...args: Parameters<typeof printed>) => printed(...args).join('\n');

const FORK = {
  epoch: 4,
  from: 'db-P',
  to: 'db-R1',
  lsn: '16/B374D848',
  snapshot: '751:751:',
  timeline: 1,
  system: '7398231',
  heartbeatAt: NOW - 41_000,
  at: NOW - 10_000,
};

/** In the middle of a failover, with all that can be told at once. */
const PROMOTING: Memory = {
  ...HEALTHY,
  phase: 'promoting',
  epoch: 4,
  state: { name: 'promoting', since: NOW - 8_000, reasons: ['mysite-replica-1 is modifying'] },
  stackPolicy: 'closed',
  failover: {
    kind: 'automatic',
    by: 'controller',
    from: 'db-P',
    suspectedAt: NOW - 40_000,
    decidedAt: NOW - 20_000,
    fence: {
      'db-P': {
        rebootAskedAt: NOW - 19_000,
        inForceAt: NOW - 18_000,
        verifiedAt: NOW - 12_000,
        evidence: 'nobody listens, in 3 looks since the quarantine',
      },
    },
    fencedAt: NOW - 12_000,
    candidate: 'db-R1',
    fork: FORK,
    promoteAskedAt: NOW - 9_000,
    siblings: ['db-R2'],
  },
  lastFailover: { at: NOW - 20_000, acknowledged: false },
  retired: [
    { resourceId: 'db-OLD', epoch: 3, recovery: 'needed', since: NOW - 3 * 24 * 3600_000 },
    { resourceId: 'db-X', epoch: 2, recovery: 'waived', since: NOW - 3600_000, why: 'anna@laptop: a test' },
  ],
  seen: [
    { ...PRIMARY, status: 'rebooting', reached: false, fit: false, why: 'cannot be reached: timeout' },
    replica(1, { role: 'candidate', status: 'modifying', lagMillis: 1_200 }),
    replica(2, {
      fit: false,
      why: 'is 48 s behind, the limit is 30 s',
      lagMillis: 48_000,
      readerWeight: undefined,
    }),
    replica(3, { role: 'retired', resourceId: 'db-OLD', readerWeight: undefined, lagMillis: undefined }),
  ],
};

test('a healthy group', () => {
  expect(text(HEALTHY)).toMatchInlineSnapshot(`
    "mysite · steady · epoch 3                                               12:00:00
    ✓ healthy for 3 h: the primary takes writes, the wanted replicas follow, names
      lead to them

    Databases          role      RDS              lag  received     reads
    ✓ mysite-primary   primary   available             16/B374D848      0
    ✓ mysite-replica-1 replica   available      0.2 s  16/B374D848    100
    ✓ mysite-replica-2 replica   available      0.2 s  16/B374D848    100

    Controller
    ✓ last round     2.0 s ago
    ✓ last failover  none
    ✓ deployments    may change the databases"
  `);
});

test('in the middle of a failover', () => {
  expect(text(PROMOTING)).toMatchInlineSnapshot(`
    "mysite · promoting · epoch 4                                            12:00:00
    ~ promoting for 8.0 s: the candidate is being promoted
      because mysite-replica-1 is modifying
      done: nothing; asked for again when RDS has not heard it

    Databases          role      RDS              lag  received     reads
    ✗ mysite-primary   primary   rebooting             16/B374D848      0
        cannot be reached: timeout
    ✓ mysite-replica-1 candidate modifying      1.2 s  16/B374D848    100
    ~ mysite-replica-2 replica   available       48 s  16/B374D848      –
        is 48 s behind, the limit is 30 s
    ~ mysite-replica-3 retired   available             16/B374D848      –

    Under way: automatic failover from mysite-primary to mysite-replica-1
      11:59:20 +0.0 s  suspected    mysite-primary did not answer
      11:59:40 +20 s   decided      failover, asked for by controller
      11:59:41 +21 s   restart      of mysite-primary, to end its open connections
      11:59:42 +22 s   quarantine   of mysite-primary is in force
      11:59:48 +28 s   out of reach mysite-primary: nobody listens, in 3 looks since
                                    the quarantine
      11:59:48 +28 s   fenced       no client reaches the old primary
      11:59:50 +30 s   chosen       mysite-replica-1, at 16/B374D848
      11:59:51 +31 s   asked RDS    to promote mysite-replica-1

    Old primaries in quarantine
    ~ mysite-replica-3: until epoch 3, since 2026-07-31 12:00:00
        waits until recovery has finished or is waived
    ~ db-X: until epoch 2, since 11:00:00
        recovery was waived: it is deleted (anna@laptop: a test)

    Controller
    ✓ last round     2.0 s ago
    ✓ last failover  11:59:40, not acknowledged
    ~ deployments    may not touch the databases until they have their usual names
                     again"
  `);
});

test('on hold, with a command that waits and one that was refused', () => {
  const memory: Memory = {
    ...HEALTHY,
    state: { name: 'held', since: NOW - 60_000, reasons: ['on hold by anna@laptop: an upgrade'] },
    answer: { command: 'c-1', outcome: 'refused', sentence: 'there is no replica', at: NOW - 90_000 },
  };
  expect(
    text(memory, {
      hold: { by: 'anna@laptop', at: NOW - 61_000, why: 'an upgrade' },
      command: { id: 'c-2', by: 'bob@desk', at: NOW - 3_000, kind: 'switchover', to: 'mysite-replica-2' },
    }),
  ).toMatchInlineSnapshot(`
    "mysite · steady · epoch 3                                               12:00:00
    ~ held for 60 s: a human has put the group on hold
      because on hold by anna@laptop: an upgrade
      done: nothing, until it is released
      to do: npm run failover -- release lets the controller act again

    Commands
    ~ On hold by anna@laptop since 11:58:59: an upgrade
    ~ switchover to mysite-replica-2, by bob@desk 3.0 s ago: waits for the
      controller
    ~ Last command refused 90 s ago: there is no replica

    Databases          role      RDS              lag  received     reads
    ✓ mysite-primary   primary   available             16/B374D848      0
    ✓ mysite-replica-1 replica   available      0.2 s  16/B374D848    100
    ✓ mysite-replica-2 replica   available      0.2 s  16/B374D848    100

    Controller
    ✓ last round     2.0 s ago
    ✓ last failover  none
    ✓ deployments    may change the databases"
  `);
});

test('a controller that is silent is the first thing that is said', () => {
  const lines = printed({ ...HEALTHY, roundAt: NOW - 3 * 60_000 });
  expect(lines.slice(1, 3).join(' ')).toMatch(/^✗ The controller has given no sign of life for 3 min/);
  expect(text({ ...HEALTHY, roundAt: NOW - 119_000 })).not.toContain('no sign of life');
});

test('before the first round, and when the stack is being deleted', () => {
  expect(text(undefined)).toContain('The controller has not looked yet');
  expect(text({ ...HEALTHY, closed: true })).toContain('The stack is being deleted');
});

test('every state is printed in 80 columns, also one that this checkout does not know', () => {
  for (const name of [...Object.keys(STATES), 'of-tomorrow'] as StateName[]) {
    const reasons = ['mysite-primary has not answered 5 looks in 24 s: '.repeat(4)];
    const lines = printed({ ...PROMOTING, state: { name, since: NOW - 1000, reasons } });
    expect(lines.filter((line) => columns(line) > 80)).toEqual([]);
    expect(lines.join('\n')).toContain(name);
  }
});

test('identifiers of 63 letters, wide letters and escape sequences stay in their columns', () => {
  const memory: Memory = {
    ...HEALTHY,
    seen: [
      {
        ...PRIMARY,
        identifier: `${'a'.repeat(52)}-replica-15`,
        why: 'odd \x1b[2J数据库'.repeat(9),
        fit: false,
      },
      replica(1, { status: 'incompatible-parameters-of-a-long-name' }),
    ],
  };
  const lines = printed(memory);
  expect(lines.filter((line) => columns(line) > 80)).toEqual([]);
  expect(lines.join('\n')).not.toContain('\x1b');
});

test('colour only repeats what is there', () => {
  // eslint-disable-next-line no-control-regex
  const plain = printed(PROMOTING, {}, true).map((line) => line.replace(/\x1b\[[\d;]*m/g, '').trimEnd());
  expect(plain).toEqual(printed(PROMOTING));
  expect(printed(PROMOTING, {}, true).join('')).toContain('\x1b[1;31m');
});

test('the timeline is in the order of time, and names instances that are gone by their resource id', () => {
  const gone = { ...PROMOTING, seen: [] };
  expect(timelineOf(gone).map(({ what }) => what)).toEqual([
    'suspected',
    'decided',
    'restart',
    'quarantine',
    'out of reach',
    'fenced',
    'chosen',
    'asked RDS',
  ]);
  expect(timelineOf(gone)[0]!.text).toBe('db-P did not answer');
  expect(timelineOf(HEALTHY)).toEqual([]);
});

describe('as a command', () => {
  test('it prints', async () => {
    const { code, out, err } = await said('status');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('mysite-replica-2');
    expect(out).not.toContain('\x1b');
  });

  test('--json is one document with all of it', async () => {
    const { code, out } = await said('status --json', { journal: new FakeJournal(PROMOTING) });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      site: 'mysite',
      phase: 'promoting',
      epoch: 4,
      state: { name: 'promoting', seen: STATES.promoting.seen },
      failover: { kind: 'automatic', from: 'mysite-primary', candidate: 'mysite-replica-1' },
      controller: { lastRoundAt: NOW - 2_000, isSilent: false },
      retired: [{ identifier: 'mysite-replica-3', recovery: 'needed' }, { identifier: 'db-X' }],
      instances: [{ why: 'cannot be reached: timeout' }, {}, { lagMillis: 48_000 }, {}],
    });
  });

  test('NO_COLOR and pipes: no colour; a terminal: colour', async () => {
    const env = { env: {} };
    expect((await said('status', { tty: true, changes: env })).out).toContain('\x1b[');
    expect((await said('status', { tty: false, changes: env })).out).not.toContain('\x1b[');
    expect((await said('status', { tty: true, changes: { env: { NO_COLOR: '1' } } })).out).not.toContain(
      '\x1b[',
    );
  });

  test('--watch draws until Ctrl-C; with --json a line each', async () => {
    const journal = new FakeJournal();
    const ending = new AbortController();
    let reads = 0;
    journal.read = async () => {
      if (++reads === 2) ending.abort();
      return journal.stored;
    };
    const { code, out } = await said('status --watch --json', {
      journal,
      changes: { signal: ending.signal },
    });
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).epoch)).toEqual(lines.map(() => 3));
  });
});

describe('history', () => {
  const entry = (number: number): Entry => ({
    at: NOW - number * 60_000,
    epoch: 4,
    phase: 'fencing',
    state: number === 1 ? 'fencing' : 'primary-dead',
    what: `reboot db-P (mysite-primary)`,
    evidence: ['mysite-primary has not answered 5 looks in 24 s: timeout', 'no replica receives from it'],
    by: 'run-1',
  });

  test('reads as a diary, the newest first', () => {
    expect(printedEntries([entry(1), entry(3000)], NOW, 'UTC').join('\n')).toMatchInlineSnapshot(`
      "11:59:00 reboot db-P (mysite-primary) (epoch 4, fencing)
          - mysite-primary has not answered 5 looks in 24 s: timeout
          - no replica receives from it
      2026-08-01 10:00:00 reboot db-P (mysite-primary) (epoch 4, fencing,
          primary-dead)
          - mysite-primary has not answered 5 looks in 24 s: timeout
          - no replica receives from it"
    `);
  });

  test('an empty one says so; --limit limits; --json has all of it', async () => {
    expect((await said('history')).out).toBe(
      'The journal is empty: the controller has changed nothing yet.\n',
    );
    const journal = new FakeJournal();
    journal.log = Array.from({ length: 30 }, (_, index) => entry(index + 1));
    expect((await said('history', { journal })).out.match(/reboot/g)).toHaveLength(20);
    const { out } = await said('history --limit 2 --json', { journal });
    expect(JSON.parse(out)).toEqual({ entries: [entry(1), entry(2)] });
  });

  test('80 columns, whatever is in it', () => {
    const long = {
      ...entry(1),
      what: 'x'.repeat(200),
      evidence: ['word '.repeat(60), '\x1b[2Jy'.repeat(90)],
    };
    const lines = printedEntries([long], NOW);
    expect(lines.filter((line) => columns(line) > 80)).toEqual([]);
    expect(lines.join('')).not.toContain('\x1b');
  });
});
