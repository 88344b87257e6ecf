/** Each fault does what it says, and the controller survives it. */
import { SCENARIOS } from '../../../trial/simulation/scenarios';
import type { Fault, Setup } from '../../../trial/simulation/schedule';
import { simulate } from '../../../trial/simulation/simulate';

jest.setTimeout(120_000);

const { setup } = SCENARIOS.switchover.schedule(1);

async function said(faults: readonly Fault[], changes: Partial<Setup> = {}): Promise<string> {
  const { trace, violation } = await simulate({ seed: 1, setup: { ...setup, ...changes }, faults });
  expect(violation).toBeUndefined();
  return trace.map(({ text }) => text).join('\n');
}

const at = 120;
const DEAD: Fault = { kind: 'dead', whom: 'primary', at, lasts: 1_800 };
/** Clients reach it, and nobody else does. */
const PARTITION: readonly Fault[] = (['controller', 'replica-1', 'replica-2'] as const).map((other) => ({
  kind: 'cut',
  one: 'primary',
  other,
  at,
  lasts: 900,
}));

test.each([
  [
    'the controller is refused',
    'primary',
    '53300',
    /primary-unreachable-but-alive.*rejects the controller|still receives/,
  ],
  ['the server says that it starts', 'primary', '57P03', /still receives from it/],
  ['every statement of a replica fails', 'replica-1', '0A000', /state replica-unfit .*serializable/],
] as const)('%s: it lives', async (_, whom, code, seen) => {
  const text = await said([{ kind: 'errors', whom, code, at, lasts: 120 }]);
  expect(text).toMatch(seen);
  expect(text).not.toMatch(/state primary-dead/);
});

test('a restart that RDS accepts and never makes is no fence', async () => {
  const text = await said([
    ...PARTITION,
    {
      kind: 'calls',
      service: 'rds',
      operation: 'RebootDBInstance',
      fate: 'accepted, not done',
      share: 1,
      at,
      lasts: 600,
    },
  ]);
  expect(text).toMatch(/state fence-unverified/);
  expect(text).not.toMatch(
    /RDS accepts RebootDBInstance site-primary[^]*over: calls of rds RebootDBInstance/,
  );
});

test('one operation is refused while the others answer', async () => {
  const text = await said([
    DEAD,
    {
      kind: 'calls',
      service: 'rds',
      operation: 'ModifyDBInstance',
      fate: 'wrong-state',
      share: 1,
      at,
      lasts: 400,
    },
  ]);
  expect(text).toMatch(/state fence-unverified[^]*over: calls of rds ModifyDBInstance: wrong-state/);
});

test('a promotion comes back as a replica, and is through when it no longer does', async () => {
  const text = await said(
    [DEAD, { kind: 'promotion', whom: 'replica-1', how: 'fails', at: 60, lasts: 1_200 }],
    {
      replicas: 1,
    },
  );
  expect(text).toMatch(
    /RDS accepts PromoteReadReplica[^]*over: a promotion of replica-1 fails[^]*the first write/,
  );
});

test('a promotion sticks as long as the fault lasts', async () => {
  const text = await said(
    [DEAD, { kind: 'promotion', whom: 'replica-1', how: 'sticks', at: 60, lasts: 1_200 }],
    {
      replicas: 1,
    },
  );
  expect(text).toMatch(
    /replica-1 is modifying, and still a replica[^]*over: a promotion of replica-1 sticks/,
  );
});

test('RDS moves a Multi-AZ instance by itself: nothing else does', async () => {
  const text = await said([{ kind: 'own-failover', whom: 'primary', at, lasts: 0 }], { multiAz: true });
  expect(text).toMatch(/state primary-suspected/);
  expect(text).not.toMatch(/state primary-dead/);
});

test('an instance that is not Multi-AZ has nowhere to go', async () => {
  expect(await said([{ kind: 'own-failover', whom: 'primary', at, lasts: 0 }])).not.toMatch(/suspected/);
});

test('a class that waits for the window is asked for, and nothing begins it', async () => {
  const text = await said([
    { kind: 'class-waits', whom: 'primary', at, lasts: 0 },
    { ...DEAD, at: 200 },
  ]);
  expect(text).toMatch(/the first write of a client on site-replica/);
});

test('what flaps is away and there again', async () => {
  const text = await said([{ kind: 'flap', whom: 'replica-1', away: 20, there: 20, at, lasts: 300 }]);
  expect(text.match(/readers site-replica-2$/gm)!.length).toBeGreaterThan(1);
});

test('what RDS shows is broken is replaced, and the old primary may be deleted once another is being promoted', async () => {
  const text = await said([
    { kind: 'shown', whom: 'replica-1', status: 'incompatible-network', at: 60, lasts: 600 },
    { ...DEAD, at: 1_500 },
    { kind: 'delete', whom: 'old-primary', at: 2_000, lasts: 0 },
  ]);
  expect(text).toMatch(/replica-1 is in incompatible-network[^]*RDS accepts DeleteDBInstance site-replica-1/);
  expect(text).toMatch(/RDS does not show|is gone|the first write/);
});

test('a replica that was behind is no reader again while nobody measures how far', async () => {
  const text = await said([
    { kind: 'slow-replication', whom: 'replica-2', seconds: 78, at: 90, lasts: 105 },
    { kind: 'cut', one: 'controller', other: 'primary', at: 140, lasts: 54 },
  ]);
  expect(text).toMatch(/readers site-replica-1$/m);
});
