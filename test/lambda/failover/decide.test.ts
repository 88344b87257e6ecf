/** What holds in every phase: closed, held, blind; the stack policy; who is told; what waits after a failure. */
import { STATES } from '../../../lambda/failover/states';
import {
  type Changes,
  HOUR,
  MINUTE,
  SECOND,
  T0,
  afterFailover,
  choosingMemory,
  dead,
  failover,
  fencingMemory,
  followsNew,
  healingMemory,
  healthyMemory,
  isFenced,
  look,
  notReceiving,
  opened,
  openingMemory,
  play,
  promoted,
  promotingMemory,
  quarantined,
  remembering,
  round,
  short,
  silentFor,
} from './builders';

const hold = { by: 'anna', at: T0 - HOUR, why: 'a look' };
const gone: Changes = { primary: dead, 'replica-1': notReceiving, 'replica-2': notReceiving };

const PHASES = {
  steady: healthyMemory,
  fencing: fencingMemory(),
  choosing: choosingMemory(),
  promoting: promotingMemory(),
  opening: openingMemory(),
  healing: healingMemory(),
};

describe.each(Object.entries(PHASES))('%s', (_, memory) => {
  const { phase, epoch, primary } = memory;

  test('on hold: no change at all, and the phase stays', () => {
    const { decision } = round(look(gone), memory, { hold });
    expect(decision).toMatchObject({ state: 'held', actions: [], memory: { phase, epoch, primary } });
    expect(decision.memory.seen).toHaveLength(3);
  });

  test('on hold and blind', () => {
    const { decision } = round({ at: T0, missing: ['RDS: throttled'] }, memory, { hold });
    expect(decision).toMatchObject({ state: 'held', actions: [] });
  });

  test('blind: no change at all, and the phase stays', () => {
    const { decision } = round({ at: T0, missing: ['RDS: throttled', 'Route 53: timeout'] }, memory);
    expect(decision).toMatchObject({
      state: 'blind',
      reasons: ['RDS: throttled', 'Route 53: timeout'],
      actions: [],
      memory: { phase, epoch, primary, roundAt: T0 },
    });
  });

  test('the stack is being deleted: no change at all', () => {
    const { decision } = round(look(gone), { ...memory, closed: true });
    expect(decision).toMatchObject({ state: 'closed', actions: [], memory: { phase } });
  });

  test('what it decides is JSON', () => {
    const { decision } = round(look(gone), memory);
    expect(JSON.parse(JSON.stringify(decision))).toEqual(JSON.parse(JSON.stringify({ ...decision })));
    expect(decision.reasons.length).toBeGreaterThan(0);
    expect(STATES).toHaveProperty(decision.state);
  });

  test('the same look and memory: the same decision', () => {
    expect(round(look(gone), memory).decision).toEqual(round(look(gone), memory).decision);
  });
});

describe('on release no stale decision', () => {
  test('the count of looks begins anew', () => {
    const suspected = remembering({ suspicion: silentFor(MINUTE) });
    expect(round(look(gone), suspected).decision.state).toBe('primary-dead');
    const { memory } = round(look(gone), suspected, { hold });
    expect(round(look(gone, { at: SECOND }), memory).decision).toMatchObject({
      state: 'primary-suspected',
      memory: { suspicion: { probes: 1 } },
    });
  });

  test('refusals in a row begin anew', () => {
    const once = fencingMemory({
      fence: { 'db-primary': { ...isFenced, verifiedAt: undefined, refusals: 1 } },
    });
    const { memory } = round(look(gone), once, { hold });
    expect(memory.failover!.fence['db-primary']).toEqual({
      inForceAt: T0,
      rebootAskedAt: T0,
      evidence: isFenced.evidence,
    });
  });

  test('evidence of before counts only while the group is in force', () => {
    const { memory } = round(look({ ...gone, primary: [dead, quarantined] }), choosingMemory(), { hold });
    expect(round(look(gone, { at: SECOND }), memory).decision.state).toBe('fencing');
    expect(
      round(look({ ...gone, primary: [dead, quarantined] }, { at: SECOND }), memory).decision.state,
    ).toBe('candidate-chosen');
  });

  test('a failure of before the hold is not forgotten: what was asked for is asked for again', () => {
    const failed = {
      ...fencingMemory({ fence: { 'db-primary': { inForceAt: T0, rebootAskedAt: T0, startedAt: 1 } } }),
      backoff: { 'reboot db-primary': { failures: 3, notBefore: T0 } },
    };
    const released = look({ ...gone, primary: quarantined }, { at: 2 * HOUR });
    expect(short(round(released, failed).decision)).toContain('reboot primary');
  });
});

describe('deployments of the databases', () => {
  const policyOf = (changes: Changes, memory: Parameters<typeof round>[1]) =>
    round(look(changes), memory).decision.actions.filter(({ kind }) => kind === 'stack-policy');

  test('are denied with the promotion, as the last action', () => {
    const { decision } = round(look({ ...gone, primary: [dead, quarantined] }), {
      ...choosingMemory(),
      stackPolicy: 'open',
    });
    expect(short(decision)).toEqual(['promote replica-1', 'move-names primary', 'stack-policy denied']);
  });

  test('are asked for once', () => {
    expect(policyOf(gone, promotingMemory())).toEqual([]);
    expect(policyOf({}, healthyMemory)).toEqual([]);
  });

  test('the call failed: again, when it is due', () => {
    const rounds = play(
      [0, 0.5, 1, 1.5].map((at) => look({}, { at: at * SECOND })),
      remembering({ stackPolicy: 'closed' }),
      { outcomes: { 'stack-policy': 'denied' } },
    );
    expect(rounds.map(({ decision }) => short(decision))).toEqual([
      ['stack-policy allowed'],
      [],
      ['stack-policy allowed'],
      [],
    ]);
  });

  test('stay denied until every database has its usual name', () => {
    const memory = healingMemory({ stackPolicy: 'open' });
    expect(policyOf(afterFailover, memory)).toMatchObject([{ updates: 'denied' }]);
    expect(
      policyOf({ 'replica-2': 'gone', 'replica-3': followsNew('primary', 1) }, healthyMemory),
    ).toMatchObject([{ updates: 'denied' }]);
  });

  test('a second failover, whose fence begins, does not allow them', () => {
    const second = remembering({
      phase: 'fencing',
      epoch: 3,
      primary: 'db-replica-1',
      stackPolicy: 'closed',
      failover: failover({ from: 'db-replica-1', fence: { 'db-replica-1': {} } }),
    });
    expect(policyOf({ ...afterFailover, 'replica-1': dead }, second)).toEqual([]);
  });

  test('a failover that is given up allows them again', () => {
    const { decision } = round(look({ primary: quarantined }), {
      ...choosingMemory(),
      stackPolicy: 'closed',
    });
    expect(decision.state).toBe('primary-returned');
    expect(short(decision)).toContain('stack-policy allowed');
  });
});

describe('people', () => {
  test('are told when a state begins that concerns them, and not again', () => {
    const rounds = play([0, 10, 20, 21, 22].map((at) => look(gone, { at: at * SECOND })));
    expect(rounds.map(({ decision }) => decision.notices.map(({ subject }) => subject))).toEqual([
      [],
      [],
      ['mysite: primary-dead'],
      [],
      [],
    ]);
  });

  test('what they are told: what is seen, what is done, and why', () => {
    const [, , third] = play([0, 10, 20].map((at) => look(gone, { at: at * SECOND })));
    expect(third!.decision.notices[0]!.text.split('\n')).toEqual([
      `What is seen: ${STATES['primary-dead'].seen}.`,
      `What is done: ${STATES['primary-dead'].done}.`,
      '- mysite-primary has not answered 3 looks in 20 s: no answer in 2 s',
      '- mysite-replica-1, mysite-replica-2 can be reached and does not receive',
      '- mysite-primary is not in quarantine',
      'Epoch 2, phase fencing.',
    ]);
  });

  test('since when a state lasts is remembered', () => {
    const rounds = play([0, 5, 10].map((at) => look({}, { at: at * SECOND })));
    expect(rounds[2]!.memory.state).toMatchObject({ name: 'healthy', since: T0 });
    expect(rounds[2]!.memory.roundAt).toBe(T0 + 10 * SECOND);
  });
});

describe('what has failed', () => {
  test('is left out until it is due; all else goes on', () => {
    const memory = {
      ...fencingMemory(),
      backoff: { 'set-groups db-primary sg-quarantine': { failures: 1, notBefore: T0 + SECOND } },
    };
    const seen = (at: number) => look({ ...gone, 'replica-1': dead }, { at });
    expect(short(round(seen(0), memory).decision)).toEqual(['move-names primary']);
    expect(short(round(seen(SECOND), memory).decision)).toEqual(['set-groups primary', 'move-names primary']);
  });

  test('healing never delays a failover: failures of others do not count', () => {
    const backoff = Object.fromEntries(
      [
        'create-replica mysite-replica-3',
        'delete db-replica-2',
        'modify db-primary',
        'set-groups db-primary sg-open',
        'move-names mysite-primary.db.example',
      ].map((key) => [key, { failures: 9, notBefore: T0 + HOUR }]),
    );
    const rounds = play(
      [0, 10, 20].map((at) => look(gone, { at: at * SECOND })),
      remembering({ backoff }),
    );
    expect(short(rounds[2]!.decision)).toEqual(['set-groups primary']);
    const names = { ...look({}).names };
    const proved = look(
      { primary: [dead, quarantined], 'replica-1': [promoted, opened(2)], 'replica-2': notReceiving },
      { names },
    );
    expect(short(round(proved, { ...openingMemory(), backoff }).decision)).toEqual(['move-names replica-1']);
  });

  test('and nobody has asked for in an hour is forgotten', () => {
    const backoff = { 'reboot db-9': { failures: 1, notBefore: T0 - HOUR } };
    expect(round(look(), remembering({ backoff })).memory.backoff).toEqual({});
  });
});
