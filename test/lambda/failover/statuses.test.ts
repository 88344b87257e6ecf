/** What each status of RDS means: of the table as such. What the controller makes of it is in the tests of its parts. */
import { STATUS_NAMES, isOpen, isOperational, meaningOf } from '../../../lambda/failover/statuses';

/**
 * RDS User Guide, "Viewing Amazon RDS DB instance status" (in 2026), and what else is terminal to CloudFormation's handler
 * (aws-cloudformation-resource-providers-rds, DBInstanceStatus.java).
 */
const OF_RDS = {
  operational: [
    'available',
    'configuring-enhanced-monitoring',
    'configuring-iam-database-auth',
    'configuring-log-exports',
    'maintenance',
    'storage-config-upgrade',
    'storage-initialization',
    'storage-optimization',
  ],
  busy: [
    'backing-up',
    'converting-to-vpc',
    'modifying',
    'moving-to-vpc',
    'rebooting',
    'renaming',
    'resetting-master-credentials',
    'storage-full',
    'upgrading',
  ],
  down: ['inaccessible-encryption-credentials-recoverable', 'starting', 'stopped', 'stopping'],
  creating: ['creating'],
  leaving: ['delete-precheck', 'deleting'],
  broken: [
    'failed',
    'inaccessible-encryption-credentials',
    'incompatible-create',
    'incompatible-credentials',
    'incompatible-network',
    'incompatible-option-group',
    'incompatible-parameters',
    'incompatible-restore',
    'insufficient-capacity',
    'modify-failed',
    'restore-error',
    'upgrade-failed',
    'upgrade_failed',
  ],
} as const;

test.each(Object.entries(OF_RDS))('%s', (kind, names) => {
  expect(names.map((name) => [name, meaningOf(name).kind])).toEqual(names.map((name) => [name, kind]));
});

test('nothing is in the table that RDS does not show, and each says who says so', () => {
  const all: readonly string[] = Object.values(OF_RDS).flat();
  expect(STATUS_NAMES.filter((name) => !all.includes(name))).toEqual([]);
  for (const name of STATUS_NAMES) expect(meaningOf(name).source.length).toBeGreaterThan(5);
});

test('one that nobody knows is asked: a list that is too short would cost a failover', () => {
  expect(isOperational('configuring-something-new')).toBe(true);
  expect(isOperational('something-new')).toBe(true);
  expect(meaningOf('incompatible-something-new').kind).toBe('broken');
});

test('a promoted one serves while RDS makes its first backup', () => {
  expect(['backing-up', 'available', 'storage-optimization', 'modifying'].map(isOpen)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
