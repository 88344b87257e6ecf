/**
 * Events of RDS that the model can cause, with category and message.
 * Source: RDS User Guide, "Amazon RDS event categories and event messages" (USER_Events.Messages), of 2026.
 */
import type { SourceType } from './state';

interface Kind {
  /** Absent where no page has it. */
  readonly id?: string;
  readonly category?: string;
  readonly source: SourceType;
  readonly message: string;
}

const kind =
  (source: SourceType) =>
  (number: string, category: string, message: string): Kind => ({
    id: `RDS-EVENT-${number}`,
    category,
    source,
    message,
  });
const instance = kind('db-instance');
const snapshot = kind('db-snapshot');

export const EVENTS = {
  shutdown: instance('0004', 'availability', 'DB instance shutdown.'),
  restarted: instance('0006', 'availability', 'DB instance restarted.'),
  storageFull: instance(
    '0221',
    'availability',
    'DB instance has reached the storage-full threshold, and the database has been shut down.',
  ),
  backupStarted: instance('0001', 'backup', 'Backing up DB instance.'),
  backupFinished: instance('0002', 'backup', 'Finished DB instance backup.'),
  classChanging: instance(
    '0012',
    'configuration change',
    'Applying modification to database instance class.',
  ),
  classChanged: instance(
    '0014',
    'configuration change',
    'Finished applying modification to DB instance class.',
  ),
  passwordReset: instance('0016', 'configuration change', 'Reset master credentials.'),
  storageChanging: instance('0018', 'configuration change', 'Applying modification to allocated storage.'),
  storageChanged: instance(
    '0017',
    'configuration change',
    'Finished applying modification to allocated storage.',
  ),
  multiAzStarted: instance(
    '0024',
    'configuration change',
    'Applying modification to convert to a Multi-AZ DB instance.',
  ),
  multiAzFinished: instance(
    '0025',
    'configuration change',
    'Finished applying modification to convert to a Multi-AZ DB instance.',
  ),
  storageGrowing: instance(
    '0217',
    'configuration change',
    'Applying autoscaling-initiated modification to allocated storage.',
  ),
  storageGrown: instance(
    '0218',
    'configuration change',
    'Finished applying autoscaling-initiated modification to allocated storage.',
  ),
  // Its words are quoted in terraform-provider-aws#43322, of Multi-AZ; the guide does not list it.
  givenUp: { source: 'db-instance', message: 'Insufficient instance capacity' } as Kind,
  backupsOff: instance('0028', 'configuration change', 'Disabled automated backups.'),
  singleAzFinished: instance(
    '0029',
    'configuration change',
    'Finished applying modification to convert to a standard (Single-AZ) DB instance.',
  ),
  singleAzStarted: instance(
    '0030',
    'configuration change',
    'Applying modification to convert to a standard (Single-AZ) DB instance.',
  ),
  backupsOn: instance('0032', 'configuration change', 'Enabled automated backups.'),
  created: instance('0005', 'creation', 'DB instance created.'),
  deleted: instance('0003', 'deletion', 'DB instance deleted.'),
  failoverStarted: instance('0013', 'failover', 'Multi-AZ instance failover started.'),
  failoverCompleted: instance('0049', 'failover', 'Multi-AZ instance failover completed.'),
  failed: instance(
    '0031',
    'failure',
    'DB instance put into failed state. RDS recommends that you initiate a point-in-time-restore.',
  ),
  incompatibleParameters: instance(
    '0035',
    'failure',
    'Database instance put into incompatible-parameters state.',
  ),
  creationFailed: instance('0278', 'failure', 'The DB instance creation failed.'),
  storageExhausted: instance(
    '0007',
    'low storage',
    'Allocated storage has been exhausted. Allocate additional storage to resolve.',
  ),
  stopped: instance('0087', 'notification', 'DB instance stopped.'),
  started: instance('0088', 'notification', 'DB instance started.'),
  stoppedTooLong: instance(
    '0154',
    'notification',
    'DB instance is being started due to it exceeding the maximum allowed time being stopped.',
  ),
  replicating: instance('0046', 'read replica', 'Replication for the Read Replica resumed.'),
  replicationEnded: instance('0057', 'read replica', 'Replication streaming has been terminated.'),
  replicaFailed: instance('0202', 'read replica', 'Read replica creation failed.'),
  recoveryStarted: instance(
    '0020',
    'recovery',
    'Recovery of the DB instance has started. Recovery time will vary with the amount of data to be recovered.',
  ),
  recoveryComplete: instance('0021', 'recovery', 'Recovery of the DB instance is complete.'),
  restored: instance('0019', 'restoration', 'Restored from DB instance'),
  snapshotStarted: snapshot('0040', 'creation', 'Creating manual snapshot.'),
  snapshotCreated: snapshot('0042', 'creation', 'Manual snapshot created.'),
  automatedStarted: snapshot('0090', 'creation', 'Creating automated snapshot.'),
  automatedCreated: snapshot('0091', 'creation', 'Automated snapshot created.'),
  snapshotDeleted: snapshot('0041', 'deletion', 'Deleted user snapshot.'),
} as const;

export type EventKind = keyof typeof EVENTS;
