import { answers, type Answers } from '../../../trial/rds/model/undecided';
import { NEW, refusal, World } from './world';

const FOLLOW = { DBInstanceIdentifier: 'one', SourceDBInstanceIdentifier: NEW.DBInstanceIdentifier };

/** A primary with given windows, in a model that plays `more`. */
async function played(more: Partial<Answers>, seed = 1): Promise<World> {
  const world = new World({ answers: { ...answers(), ...more }, seed });
  await world.primary({
    PreferredBackupWindow: '01:00-02:00',
    PreferredMaintenanceWindow: 'sun:12:00-sun:13:00',
  });
  return world;
}

test('without a choice, the first answers are played, which are the stricter ones', () => {
  expect(answers()).toMatchObject({
    modifyInBackingUp: 'refused',
    backupWindowOfReplica: 'random',
    insightsOfReplica: 'refused',
  });
  expect(answers((choices) => choices - 1)).toMatchObject({
    modifyInBackingUp: 'accepted',
    backupWindowOfReplica: "its source's",
    insightsOfReplica: 'ignored',
  });
});

test.each([
  ['random', false],
  ["its source's", true],
] as const)('the backup window of a replica is %s', async (answer, isSame) => {
  const world = await played({ backupWindowOfReplica: answer });
  await world.model.call('CreateDBInstanceReadReplica', FOLLOW);
  expect((await world.see('one')).PreferredBackupWindow === '01:00-02:00').toBe(isSame);
});

test.each([
  ['default', 'sg-default'],
  ["its source's", 'sg-1'],
] as const)('a replica that names no group is in that of %s', async (answer, group) => {
  const world = await played({ groupsOfReplica: answer });
  await world.model.call('CreateDBInstanceReadReplica', FOLLOW);
  expect(await world.see('one')).toMatchObject({ VpcSecurityGroups: [{ VpcSecurityGroupId: group }] });
});

test.each([
  ['may overlap, and is refused then', true],
  ['never overlaps', false],
] as const)('a window beside a given one %s', async (windowAtRandom, isRefused) => {
  const world = await played({ windowAtRandom });
  const seen = new Set<string>();
  for (let index = 0; index < 30; index++) {
    // Half of the block from which RDS chooses.
    const given = { DBInstanceIdentifier: `i-${index}`, PreferredMaintenanceWindow: 'sun:03:00-sun:07:00' };
    seen.add(await refusal(world.model.call('CreateDBInstance', { ...NEW, ...given })));
  }
  expect(seen.has('accepted')).toBe(true);
  expect(seen.has('InvalidParameterValue 400')).toBe(isRefused);
});
