import type { TrialFacts } from '../../../trial/control/contract';
import { inTree, printed } from '../../../trial/view/print';
import { troubles } from '../../../trial/view/judge';
import { WIDTH, columns } from '../../../lib/terminal/text';
import { DOWN, FAILED_OVER, LAGGING, WELL, primary, replica, server } from './facts';

const text = (facts: TrialFacts) => printed(facts, { timeZone: 'UTC' }).join('\n');

describe('what a person sees', () => {
  test.each([
    ['all is well', WELL],
    ['a replica lags, a server drains', LAGGING],
    ['the primary is down', DOWN],
    ['after a failover', FAILED_OVER],
  ])('%s', (_, facts) => {
    expect(`\n${text(facts)}\n`).toMatchSnapshot();
  });

  test('the stage of one server: no load balancer, no functions, no empty titles', () => {
    const lines = text({
      ...WELL,
      loadBalancer: undefined,
      stage: 'single-server',
      names: [{ name: 'api.mysite.com', leadsTo: [{ to: 'address' }] }],
      servers: [server(0)],
      databases: [primary()],
      functions: [],
      events: [],
    });
    expect(lines).not.toMatch(/Load balancer|Functions|Faults|events|\n\n\n/);
    expect(lines).toContain('✓ All is well.');
  });

  test('nothing at all is told, not thrown', () => {
    const nothing = {
      ...WELL,
      loadBalancer: undefined,
      names: [],
      servers: [],
      databases: [],
      functions: [],
      events: [],
    };
    expect(text(nothing)).toMatch(
      /✗ there is no primary; no server is healthy[^]*Servers\n✗ none[^]*Databases\n✗ none/,
    );
  });
});

describe('the failover controller', () => {
  const { controller, ...others } = FAILED_OVER;
  const clauses = (change: Partial<typeof FAILED_OVER>) =>
    troubles({ ...others, controller, ...change }).map(({ severity, clause }) => `${severity}: ${clause}`);

  test.each([
    [{ state: 'primary-dead', phase: 'fencing' }, 'wrong: failover controller says primary-dead'],
    [{ state: 'promoting', phase: 'promoting' }, 'change: failover controller says promoting'],
    [{ roundAt: WELL.at - 16_000 }, 'wrong: failover controller has not looked for 16 s'],
    [{ hold: 'anna: upgrade' }, 'change: failover controller is on hold'],
    [{ state: undefined, roundAt: undefined }, 'change: failover controller has not begun yet'],
  ])('%j', (change, clause) => {
    expect(clauses({ controller: { ...controller!, ...change } })).toContain(clause);
  });

  test('an old primary that is not in quarantine is wrong, and so are two that take writes', () => {
    const databases = FAILED_OVER.databases.map((one) => ({ ...one, inQuarantine: false }));
    expect(clauses({ databases })).toContain('wrong: mysite-primary is an old primary and not in quarantine');
    expect(clauses({ databases: [primary(), primary({ identifier: 'mysite-replica-1' })] })).toContain(
      'wrong: there is more than one primary',
    );
  });
});

test('colour is on top of the same text', () => {
  const coloured = printed(DOWN, { colour: true, timeZone: 'UTC' }).join('\n');
  expect(coloured).toContain('\x1b[1;31m');
  // eslint-disable-next-line no-control-regex
  const plain = coloured.replace(/\x1b\[[\d;]*m/g, '');
  const trimmed = (lines: string) => lines.replace(/ +$/gm, '');
  expect(trimmed(plain)).toBe(trimmed(text(DOWN)));
  expect(text(DOWN)).not.toContain('\x1b');
});

test("a message's escape sequences do not reach the terminal", () => {
  const events = [{ at: WELL.at, about: 'x\x1b[2J', message: 'a\x1b]0;title\x07b\nc\u202e' }];
  // eslint-disable-next-line no-control-regex
  expect(text({ ...WELL, events, faults: ['\x1b[31m'] })).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/);
});

describe('what is wrong stands out', () => {
  test.each<[string, Partial<TrialFacts>, string]>([
    [
      'a server that is unhealthy',
      { servers: [server(0), server(1, { state: 'unhealthy' })] },
      'server 2 is unhealthy',
    ],
    ['no healthy server', { servers: [server(0, { state: 'starting' })] }, 'no server is healthy'],
    [
      'a primary that is full',
      { databases: [primary({ state: 'storage-full' })] },
      'mysite-primary is storage-full',
    ],
    [
      'a primary in recovery',
      { databases: [primary({ server: { inRecovery: true, lsn: '0/0', connections: 0 } })] },
      'mysite-primary takes no writes',
    ],
    [
      'a replica that takes writes',
      { databases: [primary(), replica(1, { server: { inRecovery: false, lsn: '0/0', connections: 0 } })] },
      'mysite-replica-1 takes writes',
    ],
    ['a name without a goal', { names: [{ name: 'writer.x', leadsTo: [] }] }, 'writer.x leads nowhere'],
    [
      'a name whose only goal that is answered does not answer',
      {
        names: [
          {
            name: 'reader.x',
            leadsTo: [
              { to: 'mysite-primary', weight: 10 },
              { to: 'mysite-replica-1', weight: 0 },
            ],
          },
        ],
        databases: [primary({ server: undefined }), replica(1)],
      },
      'mysite-primary does not answer',
    ],
    ['no primary', { databases: [replica(1)] }, 'there is no primary'],
  ])('%s', (_, changes, clause) => {
    const [first] = troubles({ ...WELL, ...changes });
    expect(first).toMatchObject({ severity: 'wrong', clause });
    expect(text({ ...WELL, ...changes }).split('\n')[1]).toMatch(`✗ ${clause}`);
  });

  test('the worst comes first', () => {
    const facts = { ...LAGGING, databases: [...LAGGING.databases.slice(1), primary({ server: undefined })] };
    expect(troubles(facts).map(({ clause }) => clause)).toEqual([
      'mysite-primary does not answer',
      'mysite-replica-2 lags 2.4 s',
      'server 2 is draining',
      'server 3 is starting',
    ]);
  });
});

test('replicas stand below their source, at any depth, and none is left out', () => {
  const databases = [
    replica(3, { source: 'mysite-replica-1' }),
    replica(1),
    primary(),
    replica(4, { source: 'gone' }),
    replica(2),
    replica(5, { source: 'mysite-replica-6' }),
    replica(6, { source: 'mysite-replica-5' }),
  ];
  expect(inTree(databases).map(({ database, branch }) => branch + database.identifier)).toEqual([
    'mysite-primary',
    '├ mysite-replica-1',
    '│ └ mysite-replica-3',
    '└ mysite-replica-2',
    'mysite-replica-4',
    'mysite-replica-5',
    '└ mysite-replica-6',
  ]);
});

/** A small generator, so that a failure comes again: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function generated(seed: number): TrialFacts {
  const below = generator(seed);
  const one = <T>(...of: T[]): T => of[below(of.length)]!;
  const many = <T>(most: number, make: (index: number) => T): T[] =>
    Array.from({ length: below(most + 1) }, (_, index) => make(index));
  const word = () =>
    one(
      'a',
      'mysite-primary',
      'ü'.repeat(below(30)),
      '数据库'.repeat(below(40)),
      'x'.repeat(below(200)),
      'e\u0301\u{1f680} y',
      '\t\n',
      '',
    );
  const words = () => many(30, word).join(one(' ', '', ', '));
  const number = () => one(0, 0.04, 9.96, 99.96, 1e3, 1e7, 1e15, below(100));
  const identifiers = many(12, () => word());
  return {
    at: WELL.at,
    stage: word(),
    site: words(),
    names: many(6, () => ({
      name: words(),
      leadsTo: many(9, () => ({ to: one(...identifiers, word()), weight: one(undefined, number()) })),
    })),
    loadBalancer: one(undefined, {
      url: words(),
      requestsPerSecond: number(),
      answers: { '2xx': number(), '3xx': number(), '4xx': number(), '5xx': number() },
      p95Milliseconds: one(undefined, number()),
    }),
    servers: many(12, () => ({
      id: word(),
      zone: word(),
      state: one('healthy', 'draining', word()),
      address: word(),
      requestsPerSecond: number(),
    })),
    databases: identifiers.map((identifier) => ({
      identifier,
      state: one('available', 'failed', word()),
      role: one('primary', 'replica', 'retired'),
      inQuarantine: one(true, false),
      source: one(undefined, ...identifiers),
      address: one(undefined, words()),
      server: one(undefined, {
        inRecovery: one(true, false),
        lsn: word(),
        connections: number(),
        lagBytes: one(undefined, number()),
        lagSeconds: one(undefined, number()),
      }),
    })),
    functions: many(4, () => ({
      name: words(),
      lastStart: one(undefined, WELL.at - number()),
      lastOutcome: one(undefined, words()),
    })),
    controller: one(undefined, {
      state: one(undefined, 'healthy', 'fencing', word()),
      phase: one(undefined, 'steady', word()),
      epoch: one(undefined, number()),
      reasons: many(5, words),
      roundAt: one(undefined, WELL.at - number()),
      hold: one(undefined, words()),
    }),
    events: many(20, () => ({ at: WELL.at - number(), about: words(), message: words() })),
    faults: many(5, words),
  };
}

test('no line is wider than 80 columns, whatever the facts', () => {
  for (let seed = 0; seed < 200; seed++) {
    const facts = generated(seed);
    const tooWide = printed(facts, { timeZone: 'UTC' }).filter((line) => columns(line) > WIDTH);
    expect({ seed, tooWide }).toEqual({ seed, tooWide: [] });
    const { servers, databases } = facts;
    // Nor does anything vanish: each server and each database has its line.
    expect(printed(facts).length).toBeGreaterThanOrEqual(servers.length + databases.length);
  }
});
