import { describeService } from './botocore';
import { saidOf } from './documented';
import { unjudged } from './judgements';

const rds = (operation: string, input: object) => {
  const call = { caller: 'a test', serviceId: 'RDS', operation, input: { ...input } };
  return unjudged(saidOf(describeService('RDS'), call));
};

const replica = { DBInstanceIdentifier: 'mysite-replica-3', SourceDBInstanceIdentifier: 'mysite-primary' };

// Each was sent once, by the controller or by a template.
test.each<[string, object, RegExp]>([
  ['DBParameterGroupName', { DBParameterGroupName: 'mysite' }, /only supported for|isn't supported/],
  ['DatabaseInsightsMode', { DatabaseInsightsMode: 'standard' }, /This setting isn't supported/],
  ['KmsKeyId', { KmsKeyId: 'key' }, /don't specify a value for this parameter/],
])('a replica with %s is red', (name, more, sentence) => {
  const problems = rds('CreateDBInstanceReadReplica', { ...replica, ...more });
  expect(problems).toContainEqual(expect.stringMatching(sentence));
  expect(
    problems.every((one) => one.startsWith(`RDS CreateDBInstanceReadReplica.${name}: nobody has judged`)),
  ).toBe(true);
});

test.each<[string, string, object, RegExp]>([
  [
    'windows that overlap',
    'ModifyDBInstance',
    { PreferredBackupWindow: '03:30-04:30', PreferredMaintenanceWindow: 'sun:03:00-sun:04:00' },
    /Preferred\w+Window is/,
  ],
  [
    'one window of a new instance',
    'CreateDBInstance',
    { MasterUsername: 'postgres', PreferredMaintenanceWindow: 'sun:03:00-sun:04:00' },
    /PreferredMaintenanceWindow is/,
  ],
  ['backups of a source', 'ModifyDBInstance', { BackupRetentionPeriod: 0 }, /BackupRetentionPeriod is 0/],
  [
    'io2 without Iops',
    'CreateDBInstanceReadReplica',
    { ...replica, StorageType: 'io2' },
    /StorageType is "io2"/,
  ],
  [
    'a tag of AWS',
    'CreateDBInstanceReadReplica',
    { ...replica, Tags: [{ Key: 'rds:a', Value: 'b' }] },
    /Tags\[\]\.Key is "rds:a"/,
  ],
])('a rule that is broken is red: %s', (_, operation, input, problem) => {
  const problems = rds(operation, { DBInstanceIdentifier: 'mysite-primary', ...input });
  expect(problems).toContainEqual(expect.stringMatching(problem));
  expect(problems.filter((one) => !problem.test(one) && !/reserved word/.test(one))).toEqual([]);
});

test('what is said of other engines is no matter, and what is right is not told', () => {
  expect(rds('CreateDBInstanceReadReplica', { ...replica, MultiAZ: false, StorageType: 'gp3' })).toEqual([]);
});
