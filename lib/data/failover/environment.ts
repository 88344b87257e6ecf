import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { FailoverEnvironmentVariables } from '../../../lambda/failover/environment';
import type { SecurityGroups } from '../../network/security-groups';
import type { Settings } from '../../settings';
import { type DatabaseNames, endpointNames } from '../names';
import { CA_FILE } from '../node-function';

export interface FailoverVariablesProps {
  readonly settings: Settings;
  readonly securityGroups: SecurityGroups;
  readonly names: DatabaseNames;
  readonly journal: ITable;
  readonly topic: ITopic;
  readonly secret: ISecret;
}

/** What the controller is told: the settings, and where everything is. */
export function failoverVariables(props: FailoverVariablesProps): FailoverEnvironmentVariables {
  const { settings, securityGroups, names, journal, topic, secret } = props;
  const { name, database, failover } = settings;
  const { writer, reader } = endpointNames(settings);
  return {
    GROUP_NAME: name,
    MODE: failover.mode,
    PROBE_INTERVAL_SECONDS: String(failover.probeIntervalSeconds),
    DETECT_AFTER_SECONDS: String(failover.detectAfterSeconds),
    MAX_LAG_SECONDS: String(failover.maxLagSeconds),
    FENCE_POLICY: failover.fencing,
    MINIMUM_INTERVAL_MINUTES: String(failover.minimumIntervalMinutes),
    REPLACE_AFTER_SECONDS: String(failover.replaceAfterSeconds),
    MANAGED_FAILOVER_GRACE_SECONDS: String(failover.managedFailoverGraceSeconds),
    SEQUENCE_GAP: String(failover.sequenceGap),
    MAINTENANCE_WINDOW: failover.maintenanceWindow,
    BACKUP_WINDOW: database.backupWindow,
    REPLICAS: String(database.replicas),
    BACKUP_DAYS: String(database.backupDays),
    MULTI_AZ: String(database.multiAz),
    DELETION_PROTECTION: String(database.deletionProtection),
    DATABASE_GROUP_ID: securityGroups.database!.securityGroupId,
    QUARANTINE_GROUP_ID: securityGroups.quarantine!.securityGroupId,
    DATABASE_NAME: database.databaseName,
    DATABASE_CA_FILE: CA_FILE,
    CONTROLLER_SECRET_ARN: secret.secretArn,
    ZONE_ID: names.zone.hostedZoneId,
    WRITER_NAME: writer,
    READER_NAME: reader,
    JOURNAL_TABLE: journal.tableName,
    DATA_STACK: Stack.of(journal).stackName,
    TOPIC_ARN: topic.topicArn,
  };
}
