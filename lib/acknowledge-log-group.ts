import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { acknowledge } from './acknowledge';
import type { Settings } from './settings';

/** What the rule of Control Tower demands ("cloudwatch_log_group_retention_period_check"). */
const A_YEAR_IN_DAYS = 365;

/** What scanners say of every log group, and why it stands. */
export function acknowledgeLogGroup(group: LogGroup, { logs }: Settings): void {
  acknowledge(
    group,
    ['CKV_AWS_158', 'CLOUDWATCH_LOG_GROUP_ENCRYPTED', 'cloudwatch_log_group_encrypted_check'],
    'CloudWatch Logs encrypts every group by a key of its own; a log must be readable also when ours fails.',
  );
  if (logs.days < A_YEAR_IN_DAYS) {
    acknowledge(
      group,
      'cloudwatch_log_group_retention_period_check',
      `The setting logs.days is ${logs.days}.`,
    );
  }
}
