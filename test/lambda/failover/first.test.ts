import { firstMemory } from '../../../lambda/failover/first';
import {
  type Changes,
  T0,
  dead,
  follows,
  followsNobody,
  look,
  opened,
  policy,
  promoted,
  quarantined,
  round,
  says,
  status,
} from './builders';

const first = (changes: Changes = {}) => firstMemory(look(changes), policy);

test('a group as the template made it', () => {
  expect(first()).toEqual({
    phase: 'steady',
    epoch: 1,
    primary: 'db-primary',
    retired: [],
    unfitSince: {},
    inFlight: [],
    creating: {},
    backoff: {},
    stackPolicy: 'closed',
  });
});

test('the first round with it finds the group healthy', () => {
  const memory = first();
  if (typeof memory === 'string') throw new Error(memory);
  expect(round(look(), memory).decision).toMatchObject({ state: 'healthy' });
});

test('the epoch is the highest that anybody has seen: none is used twice', () => {
  expect(first({ 'replica-2': opened(7) })).toMatchObject({ epoch: 7 });
});

test('old primaries by their names: whether they hold something, nobody knows', () => {
  expect(first({ 'retired-3': quarantined })).toMatchObject({
    retired: [{ resourceId: 'db-retired-3', recovery: 'needed', since: T0 }],
  });
});

test.each<[string, Changes, string]>([
  ['nobody has the name', { primary: 'gone' }, 'there is no mysite-primary'],
  ['it is a replica', { primary: follows('replica-1') }, 'mysite-primary follows mysite-replica-1'],
  ['it does not answer', { primary: dead }, 'mysite-primary cannot be reached: no answer in 2 s'],
  ['it is in recovery', { primary: says({ inRecovery: true }) }, 'mysite-primary is in recovery'],
  [
    'another one was opened after it',
    { 'replica-1': [promoted, opened(2)] },
    'mysite-replica-1 follows nobody, and may be the primary: it has epoch 2',
  ],
  [
    'another one may have been',
    { 'replica-1': [followsNobody, dead] },
    'mysite-replica-1 follows nobody, and may be the primary: it cannot be asked: no answer in 2 s',
  ],
])('none: %s', (_, changes, sentence) => {
  expect(first(changes)).toBe(sentence);
});

test('one that was promoted by hand, and has seen nothing later, is no reason', () => {
  expect(first({ 'replica-1': promoted })).toMatchObject({ primary: 'db-primary' });
});

test.each(['deleting', 'delete-precheck'])('nor is one that is being deleted: %s', (leaving) => {
  expect(first({ 'replica-1': [followsNobody, dead, status(leaving)] })).toMatchObject({
    primary: 'db-primary',
  });
});
