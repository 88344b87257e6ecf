import { firstMemory } from '../../../lambda/failover/first';
import {
  type Change,
  type Changes,
  T0,
  dead,
  follows,
  followsNobody,
  look,
  policy,
  promoted,
  says,
} from './builders';

const first = (changes: Changes = {}) => firstMemory(look(changes), policy);

/** As it writes the heartbeat of a later epoch when it is opened. */
const opened: Change = says({ heartbeat: { at: T0, epoch: 2 } });

test('the primary is the one with its name, and the epoch that of its heartbeat', () => {
  expect(first()).toMatchObject({
    phase: 'steady',
    epoch: 1,
    primary: 'db-primary',
    retired: [],
    stackPolicy: 'closed',
  });
});

test('an old primary that is there is not forgotten', () => {
  expect(first({ 'retired-1': followsNobody })).toMatchObject({
    retired: [{ resourceId: 'db-retired-1', recovery: 'needed' }],
  });
  expect(first({ 'retired-1': [followsNobody, dead] })).toMatchObject({ primary: 'db-primary' });
});

test('former replicas of one that was deleted took nothing over: the one that was given the name is the primary', () => {
  expect(first({ 'replica-2': promoted })).toMatchObject({ primary: 'db-primary', epoch: 1 });
});

test.each<[string, Changes, string]>([
  ['nobody has the name', { primary: 'gone' }, 'there is no mysite-primary'],
  [
    'who has it follows another',
    { primary: follows('replica-1') },
    'mysite-primary follows mysite-replica-1',
  ],
  ['it does not answer', { primary: dead }, 'mysite-primary cannot be reached: no answer in 2 s'],
  ['it is in recovery', { primary: says({ inRecovery: true }) }, 'mysite-primary is in recovery'],
  [
    'another was opened later: the name is the old primary’s',
    { 'replica-1': [promoted, opened] },
    'mysite-replica-1 follows nobody, and may be the primary: it has epoch 2',
  ],
  [
    'another may have been',
    { 'replica-1': [promoted, dead] },
    'mysite-replica-1 follows nobody, and may be the primary: it cannot be asked: no answer in 2 s',
  ],
])('nobody knows while %s', (_, changes, sentence) => {
  expect(first(changes)).toBe(sentence);
});
