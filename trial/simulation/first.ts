/** What the stack has made before the first run. */
import type { DBInstance } from '@aws-sdk/client-rds';
import type { SeenNames } from '../../lambda/failover/observation';
import { DATABASE_GROUP, SITE } from './policy';
import type { World } from './world';

/** Creations and first backups are over by then. */
const SET_UP_MILLIS = 25 * 60_000;

const WAITING_CLASS = 'db.m6g.large';

export async function setUp({ model, clock, plane, policy, schedule }: World): Promise<void> {
  const pass = async (milliseconds: number) => {
    const end = clock.now() + milliseconds;
    while (await clock.step(end));
    plane.advance();
  };
  const primary = `${SITE}-primary`;
  await model.call('CreateDBInstance', {
    DBInstanceIdentifier: primary,
    DBInstanceClass: 'db.t4g.micro',
    Engine: 'postgres',
    AllocatedStorage: 20,
    MaxAllocatedStorage: 100,
    MasterUsername: 'postgres',
    MasterUserPassword: 'correct-horse',
    BackupRetentionPeriod: policy.backupDays,
    VpcSecurityGroupIds: [DATABASE_GROUP],
    DeletionProtection: policy.deletionProtection,
    MultiAZ: schedule.setup.multiAz,
    StorageType: 'gp3',
    PreferredBackupWindow: policy.backupWindow,
    PreferredMaintenanceWindow: policy.maintenanceWindow,
  });
  await pass(SET_UP_MILLIS / 2);
  for (let number = 1; number <= schedule.setup.replicas; number++) {
    await model.call('CreateDBInstanceReadReplica', {
      DBInstanceIdentifier: `${SITE}-replica-${number}`,
      SourceDBInstanceIdentifier: primary,
      VpcSecurityGroupIds: [DATABASE_GROUP],
      StorageType: 'gp3',
      MaxAllocatedStorage: 100,
    });
  }
  await pass(SET_UP_MILLIS / 2);
  if (schedule.setup.classWaits) {
    await model.call('ModifyDBInstance', { DBInstanceIdentifier: primary, DBInstanceClass: WAITING_CLASS });
  }
}

/** Weights as lib/data/names.ts has them. */
export function firstNames(instances: readonly DBInstance[]): SeenNames {
  const readers = instances.map(
    ({ DBInstanceIdentifier, Endpoint, ReadReplicaSourceDBInstanceIdentifier }) => ({
      identifier: DBInstanceIdentifier!,
      target: Endpoint!.Address!,
      weight: ReadReplicaSourceDBInstanceIdentifier ? 100 : 0,
    }),
  );
  return { writer: readers.find(({ weight }) => weight === 0)!.target, readers };
}
