/** Design, "Heal" and "Names" of clients: what is mended while the primary answers. */
import {
  type Change,
  type Changes,
  MINUTE,
  OPEN_GROUP,
  SECOND,
  T0,
  afterFailover,
  behind,
  classWaits,
  dead,
  follows,
  followsNew,
  healingMemory,
  healthyMemory,
  hostOf,
  inGroup,
  look,
  multiAz,
  namesOf,
  notReceiving,
  opened,
  ours,
  play,
  policy,
  promoted,
  quarantined,
  remembering,
  round,
  says,
  short,
  status,
  wholeAgain,
  with_,
} from '../builders';

const readersOf = (changes: Changes, options: Parameters<typeof look>[1] = {}, memory = healthyMemory) => {
  const { decision } = round(look(changes, options), memory);
  const move = decision.actions.find(({ kind }) => kind === 'move-names');
  return move?.kind === 'move-names'
    ? move.to.readers.filter(({ weight }) => weight > 0).map(({ identifier }) => identifier.slice(7))
    : 'as they are';
};

test('a healthy group: nothing', () => {
  const { decision } = round(look());
  expect(decision).toMatchObject({
    state: 'healthy',
    reasons: ['2 of 2 replicas serve reads'],
    actions: [],
    notices: [],
  });
});

describe('who is asked for reads', () => {
  test.each<[string, Changes, string[] | string]>([
    ['all that are fit', {}, 'as they are'],
    ['not one that cannot be reached', { 'replica-1': dead }, ['replica-2']],
    ['not one that does not stream', { 'replica-1': notReceiving }, ['replica-2']],
    ['not one that is further behind than the limit', { 'replica-1': behind(31 * SECOND) }, ['replica-2']],
    ['one that is behind up to the limit', { 'replica-1': behind(30 * SECOND) }, 'as they are'],
    ['not one on another timeline', { 'replica-1': says({ timeline: 9 }) }, ['replica-2']],
    ['not one that takes writes by itself', { 'replica-1': says({ inRecovery: false }) }, ['replica-2']],
    ['not one that follows nobody', { 'replica-1': promoted }, ['replica-2']],
    ['not one that follows somebody else', { 'replica-1': followsNew('replica-2') }, ['replica-2']],
    ['not one that is being deleted', { 'replica-1': status('deleting') }, ['replica-2']],
    ['not one that has failed', { 'replica-1': status('failed') }, ['replica-2']],
    ['not one in quarantine: clients do not reach it', { 'replica-1': quarantined }, ['replica-2']],
    ['one that RDS is busy with', { 'replica-1': status('backing-up') }, 'as they are'],
    ['the primary when none is fit', { 'replica-1': dead, 'replica-2': notReceiving }, []],
    ['a new one, once it is fit', { 'replica-3': ours }, ['replica-1', 'replica-2', 'replica-3']],
  ])('%s', (_, changes, expected) => {
    expect(readersOf(changes)).toEqual(expected);
  });

  test('the primary is always among them, with weight 0: nobody never', () => {
    const { decision } = round(look({ 'replica-1': dead, 'replica-2': dead }));
    expect(decision.actions[0]).toMatchObject({
      kind: 'move-names',
      to: {
        writer: hostOf('primary'),
        readers: [{ identifier: 'mysite-primary', target: hostOf('primary'), weight: 0 }],
      },
    });
  });

  test('a new replica joins when it streams within the limit', () => {
    const changes: Changes = { 'replica-2': 'gone', 'replica-3': [ours, followsNew('primary', 1)] };
    expect(readersOf({ ...changes, 'replica-3': [ours, followsNew('primary', 1), behind(MINUTE)] })).toEqual([
      'replica-1',
    ]);
    expect(readersOf(changes)).toEqual(['replica-1', 'replica-3']);
  });

  test('it comes back to them when it is fit again', () => {
    expect(readersOf({}, { names: namesOf(['primary', 'replica-2']) })).toEqual(['replica-1', 'replica-2']);
  });

  test('nothing has come of a batch: it is asked for again', () => {
    const rounds = play([look({ 'replica-1': dead }), look({ 'replica-1': dead }, { at: 5 * SECOND })]);
    expect(rounds.map(({ decision }) => short(decision))).toEqual([
      ['move-names primary'],
      ['move-names primary'],
    ]);
  });
});

describe('while the primary is silent', () => {
  test('replicas go on serving what there is, though none streams', () => {
    const changes = { primary: dead, 'replica-1': notReceiving, 'replica-2': notReceiving };
    expect(readersOf(changes)).toBe('as they are');
  });

  test('one that is silent too leaves them', () => {
    expect(readersOf({ primary: dead, 'replica-1': dead, 'replica-2': notReceiving })).toEqual(['replica-2']);
  });

  test('the last ones are kept: nobody has shown that the primary lives', () => {
    expect(readersOf({ primary: dead, 'replica-1': dead, 'replica-2': dead })).toBe('as they are');
  });
});

describe('where the writer leads', () => {
  test('to the primary', () => {
    const { decision } = round(
      look({}, { names: { ...namesOf(['primary', 'replica-1', 'replica-2']), writer: 'elsewhere' } }),
    );
    expect(decision).toMatchObject({
      state: 'names-astray',
      actions: [{ kind: 'move-names', to: { writer: hostOf('primary') } }],
    });
  });

  test('not before it has proved a write under this epoch', () => {
    const names = { ...namesOf(['primary', 'replica-2']), writer: 'elsewhere' };
    const { decision } = round(look({}, { names }), remembering({ epoch: 2 }));
    expect(decision.actions).toMatchObject([{ kind: 'move-names', to: { writer: 'elsewhere' } }]);
  });

  test('there is no record: one is made', () => {
    const { decision } = round(look({}, { names: { readers: [] } }));
    expect(decision.actions).toMatchObject([{ kind: 'move-names', to: { writer: hostOf('primary') } }]);
  });
});

describe('a primary that is not as it should be', () => {
  test('it takes no write', () => {
    const refused = says({ write: { refused: 'could not extend file: No space left on device' } });
    const { decision } = round(look({ primary: refused }));
    expect(decision).toMatchObject({ state: 'primary-read-only', actions: [] });
    expect(decision.notices).toMatchObject([{ severity: 'critical' }]);
  });

  test('somebody has renamed it: names follow it, and people are told', () => {
    const renamed = with_({
      identifier: 'mysite-broken',
      endpoint: { host: 'broken.db.example', port: 5432 },
    });
    const followers: Changes = { 'replica-1': follows('broken'), 'replica-2': follows('broken') };
    const { decision } = round(look({ primary: renamed, ...followers }));
    expect(decision).toMatchObject({ state: 'primary-renamed', notices: [{ severity: 'critical' }] });
    const [move] = decision.actions;
    expect(move).toMatchObject({ kind: 'move-names', to: { writer: 'broken.db.example' } });
    expect(decision.reasons[0]).toMatch(/mysite-broken: rename it to mysite-primary$/);
  });

  test('it is in recovery', () => {
    expect(round(look({ primary: says({ inRecovery: true }) })).decision).toMatchObject({
      state: 'primary-read-only',
      memory: { phase: 'steady' },
    });
  });

  const putBack = {
    kind: 'set-groups',
    on: { resourceId: 'db-primary', identifier: 'mysite-primary' },
    groups: [OPEN_GROUP],
  };
  const both = with_({
    groups: [
      { id: OPEN_GROUP, active: true },
      { id: 'sg-by-hand', active: true },
    ],
  });
  const leaving = with_({
    groups: [
      { id: OPEN_GROUP, active: true, leaving: true },
      { id: 'sg-by-hand', active: false },
    ],
  });

  // Whatever RDS is busy with: clients are out from the first look on.
  test.each<[string, Change | Change[]]>([
    ['a quarantine that was given up half way', quarantined],
    ['the same, while RDS modifies it', [quarantined, status('modifying')]],
    ['the same, while RDS backs it up', [quarantined, status('backing-up')]],
    ['the same, while RDS optimizes its storage', [quarantined, status('storage-optimization')]],
    ['a group that a hand has given it', inGroup('sg-by-hand')],
    ['its own group, which goes', leaving],
    ['no group at all', with_({ groups: [] })],
  ])('clients are kept out, by %s: the usual group is put back', (_, change) => {
    const { decision } = round(look({ primary: change }));
    expect(decision).toMatchObject({
      state: 'primary-closed',
      actions: [putBack],
      notices: [{ severity: 'critical' }],
    });
    expect(decision.memory.seen![0]).toMatchObject({ fit: false, why: expect.stringContaining('clients') });
  });

  test('the usual group is asked for and not in force yet: nothing is asked, and nobody is told that all is well', () => {
    const { decision } = round(look({ primary: inGroup(OPEN_GROUP, false) }));
    expect(decision).toMatchObject({ state: 'primary-closed', actions: [] });
  });

  test('a group beside the usual one keeps nobody out: it goes', () => {
    expect(round(look({ primary: both })).decision).toMatchObject({ state: 'healing', actions: [putBack] });
  });

  test('no other finding hides it', () => {
    const { decision } = round(
      look({ primary: quarantined, 'replica-2': 'gone' }, { names: namesOf(['primary', 'replica-1']) }),
    );
    expect(decision).toMatchObject({ state: 'primary-closed' });
    expect(short(decision)).toEqual(['set-groups primary']);
  });
});

describe('of several findings the gravest gives the state', () => {
  test('a name that is astray hides no replica that is unfit', () => {
    const { decision } = round(look({ 'replica-2': dead }));
    expect(decision).toMatchObject({ state: 'replica-unfit' });
    expect(short(decision)).toEqual(['move-names primary']);
  });

  test('what is expected after a failover is healing; what is not has its own state', () => {
    const names = namesOf(['replica-1']);
    const seen = (changes: Changes) => look({ ...afterFailover, ...changes }, { names });
    const state = (changes: Changes) => round(seen(changes), healingMemory()).decision.state;
    expect(state({})).toBe('healing');
    expect(state({ 'replica-3': [ours, followsNew('replica-1'), dead] })).toBe('healing');
    expect(state({ 'replica-3': [ours, followsNew('replica-1'), status('failed')] })).toBe('replica-unfit');
    expect(state({ 'replica-1': [promoted, opened(2), quarantined] })).toBe('primary-closed');
    expect(state({ 'replica-1': [promoted, opened(2), says({ write: { refused: 'full' } })] })).toBe(
      'primary-read-only',
    );
  });
});

describe('what RDS is busy with', () => {
  const windows = { maintenanceWindow: 'mon:05:00-mon:06:00', backupWindow: '08:11-08:41' };
  const wanted = { maintenanceWindow: policy.maintenanceWindow, backupWindow: policy.backupWindow };
  test('a window that is not the wanted one is said in every status, and asked for when it is taken', () => {
    const own = [ours, with_(windows)];
    const busy = round(look({ 'replica-1': [...own, status('modifying')] })).decision;
    expect(busy).toMatchObject({ state: 'healing', actions: [] });
    expect(short(round(look({ 'replica-1': own })).decision)).toEqual(['modify replica-1']);
  });

  test.each([
    ['maintenance', { ...wanted, maintenanceWindow: windows.maintenanceWindow }],
    ['backups', { ...wanted, backupWindow: windows.backupWindow }],
    ['both', windows],
  ])('the window of %s: both are given, as RDS refuses two that overlap', (_, has) => {
    const { decision } = round(look({ 'replica-1': [ours, with_(has)] }));
    expect(decision.actions).toMatchObject([{ kind: 'modify', changes: wanted }]);
  });

  test('what a template has made gets its windows from there', () => {
    expect(round(look({ 'replica-1': with_(windows) })).decision.actions).toEqual([]);
  });

  test('but RDS may have chosen those of a replica of a template that was promoted', () => {
    const chosen = [promoted, opened(2), with_({ ...wanted, backupWindow: windows.backupWindow })];
    const names = namesOf(['replica-1', 'replica-2', 'replica-3']);
    const whole = look(
      { ...wholeAgain, 'replica-1': [...[wholeAgain['replica-1']].flat(), ...chosen] as never },
      { at: 5 * SECOND, names },
    );
    expect(round(whole, healingMemory()).decision.actions).toMatchObject([
      { kind: 'modify', on: { identifier: 'mysite-replica-1' }, changes: wanted },
    ]);
  });

  test('not within the window that is to be: what waits for it would begin', () => {
    const within = Date.UTC(2026, 0, 11, 3, 30) - T0;
    const seen = look({ 'replica-1': [ours, with_(windows)] }, { at: within });
    expect(
      round(
        seen,
        remembering({ beat: { last: T0 + within - 5 * SECOND, before: T0 + within - 10 * SECOND } }),
      ).decision.actions,
    ).toEqual([]);
  });

  test('a setting that a primary lacks as well: the group is not healed before', () => {
    const lacking = [promoted, opened(2), status('backing-up')];
    const { decision } = round(
      look(
        { ...wholeAgain, 'replica-1': lacking },
        { at: 5 * SECOND, names: namesOf(['replica-1', 'replica-2', 'replica-3']) },
      ),
      healingMemory(),
    );
    expect(decision).toMatchObject({ state: 'healing', actions: [] });
    expect(decision.reasons).toContain('mysite-replica-1 lacks the settings of a primary');
  });
});

describe('after a failover', () => {
  const seen = (changes: Changes, seconds = 5, names = namesOf(['replica-1'])) =>
    look({ ...afterFailover, ...changes }, { at: seconds * SECOND, names });

  test('somebody has renamed the new primary, and the old one bears the usual name: another one is free', () => {
    const renamed = with_({ identifier: 'mysite-broken' });
    const { decision } = round(seen({ 'replica-1': [promoted, opened(2), renamed] }), healingMemory());
    expect(decision.state).toBe('primary-renamed');
    expect(decision.reasons[0]).toMatch(/mysite-broken: rename it to mysite-replica-1$/);
  });

  test('the settings of a primary first, and a new replica', () => {
    const { decision } = round(seen({}), healingMemory());
    expect(decision).toMatchObject({ state: 'healing', memory: { phase: 'healing' } });
    expect(decision.actions).toMatchObject([
      {
        kind: 'modify',
        on: { identifier: 'mysite-replica-1' },
        changes: { deletionProtection: true, backupDays: 7 },
      },
      { kind: 'create-replica', identifier: 'mysite-replica-3' },
    ]);
  });

  test('a new replica takes a free name, never one that is still taken', () => {
    const rounds = play([seen({}), seen({}, 65)], healingMemory());
    expect(rounds.map(({ decision }) => short(decision).find((one) => one.startsWith('create')))).toEqual([
      'create-replica replica-3',
      'create-replica replica-4',
    ]);
  });

  test('settings as a template without them has it', () => {
    const rules = { ...policy, deletionProtection: false, backupDays: 0 };
    const protectedOne = [promoted, opened(2), with_({ deletionProtection: true, backupDays: 7 })];
    const { decision } = round(seen({ 'replica-1': protectedOne }), healingMemory(), { rules });
    expect(decision.actions[0]).toMatchObject({ changes: { deletionProtection: false, backupDays: 1 } });
  });

  test('nothing is asked of a primary that RDS is busy with', () => {
    const busy = { 'replica-1': [promoted, opened(2), status('backing-up')] };
    expect(round(seen(busy), healingMemory()).decision.actions).toEqual([]);
  });

  test('backups on would begin what waits for the maintenance window: it is told, and not asked for', () => {
    const bare = [promoted, opened(2), with_({ backupDays: 0, deletionProtection: false }), classWaits];
    const { decision } = round(seen({ 'replica-1': bare }), healingMemory());
    // That begins nothing.
    expect(decision.actions[0]).toMatchObject({ kind: 'modify', changes: { deletionProtection: true } });
    expect(decision.actions[0]).not.toHaveProperty('changes.backupDays');

    const guarded = [...bare, with_({ deletionProtection: true })];
    const later = round(seen({ 'replica-1': guarded }), healingMemory()).decision;
    expect(later.actions).not.toContainEqual(expect.objectContaining({ kind: 'modify' }));
    expect(later.reasons).toContain(
      'DBInstanceClass of mysite-replica-1 waits for its maintenance window, and would begin with it',
    );
  });

  test('Multi-AZ would begin what waits for the maintenance window: it is told, and not asked for', () => {
    const rules = { ...policy, multiAz: true };
    const waits = { ...wholeAgain, 'replica-1': [...[wholeAgain['replica-1']].flat(), classWaits] as never };
    const names = namesOf(['replica-1', 'replica-2', 'replica-3']);
    const { decision } = round(seen(waits, 5, names), healingMemory(), { rules });
    expect(decision.actions).not.toContainEqual(expect.objectContaining({ kind: 'modify' }));
    expect(decision.reasons).toContain(
      'DBInstanceClass of mysite-replica-1 waits for its maintenance window, and would begin with it',
    );
  });

  test('storage that is optimized, for hours, is no reason to wait: RDS is asked', () => {
    const grows = { 'replica-1': [promoted, opened(2), status('storage-optimization')] };
    const asked = short(round(seen(grows), healingMemory()).decision);
    expect(asked).toEqual(expect.arrayContaining(['modify replica-1', 'create-replica replica-3']));
  });

  test('Multi-AZ that RDS accepts and gives up is asked for ever more rarely, told, and does not keep the group from being steady', () => {
    const rules = { ...policy, multiAz: true };
    const names = namesOf(['replica-1', 'replica-2', 'replica-3']);
    let memory = healingMemory();
    const asked: number[] = [];
    for (let minute = 0; minute <= 240; minute++) {
      const beat = { last: T0 + minute * MINUTE - 5 * SECOND, before: T0 + minute * MINUTE - 10 * SECOND };
      const whole = look(wholeAgain, { at: minute * MINUTE, names });
      const fresh = {
        ...whole,
        instances: whole.instances.map((one) => ({
          ...one,
          probe: one.probe.reached
            ? { ...one.probe, heartbeat: { at: T0 + minute * MINUTE, epoch: 2 } }
            : one.probe,
        })),
      };
      const played = round(fresh, { ...memory, beat, inFlight: [] }, { rules });
      memory = { ...played.memory, inFlight: [] };
      if (played.decision.actions.some(({ kind }) => kind === 'modify')) asked.push(minute);
      if (minute === 30) {
        expect(memory.phase).toBe('steady');
        expect(played.decision.reasons.join()).toContain('RDS has accepted that 2 times, and not done it');
      }
    }
    expect(asked).toEqual([0, 10, 30, 70, 150]);
    expect(memory.state?.name).toBe('healing-stalled');
    const whole = { ...wholeAgain, 'replica-1': [...[wholeAgain['replica-1']].flat(), multiAz] as never };
    const done = round(look(whole, { at: 241 * MINUTE, names }), memory, { rules });
    expect(done.memory.standby).toBeUndefined();
  });

  test('Multi-AZ in the end: it takes long', () => {
    const rules = { ...policy, multiAz: true };
    const names = namesOf(['replica-1', 'replica-2', 'replica-3']);
    const whole = seen(wholeAgain, 5, names);
    expect(
      round(seen({ ...wholeAgain, 'replica-3': 'gone' }, 5), healingMemory(), { rules }).decision.actions,
    ).not.toContainEqual(expect.objectContaining({ kind: 'modify' }));
    expect(round(whole, healingMemory(), { rules }).decision.actions).toMatchObject([
      { kind: 'modify', changes: { multiAz: true } },
    ]);
    const done = { ...wholeAgain, 'replica-1': [...[wholeAgain['replica-1']].flat(), multiAz] as never };
    expect(round(seen(done, 5, names), healingMemory(), { rules }).decision.state).toBe('healed');
  });

  test('replicas of the old primary stay until new ones serve: some clients have not heard of the names yet', () => {
    expect(short(round(seen({}), healingMemory()).decision)).not.toContain('delete replica-2');
    const whole: Changes = {
      ...wholeAgain,
      'replica-2': notReceiving,
      'replica-4': [ours, followsNew('replica-1')],
    };
    const { decision } = round(seen(whole), healingMemory());
    expect(decision.actions).toContainEqual({
      kind: 'delete',
      on: { resourceId: 'db-replica-2', identifier: 'mysite-replica-2' },
    });
  });

  test.each([
    ['room', true],
    // Their places would be of no use.
    ['invalid', false],
    ['denied', false],
    ['wrong-state', false],
    ['failed', false],
    ['timeout', false],
  ] as const)('they go before when new ones are refused as %s: %s', (outcome, isTime) => {
    const last = { outcome, times: 9, since: T0 - MINUTE, said: 'no' };
    const memory = {
      ...healingMemory(),
      backoff: { 'create-replica mysite-replica-3': { failures: 9, notBefore: T0 + 2 * MINUTE, last } },
    };
    expect(short(round(seen({}), memory).decision).includes('delete replica-2')).toBe(isTime);
  });

  test('the wanted replicas follow, and the names lead to them: healed', () => {
    const { decision } = round(
      seen(wholeAgain, 5, namesOf(['replica-1', 'replica-2', 'replica-3'])),
      healingMemory(),
    );
    expect(decision).toMatchObject({ state: 'healed', memory: { phase: 'steady' } });
    expect(decision.memory.failover).toBeUndefined();
    // It waits for recovery, perhaps for days.
    expect(decision.memory.retired).toHaveLength(1);
  });

  test('not before the names lead to them', () => {
    const { decision } = round(seen(wholeAgain, 5, namesOf(['replica-1'])), healingMemory());
    expect(decision).toMatchObject({ state: 'healing', memory: { phase: 'healing' } });
    expect(short(decision)).toContain('move-names replica-1');
  });

  test('who is waited for is told', () => {
    const slow = { ...wholeAgain, 'replica-3': [ours, followsNew('replica-1'), status('creating')] };
    const { decision } = round(seen(slow, 5, namesOf(['replica-1', 'replica-2'])), healingMemory());
    expect(decision.reasons).toContain('mysite-replica-3 is creating');
  });
});
