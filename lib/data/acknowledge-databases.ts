import type { DatabaseInstance, DatabaseInstanceReadReplica } from 'aws-cdk-lib/aws-rds';
import type { IConstruct } from 'constructs';
import { acknowledge, PROTECTED_LAST } from '../acknowledge';
import type { Settings } from '../settings';
import { acknowledgeSecret } from './rotation';

/** What the rule of Control Tower demands ("rds_instance_backup_enabled_check"). */
const BACKUPS_AT_LEAST_DAYS = 7;

const NOT_MULTI_AZ = ['RDS3', 'CKV_AWS_157', 'RDS_MULTI_AZ_SUPPORT'];
const NOT_PROTECTED = ['RDS10', 'RDS_INSTANCE_DELETION_PROTECTION_ENABLED'];

/** What scanners say of the primary and its secret, and why it stands. */
export function acknowledgePrimary(primary: DatabaseInstance, settings: Settings): void {
  const { database } = settings;
  acknowledgeBoth(primary);
  acknowledge(primary, 'rds_instance_no_default_ports_check', PORT);
  if (!database.multiAz) {
    acknowledge(
      primary,
      [...NOT_MULTI_AZ, 'rds_instance_multi_az_support_check'],
      'The setting database.multiAz is off; replicas can be promoted.',
    );
  }
  acknowledge(primary, [...NOT_PROTECTED, 'rds_instance_deletion_protection_enabled_check'], PROTECTED_LAST);
  if (database.backupDays < BACKUPS_AT_LEAST_DAYS) {
    acknowledge(
      primary,
      'rds_instance_backup_enabled_check',
      `The setting database.backupDays is ${database.backupDays}.`,
    );
  }
  if (database.backupDays === 0) {
    acknowledge(primary, ['RDS13', 'DB_INSTANCE_BACKUP_ENABLED'], 'The setting database.backupDays is 0.');
  }
  acknowledge(
    primary,
    ['CKV_AWS_161', 'rds_instance_iam_authentication_enabled_check'],
    'Policies for it name an instance by its resource ID, which a promotion changes; passwords go on working.',
  );
  acknowledge(
    primary,
    'rds_instance_default_admin_check',
    'Nobody signs in as the master user but the function that makes the roles, from inside the VPC.',
  );
  acknowledgeSecret(primary.node.findChild('Secret'), settings);
}

/** What scanners say of a replica, and why it stands. */
export function acknowledgeReplica(replica: DatabaseInstanceReadReplica): void {
  acknowledgeBoth(replica);
  acknowledge(
    replica,
    ['CKV_AWS_16', 'RDS_STORAGE_ENCRYPTED'],
    'It is encrypted as its source is; RDS inherits that.',
  );
  acknowledge(replica, NOT_MULTI_AZ, 'The other replicas, and the primary, stand in for it.');
  acknowledge(replica, NOT_PROTECTED, 'A replica holds nothing of its own, and the controller replaces it.');
  acknowledge(
    replica,
    'DB_INSTANCE_BACKUP_ENABLED',
    'The primary is backed up; the controller turns backups on when it promotes a replica.',
  );
}

const PORT = 'The security group admits the web servers only; another port would hide nothing from them.';

function acknowledgeBoth(instance: IConstruct): void {
  acknowledge(instance, 'RDS11', PORT);
  acknowledge(
    instance,
    'CFN_NO_EXPLICIT_RESOURCE_NAMES',
    'The controller knows primary and replicas by these names, and gives them to those that take their place.',
  );
  acknowledge(
    instance,
    ['RDS_MASTER_USER_NAME_NO_PLAINTEXT_PASSWORD', 'RDS_MASTER_USER_PASSWORD_NO_PLAINTEXT_PASSWORD'],
    'The password of the primary is resolved from Secrets Manager, in a form that the rules do not read; its user is no secret; a replica has neither.',
  );
}
