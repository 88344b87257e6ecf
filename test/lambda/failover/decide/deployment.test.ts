/** A deployment changes the number of replicas: what CloudFormation makes, or deletes, is CloudFormation's alone. */
import {
  type Change,
  type Changes,
  HOUR,
  MINUTE,
  afterFailover,
  beingMade,
  choosingMemory,
  dead,
  follows,
  followsNew,
  has,
  healingMemory,
  healthyMemory,
  look,
  namesOf,
  notReceiving,
  ours,
  play,
  policy,
  quarantined,
  remembering,
  round,
  short,
  silentFor,
  status,
  with_,
} from '../builders';

const ofStack = with_({ isOfStack: true });
/** Two are wanted; a template makes a third one. */
const third: Change[] = [ofStack, followsNew('primary', 1)];
const usual = namesOf(['primary', 'replica-1', 'replica-2']);
const seen = (...more: Change[]) => look({ 'replica-3': [...third, ...more] }, { names: usual });

test.each<[string, Change[]]>([
  ['is being created', [beingMade]],
  ['streams', []],
  ['is being modified, and streams', [status('modifying')]],
  ['is restarted', [dead, status('rebooting')]],
  ['does not stream', [notReceiving]],
  ['has failed', [status('failed'), dead]],
])('a replica beyond the wanted number that %s: no name, no lock, no deletion', (_, changes) => {
  const rounds = play(
    Array.from({ length: 12 }, (_, index) =>
      look({ 'replica-3': [...third, ...changes] }, { at: index * 5 * MINUTE, names: usual }),
    ),
  );
  expect(rounds.flatMap(({ decision }) => short(decision))).toEqual([]);
  expect(new Set(rounds.map(({ decision }) => decision.state))).toEqual(new Set(['healthy']));
  expect(rounds[0]!.decision.reasons).toContain(
    'mysite-replica-3 is of a deployment that changes the number of replicas',
  );
});

test('it does not count: what is fit, what is missing, what is too much', () => {
  const { memory } = round(seen());
  const fit = memory.seen!.filter((one) => one.role === 'replica' && one.fit);
  expect(fit.map(({ identifier }) => identifier)).toEqual(['mysite-replica-1', 'mysite-replica-2']);
  const lost = look(
    { 'replica-2': 'gone', 'replica-3': third },
    { names: namesOf(['primary', 'replica-1']) },
  );
  expect(short(round(lost).decision)).toEqual(['create-replica replica-2']);
  // One of ours is not taken for the one in excess.
  const own = play(
    [0, 11, 22].map((at) =>
      look({ 'replica-2': [ours], 'replica-3': third }, { at: at * MINUTE, names: usual }),
    ),
  );
  expect(own.flatMap(({ decision }) => short(decision))).toEqual([]);
});

test('when the settings want it, it is one of them', () => {
  const { decision } = round(seen(), healthyMemory, { rules: { ...policy, replicas: 3 } });
  expect(decision.state).toBe('names-astray');
  expect(short(decision)).toEqual(['move-names primary']);
});

test('a record that CloudFormation has made already is not taken away, unless it serves nobody', () => {
  const names = namesOf(['primary', 'replica-1', 'replica-2', 'replica-3']);
  expect(short(round(look({ 'replica-3': third }, { names })).decision)).toEqual([]);
  const { decision } = round(look({ 'replica-3': [...third, dead] }, { names }));
  expect(short(decision)).toEqual(['move-names primary']);
});

test.each<[string, Changes]>([
  ['ours', { 'replica-3': [ours, followsNew('primary', 1)] }],
  ['made by hand', { 'replica-3': [followsNew('primary', 1)] }],
])('one that is not of a stack is no such replica: %s', (_, changes) => {
  expect(short(round(look(changes, { names: usual })).decision)).toEqual([
    'move-names primary',
    'stack-policy denied',
  ]);
});

test('a failover in the middle of it may promote it: it may be all that there is', () => {
  const begun = round(
    look({
      primary: dead,
      'replica-1': dead,
      'replica-2': notReceiving,
      'replica-3': [...third, notReceiving],
    }),
    remembering({ suspicion: silentFor(MINUTE) }),
  );
  expect(begun.memory.failover!.siblings).toContain('db-replica-3');
  const fenced: Changes = {
    primary: [quarantined, dead],
    'replica-1': dead,
    'replica-2': dead,
    'replica-3': [...third, notReceiving, has('0/3000300')],
  };
  const chosen = round(
    look(fenced),
    choosingMemory({ siblings: ['db-replica-1', 'db-replica-2', 'db-replica-3'] }),
  );
  expect(short(chosen.decision)).toContain('promote replica-3');
});

test('one that follows the old primary after a failover is left to CloudFormation, until the settings want it', () => {
  const changes: Changes = { ...afterFailover, 'replica-3': [ofStack, follows('primary'), notReceiving] };
  const later = look(changes, { at: HOUR, names: namesOf(['replica-1']) });
  const memory = healingMemory();
  const grown = { ...memory, failover: { ...memory.failover!, siblings: ['db-replica-2', 'db-replica-3'] } };
  expect(short(round(later, grown).decision)).not.toContain('delete replica-3');
  const wanted = round(later, grown, { rules: { ...policy, replicas: 3 } });
  expect(short(wanted.decision)).toContain('delete replica-3');
});
