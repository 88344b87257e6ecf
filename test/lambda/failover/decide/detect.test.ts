/** Design, "Dead?": when a failover begins, and when it does not. */
import {
  type Change,
  type Changes,
  HOUR,
  MINUTE,
  SECOND,
  T0,
  after,
  afterFailover,
  beingMade,
  behind,
  dead,
  followsNew,
  healingMemory,
  healthyMemory,
  isFenced,
  look,
  multiAz,
  notReceiving,
  play,
  policy,
  promoted,
  refusing,
  remembering,
  restarted,
  round,
  says,
  short,
  status,
  unreached,
  with_,
} from '../builders';

const DEAD: Changes = { primary: dead, 'replica-1': notReceiving, 'replica-2': notReceiving };

/** The same look at these seconds. */
const looks = (changes: Changes, ...seconds: number[]) =>
  seconds.map((at) => look(changes, { at: at * SECOND }));

const stateAfter = (changes: Changes, ...seconds: number[]) =>
  after(looks(changes, ...seconds)).decision.state;

describe('three looks, over detectAfter', () => {
  test('one look that failed begins nothing', () => {
    expect(round(look(DEAD)).decision).toMatchObject({ state: 'primary-suspected', actions: [] });
  });

  test('two looks in a minute begin nothing', () => {
    expect(stateAfter(DEAD, 0, 60)).toBe('primary-suspected');
  });

  test('many looks in less than detectAfter begin nothing', () => {
    expect(stateAfter(DEAD, ...Array.from({ length: 20 }, (_, second) => second))).toBe('primary-suspected');
  });

  test('three looks over detectAfter: the failover begins, with the fence', () => {
    const { decision } = after(looks(DEAD, 0, 10, 20));
    expect(decision.state).toBe('primary-dead');
    expect(decision.memory).toMatchObject({
      phase: 'fencing',
      epoch: 2,
      suspicion: undefined,
      failover: {
        kind: 'automatic',
        by: 'controller',
        from: 'db-primary',
        suspectedAt: T0,
        decidedAt: T0 + 20 * SECOND,
        siblings: ['db-replica-1', 'db-replica-2'],
      },
    });
    expect(short(decision)).toEqual(['set-groups primary']);
    expect(decision.reasons.slice(0, 2)).toEqual([
      'mysite-primary has not answered 3 looks in 20 s: no answer in 2 s',
      'mysite-replica-1, mysite-replica-2 can be reached and does not receive',
    ]);
  });

  test('a good look in between begins the count anew', () => {
    const rounds = play([...looks(DEAD, 0, 10), look({}, { at: 15 * SECOND }), ...looks(DEAD, 20, 30)]);
    expect(rounds[2]!.memory.suspicion).toBeUndefined();
    expect(rounds.at(-1)!.decision.state).toBe('primary-suspected');
  });

  test('looks from before the controller was away are not counted', () => {
    const { decision } = after(looks(DEAD, 0, 10, 101));
    expect(decision.state).toBe('primary-suspected');
    expect(decision.memory.suspicion).toMatchObject({ probes: 1 });
  });

  test('a round that saw nothing whole counts neither way', () => {
    const blind = { at: T0 + 15 * SECOND, missing: ['RDS: throttled'] };
    const [, second] = play(looks(DEAD, 0, 10));
    const { decision, memory } = round(blind, second!.memory);
    expect(decision.state).toBe('blind');
    expect(memory.suspicion).toEqual(second!.memory.suspicion);
    expect(round(look(DEAD, { at: 20 * SECOND }), memory).decision.state).toBe('primary-dead');
  });

  test('a clock that goes back begins nothing early', () => {
    expect(stateAfter(DEAD, 0, -30, -20, -10)).toBe('primary-suspected');
  });
});

describe('who else can be asked', () => {
  test('nobody: it is the controller who is cut off', () => {
    const changes = { primary: dead, 'replica-1': dead, 'replica-2': dead };
    const { decision } = after(looks(changes, 0, 10, 20, 600));
    expect(after(looks(changes, 0, 10, 20)).decision).toMatchObject({ state: 'cut-off', actions: [] });
    expect(decision.memory.phase).toBe('steady');
  });

  test('people are told of that, once', () => {
    const rounds = play(looks({ primary: dead, 'replica-1': dead, 'replica-2': dead }, 0, 10, 20, 30));
    expect(rounds.map(({ decision }) => decision.notices.length)).toEqual([0, 0, 1, 0]);
    expect(rounds[2]!.decision.notices[0]).toMatchObject({
      severity: 'critical',
      subject: 'mysite: cut-off',
    });
  });

  test('an old primary in quarantine that answers is nobody', () => {
    const memory = remembering({
      retired: [{ resourceId: 'db-retired-1', epoch: 1, recovery: 'needed', since: T0 - HOUR }],
    });
    const changes: Changes = { primary: dead, 'replica-1': dead, 'replica-2': dead, 'retired-1': [] };
    expect(after(looks(changes, 0, 10, 20), memory).decision.state).toBe('cut-off');
  });

  test('a replica that is being deleted is nobody', () => {
    const changes = { primary: dead, 'replica-1': [notReceiving, status('deleting')], 'replica-2': dead };
    expect(stateAfter(changes, 0, 10, 20)).toBe('cut-off');
  });

  test('one replica that still receives: the primary lives', () => {
    const changes = { primary: dead, 'replica-1': notReceiving };
    const { decision } = after(looks(changes, 0, 10, 20, 600));
    expect(after(looks(changes, 0, 10, 20)).decision.state).toBe('primary-unreachable-but-alive');
    expect(decision.memory.phase).toBe('steady');
  });

  test('one that receives from somebody else says nothing of the primary', () => {
    const changes: Changes = { ...DEAD, 'replica-3': followsNew('replica-1') };
    expect(stateAfter(changes, 0, 10, 20)).toBe('primary-dead');
  });

  test('one replica of two is enough to tell', () => {
    expect(stateAfter({ primary: dead, 'replica-1': notReceiving, 'replica-2': dead }, 0, 10, 20)).toBe(
      'primary-dead',
    );
  });

  test('it answers and rejects the controller: it lives', () => {
    const changes = { ...DEAD, primary: unreached('rejected') };
    expect(stateAfter(changes, 0, 10, 20, 600)).toBe('primary-suspected'); // away for ten minutes
    expect(stateAfter(changes, 0, 10, 20, 80)).toBe('primary-unreachable-but-alive');
  });
});

describe('what was counted while it lived counts nothing for its death', () => {
  const RECEIVING: Changes = { primary: dead, 'replica-1': [], 'replica-2': [] };
  const REJECTING: Changes = { ...DEAD, primary: unreached('rejected') };
  const seconds = (from: number, to: number) =>
    Array.from({ length: (to - from) / 10 + 1 }, (_, index) => from + 10 * index);

  test.each([
    ['a cut between controller and primary, then nobody receives', RECEIVING],
    ['minutes of too many clients, then silence', REJECTING],
  ])('%s: detectAfter begins then', (_, alive) => {
    const before = looks(alive, ...seconds(0, 300));
    const { memory } = after(before);
    expect(memory.suspicion).toMatchObject({ since: T0, probes: 31 });
    const rounds = play(looks(DEAD, 310, 320, 330), memory);
    expect(rounds.map(({ decision }) => decision.state)).toEqual([
      'primary-suspected',
      'primary-suspected',
      'primary-dead',
    ]);
  });

  test('a blip of replication that is shorter begins nothing', () => {
    const { memory } = after([...looks(RECEIVING, ...seconds(0, 300)), ...looks(DEAD, 310, 315)]);
    const { decision } = after([...looks(RECEIVING, 325), ...looks(DEAD, 335, 345)], memory);
    expect(decision.state).toBe('primary-suspected');
  });

  test('a replica that was started just now tells nothing of the primary', () => {
    const young: Changes = { primary: dead, 'replica-1': [notReceiving, restarted(300 * SECOND)] };
    const { memory } = after(looks({ primary: dead }, ...seconds(0, 290)), healthyMemory);
    const only = (second: number) => look(young, { at: second * SECOND, replicas: 1 });
    const rounds = play([310, 315, 319, 325, 335, 345].map(only), memory);
    expect(rounds.slice(0, 5).every(({ decision }) => decision.state === 'primary-suspected')).toBe(true);
    expect(rounds[5]!.decision.state).toBe('primary-dead');
  });

  test('the care of RDS is waited for from when RDS was seen at work', () => {
    const { memory } = after(looks(RECEIVING, ...seconds(0, 300)));
    const reboots = { ...DEAD, primary: [dead, status('rebooting')] };
    expect(after(looks(reboots, ...seconds(310, 480)), memory).decision.state).toBe('primary-in-rds-care');
    expect(after(looks(reboots, ...seconds(310, 490)), memory).decision.state).toBe('primary-dead');
  });

  test.each(['available', 'storage-optimization'])(
    'one that RDS restarts and then shows as %s has its time all the same: that may be an answer of before',
    (text) => {
      const reboots = { ...DEAD, primary: [dead, status('rebooting')] };
      const { memory } = after(looks(reboots, ...seconds(0, 30)));
      const shown = { ...DEAD, primary: [dead, status(text)] };
      expect(after(looks(shown, ...seconds(40, 170)), memory).decision.state).toBe('primary-in-rds-care');
      expect(after(looks(shown, ...seconds(40, 180)), memory).decision.state).toBe('primary-dead');
    },
  );

  test('one that RDS gives up in the middle is not waited for', () => {
    const { memory } = after(looks({ ...DEAD, primary: [dead, status('rebooting')] }, ...seconds(0, 30)));
    const failed = { ...DEAD, primary: [dead, status('failed')] };
    expect(after(looks(failed, 40), memory).decision.state).toBe('primary-dead');
  });
});

describe('RDS is at work on it', () => {
  test.each([
    'rebooting',
    'renaming',
    'starting',
    'stopping',
    'stopped',
    'modifying',
    'maintenance',
    'upgrading',
    'configuring-enhanced-monitoring',
    'moving-to-vpc',
    'storage-config-upgrade',
  ])('%s: it is waited for', (text) => {
    expect(stateAfter({ ...DEAD, primary: [dead, status(text)] }, 0, 10, 20)).toBe('primary-in-rds-care');
  });

  test.each(['available', 'failed', 'storage-full', 'backing-up', 'storage-optimization'])(
    '%s: it is not',
    (text) => {
      expect(stateAfter({ ...DEAD, primary: [dead, status(text)] }, 0, 10, 20)).toBe('primary-dead');
    },
  );

  test('RDS has a standby for it', () => {
    const changes = { ...DEAD, primary: [dead, multiAz] };
    expect(stateAfter(changes, 0, 60, 120, 179)).toBe('primary-in-rds-care');
    expect(stateAfter(changes, 0, 60, 120, 180)).toBe('primary-dead');
  });

  test('it says itself that it starts', () => {
    const changes = { ...DEAD, primary: unreached('starting') };
    expect(stateAfter(changes, 0, 10, 20)).toBe('primary-in-rds-care');
    expect(stateAfter(changes, 0, 80, 160, 180)).toBe('primary-dead');
  });

  test('a process that is gone is not waited for', () => {
    expect(stateAfter({ ...DEAD, primary: refusing }, 0, 10, 20)).toBe('primary-dead');
  });

  test('a renaming is waited for twenty minutes', () => {
    const minutes = Array.from({ length: 20 }, (_, minute) => minute * 60);
    const changes = { ...DEAD, primary: [unreached('unnamed'), status('renaming')] };
    expect(stateAfter(changes, ...minutes)).toBe('primary-in-rds-care');
    expect(stateAfter(changes, ...minutes, 1200)).toBe('primary-dead');
  });
});

describe('RDS does not have it', () => {
  test('it is gone', () => {
    const { decision } = round(look({ primary: 'gone' }));
    expect(decision).toMatchObject({ state: 'primary-missing', reasons: ['RDS does not know db-primary'] });
    expect(decision.actions.filter(({ kind }) => kind !== 'stack-policy')).toEqual([]);
  });

  test('it is being deleted', () => {
    const { decision } = after(looks({ ...DEAD, primary: [dead, status('deleting')] }, 0, 10, 20));
    expect(decision).toMatchObject({ state: 'primary-missing', memory: { phase: 'steady' } });
  });
});

describe('nobody may be promoted', () => {
  test('all are on another timeline than the primary was', () => {
    const other = [notReceiving, says({ timeline: 9 })];
    const before = round(look()).memory;
    const { decision } = after(
      looks({ primary: dead, 'replica-1': other, 'replica-2': other }, 1, 11, 21),
      before,
    );
    expect(decision).toMatchObject({ state: 'no-fit-candidate', memory: { phase: 'steady' } });
    expect(decision.reasons.at(-1)).toBe("mysite-replica-2 is on timeline 9, the primary's is 1");
  });

  test('all are too far behind', () => {
    const changes = {
      primary: dead,
      'replica-1': [notReceiving, behind(53 * SECOND)],
      'replica-2': [notReceiving, behind(95 * SECOND)],
    };
    const { decision } = after(looks(changes, 0, 10, 20));
    expect(decision.state).toBe('no-fit-candidate');
    expect(decision.memory.phase).toBe('steady');
    expect(decision.reasons.slice(-2)).toEqual([
      'mysite-replica-1 is 53 s behind, the limit is 30 s',
      'mysite-replica-2 is 95 s behind, the limit is 30 s',
    ]);
  });

  describe('the controller has not reached the primary for minutes before it died', () => {
    const seconds = Array.from({ length: 31 }, (_, index) => 10 * index);
    const dies = (replica: Change) => {
      const { memory } = after(looks({ primary: dead }, ...seconds));
      const changes = { primary: dead, 'replica-1': [notReceiving, replica], 'replica-2': dead };
      return after(looks(changes, 310, 320, 330), memory).decision;
    };

    test('nobody has measured what it did meanwhile: nobody is fit', () => {
      const decision = dies(says({ replayedAt: undefined }));
      expect(decision).toMatchObject({ state: 'no-fit-candidate', actions: [] });
      expect(decision.reasons.at(-1)).toBe('mysite-replica-1 is 315 s behind, the limit is 30 s');
    });

    test('nor one whose last commit is older than the limit', () => {
      expect(dies(says({ replayedAt: T0 + 279 * SECOND })).state).toBe('no-fit-candidate');
    });

    test('one that has replayed a commit of its last seconds is fit', () => {
      expect(dies(says({ replayedAt: T0 + 280 * SECOND })).state).toBe('primary-dead');
    });
  });

  test('the only one that answers has been promoted by hand', () => {
    const changes = { primary: dead, 'replica-1': dead, 'replica-2': promoted };
    expect(stateAfter(changes, 0, 10, 20)).toBe('no-fit-candidate');
  });

  test('replicas of the primary before are no candidates', () => {
    const { decision } = after(
      looks({ ...afterFailover, 'replica-1': [promoted, dead] }, 0, 10, 20),
      healingMemory(),
    );
    expect(decision.state).toBe('no-fit-candidate');
  });
});

describe('a second failover', () => {
  const recent = remembering({ lastFailover: { at: T0 - 40 * MINUTE, acknowledged: false } });

  test('within minimumInterval it needs an acknowledgement', () => {
    const { decision } = after(looks(DEAD, 0, 10, 20), recent);
    expect(decision).toMatchObject({ state: 'needs-acknowledgement', memory: { phase: 'steady' } });
    expect(decision.reasons.at(-1)).toBe('the last failover was 2420 s ago, the minimum is 3600 s');
  });

  test('acknowledged, it begins', () => {
    const memory = { ...recent, lastFailover: { at: T0 - 40 * MINUTE, acknowledged: true } };
    expect(after(looks(DEAD, 0, 10, 20), memory).decision.state).toBe('primary-dead');
  });

  test('after minimumInterval it begins', () => {
    const memory = remembering({ lastFailover: { at: T0 - HOUR, acknowledged: false } });
    expect(after(looks(DEAD, 0, 10, 20), memory).decision.state).toBe('primary-dead');
  });

  test('it may begin while the group heals: healing never delays it', () => {
    const whole = {
      ...afterFailover,
      'replica-1': [promoted, dead],
      'replica-2': 'gone' as const,
      'replica-3': [followsNew('replica-1'), notReceiving],
    };
    const { decision } = after(looks(whole, 0, 10, 20), healingMemory());
    expect(decision).toMatchObject({
      state: 'primary-dead',
      memory: { phase: 'fencing', epoch: 3, failover: { from: 'db-replica-1', siblings: ['db-replica-3'] } },
    });
  });
});

test('mode notify: people are told, and nothing is done', () => {
  const rules = { ...policy, mode: 'notify' as const };
  const { decision } = after(looks(DEAD, 0, 10, 20), healthyMemory, { rules });
  expect(decision).toMatchObject({ state: 'would-fail-over', actions: [], memory: { phase: 'steady' } });
  expect(decision.notices).toHaveLength(1);
});

test('a replica that is only being made is a sibling, and no witness', () => {
  const changes = { primary: dead, 'replica-1': notReceiving, 'replica-2': beingMade };
  const { decision } = after(looks(changes, 0, 10, 20));
  expect(decision.memory.failover?.siblings).toEqual(['db-replica-1', 'db-replica-2']);
});

test('the usual names are not given back meanwhile', () => {
  const memory = remembering({ naming: { since: T0, by: 'anna' } });
  expect(after(looks(DEAD, 0, 10, 20), memory).decision.memory.naming).toBeUndefined();
});

test('what was fenced in an earlier failover is not carried over', () => {
  const memory = healingMemory();
  expect(memory.failover?.fence).toEqual({ 'db-primary': isFenced });
  const changes = {
    ...afterFailover,
    'replica-1': [promoted, dead],
    'replica-3': [followsNew('replica-1'), notReceiving, with_({})],
  };
  const { decision } = after(looks(changes, 0, 10, 20), memory);
  expect(Object.keys(decision.memory.failover!.fence)).toEqual(['db-replica-1']);
});
