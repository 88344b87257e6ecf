/** Identifiers move from one instance to another: an old answer must not lead a change to the wrong one. */
import {
  type Changes,
  SECOND,
  T0,
  afterFailover,
  dead,
  healingMemory,
  look,
  namesOf,
  opened,
  play,
  policy,
  promoted,
  quarantined,
  round,
  status,
  with_,
} from '../builders';

const waived = healingMemory({
  phase: 'steady',
  failover: undefined,
  naming: { since: T0, by: 'anna' },
  retired: [{ resourceId: 'db-primary', epoch: 2, recovery: 'waived', since: T0 }],
});
const rules = { ...policy, replicas: 0 };
const names = namesOf(['replica-1']);
const at = (changes: Changes, seconds: number) => look(changes, { replicas: 1, at: seconds * SECOND, names });

const leaving: Changes = {
  primary: [quarantined, dead, status('deleting')],
  'replica-1': [promoted, opened(2)],
};
const free: Changes = { ...leaving, primary: 'gone' };
const taken: Changes = {
  'replica-1': 'gone',
  primary: [promoted, opened(2), with_({ resourceId: 'db-replica-1' })],
};
/** As it was before the deletion: asking for it again would meet the new primary. */
const old: Changes = {
  primary: [quarantined, with_({ deletionProtection: false })],
  'replica-1': [promoted, opened(2)],
};

test('an old primary that is shown again under the name that the new one has: nothing is done', () => {
  const rounds = play([at(leaving, 0), at(free, 60), at(taken, 65), at(old, 70)], waived, { rules });
  expect(rounds[1]!.decision.actions).toMatchObject([{ kind: 'rename', to: 'mysite-primary' }]);
  const { decision, memory } = rounds[3]!;
  expect(decision).toMatchObject({
    state: 'blind',
    actions: [],
    reasons: [
      'RDS shows mysite-primary (db-primary) as it was before: its answer is old',
      'RDS shows mysite-replica-1 (db-replica-1) as it was before: its answer is old',
    ],
  });
  // And what RDS says next counts again.
  expect(round(at(taken, 75), memory, { rules }).decision.state).not.toBe('blind');
});

test('without that the deletion would be asked for', () => {
  expect(round(at(old, 0), waived, { rules }).decision.actions).toMatchObject([
    { kind: 'delete', on: { identifier: 'mysite-primary' } },
  ]);
});

test('a replica that was deleted and is shown again does not cost the one that has its name now', () => {
  const again: Changes = { 'replica-2': with_({ resourceId: 'db-new' }) };
  const looks = [
    look({ 'replica-2': status('deleting') }),
    look({ 'replica-2': 'gone' }, { at: 60 * SECOND }),
    look(again, { at: 120 * SECOND }),
    look({ 'replica-2': status('failed') }, { at: 125 * SECOND }),
  ];
  expect(play(looks).map(({ decision }) => decision.state)[3]).toBe('blind');
});

test('one answer without an instance is not taken for its end', () => {
  const looks = [look(), look({ 'replica-2': 'gone' }, { at: 5 * SECOND }), look({}, { at: 10 * SECOND })];
  expect(play(looks)[2]!.decision.state).not.toBe('blind');
});

test('a name that somebody gives back by hand is believed two minutes later, and nothing is kept for ever', () => {
  const other: Changes = { 'replica-2': with_({ identifier: 'mysite-replica-9' }) };
  const rounds = play([
    look(),
    look(other, { at: SECOND }),
    look({}, { at: 60 * SECOND }),
    look({}, { at: 121 * SECOND }),
  ]);
  expect(rounds.map(({ decision }) => decision.state === 'blind')).toEqual([false, false, true, false]);
  expect(Object.keys(rounds[3]!.memory.past!)).toEqual(['mysite-replica-9 db-replica-2']);
  const last = round(look({}, { at: 600 * SECOND }), rounds[3]!.memory).memory;
  expect(last.past).toEqual({});
});

test('the group after a failover is not old', () => {
  expect(round(look(afterFailover), healingMemory()).decision.state).toBe('healing');
});
