import type { DBInstance } from '@aws-sdk/client-rds';
import { agreement, changed } from '../../../trial/drill/agreement';
import { type Commit, rivalries } from '../../../trial/drill/clients';
import { doubledIds, firstWriteAfter, idJump, losses } from '../../../trial/drill/clients-saw';
import { missing as lack, obstacle } from '../../../trial/drill/group';
import {
  gapAtMost,
  keysAreNew,
  lostOnlyPastFork,
  nothingLost,
  promotedOncePerEpoch,
  writtenWithin,
} from '../../../trial/drill/promises';
import { keptOut, nobodyPromoted, nothingChanged, oneWritable } from '../../../trial/drill/promises-of-group';
import { WELL } from '../view/facts';
import { LEDGER, MEMORY, at, entry, evidence, missing } from './evidence';

const OLD = 'mysite-primary';

describe('what was lost', () => {
  test('nothing', () => {
    expect([nothingLost(evidence()).isKept, lostOnlyPastFork(evidence(), OLD).isKept]).toEqual([true, true]);
  });

  test('what the old primary took after the last heartbeat that was replicated may be missing', () => {
    const lost = missing(-0.2, OLD);
    expect(losses(lost, OLD)).toMatchObject({ missing: [{ write: 2 }], unexplained: [] });
    expect([nothingLost(lost).isKept, lostOnlyPastFork(lost, OLD).isKept]).toEqual([false, true]);
  });

  test.each([
    ['what was taken before that heartbeat', missing(-0.6, OLD)],
    ['what the new primary took', missing(4.7, 'mysite-replica-1')],
    ['anything without a fork', { ...missing(-0.2, OLD), memories: [] }],
  ])('not %s', (_, lost) => {
    expect(lostOnlyPastFork(lost, OLD).isKept).toBe(false);
  });

  test('when the site cannot be read back, nothing is promised', () => {
    const whole = evidence();
    const unread = { ...whole, load: { ...whole.load, audit: { impossible: 'It did not answer.' } } };
    for (const verdict of [nothingLost(unread), lostOnlyPastFork(unread, OLD)]) {
      expect(verdict).toMatchObject({ isKept: false, found: 'It did not answer.' });
    }
  });
});

describe('the first write', () => {
  test('is one of another database, after the fault', () => {
    expect(firstWriteAfter(evidence(), OLD)).toBe(4_700);
    expect(writtenWithin(evidence(), OLD)).toMatchObject({ isKept: true, isOfTime: true });
  });

  test('that never comes is no matter of time', () => {
    const none = evidence({ ledger: LEDGER.slice(0, 5) });
    expect(writtenWithin(none, OLD)).toMatchObject({ isKept: false, isOfTime: false });
  });
});

describe('keys', () => {
  test('of the new primary are past those of the old', () => {
    expect(idJump(LEDGER, OLD)).toBe(100_000);
    expect(keysAreNew(evidence(), OLD).isKept).toBe(true);
  });

  test('given out twice are found', () => {
    const doubled = LEDGER.map((one) => ('id' in one && one.id === 100_002 ? { ...one, id: 2 } : one));
    expect(doubledIds(doubled)).toEqual([2]);
    expect(keysAreNew(evidence({ ledger: doubled }), OLD).isKept).toBe(false);
  });
});

describe('promotions', () => {
  test('the same one asked for again is one', () => {
    const again = [...evidence().entries, entry(3.2, 'promote db-B (mysite-replica-1, backupDays 7)')];
    expect(promotedOncePerEpoch(evidence({ entries: again }), 1).isKept).toBe(true);
  });

  test('of two instances in an epoch, or none at all, break the promise', () => {
    const two = [...evidence().entries, entry(3.2, 'promote db-C (mysite-replica-2, backupDays 7)')];
    expect(promotedOncePerEpoch(evidence({ entries: two }), 1).isKept).toBe(false);
    expect(promotedOncePerEpoch(evidence({ entries: [] }), 1).isKept).toBe(false);
  });

  test('nobody, and nothing at all', () => {
    expect([nobodyPromoted(evidence()).isKept, nothingChanged(evidence()).isKept]).toEqual([false, false]);
    const calm = evidence({ entries: [entry(-1, 'move-names'), entry(1, 'state cut-off')] });
    expect([nobodyPromoted(calm).isKept, nothingChanged(calm).isKept]).toEqual([true, true]);
  });
});

test('a gap is one of time', () => {
  expect(gapAtMost('writes', 3, evidence())).toMatchObject({ isKept: false, found: '4.7 s', isOfTime: true });
  expect(gapAtMost('reads', 3, evidence()).isKept).toBe(true);
});

describe('two that take writes', () => {
  const commit = (address: string, begun: number, done: number): Commit => ({
    address,
    identifier: address,
    begunAt: at(begun),
    doneAt: at(done),
  });

  test('one after the other is no rivalry, nor is what may have been before', () => {
    const moved = [commit('A', 0, 0.1), commit('A', 3.9, 4.2), commit('B', 3.9, 4.1), commit('B', 5, 5.1)];
    expect(rivalries(moved)).toEqual([]);
    expect(oneWritable([], moved.length).isKept).toBe(true);
  });

  test('a write of the old one that began after one of the new one is', () => {
    const both = [commit('A', 0, 0.1), commit('B', 4, 4.1), commit('A', 4.2, 4.3), commit('B', 5, 5.1)];
    expect(rivalries(both)).toEqual([
      'A took 1 writes after B had taken its first one, the last of them 0.1 s later',
    ]);
    expect(keptOut(both, 'A', evidence()).isKept).toBe(true); // before the opening at 4.3 s
    expect(keptOut([...both, commit('A', 4.4, 4.5)], 'A', evidence()).isKept).toBe(false);
  });

  test('that nobody could write at all shows nothing', () => {
    expect(oneWritable([], 0).isKept).toBe(false);
  });
});

describe('a group', () => {
  const seen = (resourceId: string, identifier: string, role: 'primary' | 'replica' | 'retired') => ({
    resourceId,
    identifier,
    role,
    status: 'available',
    reached: true,
    fit: role !== 'retired',
  });
  const memory = {
    ...MEMORY,
    phase: 'steady' as const,
    failover: undefined,
    primary: 'db-A',
    state: { name: 'healthy' as const, since: at(0), reasons: [] },
    seen: [
      seen('db-A', 'mysite-primary', 'primary'),
      ...['1', '2'].map((number) => seen(`db-${number}`, `mysite-replica-${number}`, 'replica')),
    ],
  };
  const look = (changes: object = {}, facts: object = {}) => ({
    facts: {
      ...WELL,
      faults: [],
      names: [
        { name: 'writer.mysite.internal', leadsTo: [{ to: 'mysite-primary' }] },
        {
          name: 'reader.mysite.internal',
          leadsTo: [
            { to: 'mysite-primary', weight: 0 },
            { to: 'mysite-replica-1', weight: 100 },
            { to: 'mysite-replica-2', weight: 100 },
          ],
        },
      ],
      ...facts,
    },
    stored: { version: 1, memory: { ...memory, ...changes } },
  });

  test('is whole when all is where it belongs', () => {
    expect(lack(look(), 2)).toBeUndefined();
    expect(obstacle(look(), 2)).toBeUndefined();
  });

  test.each([
    ['fewer replicas', look({ seen: memory.seen.slice(0, 2) }), '1 of 2 replicas are fit'],
    ['names elsewhere', look({ primary: 'db-1' }), "the writer's name leads to mysite-primary"],
    ['a failover', look({ phase: 'healing' }), 'the controller is healing'],
  ])('is not, with %s', (_, seenThen, clause) => {
    expect(lack(seenThen, 2)).toContain(clause);
  });

  test.each([
    ['faults', look({}, { faults: ['mysite-primary is frozen'] }), 'npm run trial -- fault heal'],
    [
      'an old primary',
      look({ seen: [...memory.seen, seen('db-O', 'mysite-retired-1', 'retired')] }),
      'npm run recover -- waive',
    ],
    ['a hold', { ...look(), stored: { ...look().stored, hold: { by: 'x', at: 1, why: 'y' } } }, 'release'],
  ])('with %s no drill begins, and a sentence says what to do', (_, seenThen, words) => {
    expect(obstacle(seenThen, 2)).toContain(words);
  });
});

describe('template and instances', () => {
  const properties = {
    DBInstanceIdentifier: 'mysite-primary',
    DBInstanceClass: 'db.t4g.medium',
    BackupRetentionPeriod: 7,
    AllocatedStorage: '20',
    DBParameterGroupName: { Ref: 'Parameters' },
    EnableCloudwatchLogsExports: ['upgrade', 'postgresql'],
  };
  const template = (given: object) => ({
    stacks: [
      {
        name: 'data',
        outputs: [],
        resources: { A: { Type: 'AWS::RDS::DBInstance', Properties: { ...given } } },
      },
    ],
  });
  const instance: DBInstance = {
    DBInstanceIdentifier: 'mysite-primary',
    DbiResourceId: 'db-A',
    DBInstanceClass: 'db.t4g.medium',
    BackupRetentionPeriod: 7,
    AllocatedStorage: 20,
    DBParameterGroups: [{ DBParameterGroupName: 'group-1' }],
    EnabledCloudwatchLogsExports: ['postgresql', 'upgrade'],
  };

  test('agree, however lists are ordered and numbers written', () => {
    const other = { ...instance, DbiResourceId: 'db-B' };
    expect(agreement(template(properties), [instance], [other])).toEqual({ compared: 6, differences: [] });
    expect(changed([instance], [other])).toEqual([]);
  });

  test.each([
    [{ BackupRetentionPeriod: 1 }, 'mysite-primary: BackupRetentionPeriod is 1, the template says 7.'],
    [
      { DBParameterGroups: [{ DBParameterGroupName: 'default' }] },
      'mysite-primary: DBParameterGroupName is default, the template says group-1.',
    ],
  ])('differ in %j', (change, sentence) => {
    expect(agreement(template(properties), [instance], [{ ...instance, ...change }]).differences).toEqual([
      sentence,
    ]);
    expect(changed([instance], [{ ...instance, ...change }])).toHaveLength(1);
  });

  test('missing ones, strangers, and properties that nobody knows are told', () => {
    expect(agreement(template(properties), [instance], []).differences).toEqual([
      'There is no mysite-primary.',
    ]);
    const stranger = { ...instance, DBInstanceIdentifier: 'mysite-retired-1' };
    expect(agreement(template(properties), [instance], [instance, stranger]).differences).toEqual([
      'mysite-retired-1 is in no template.',
    ]);
    expect(agreement(template({ ...properties, NewThing: 1 }), [instance], [instance]).differences).toEqual([
      'mysite-primary: nobody knows how RDS tells NewThing.',
    ]);
  });
});
