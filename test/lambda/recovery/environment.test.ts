import { type RecoveryEnvironmentVariables, recoveryEnvironment } from '../../../lambda/recovery/environment';

const GOOD: RecoveryEnvironmentVariables = {
  GROUP_NAME: 'mysite',
  DATABASE_NAME: 'site',
  DATABASE_CA_FILE: '/var/runtime/ca-cert.pem',
  RECOVERY_SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:recovery-AbCdEf',
  JOURNAL_TABLE: 'mysite-journal',
  REPORT_BUCKET: 'mysite-network-logbucket-x',
  TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:mysite-failover',
};
const env = { ...GOOD, AWS_REGION: 'eu-central-1' };

test('is read', () => {
  expect(recoveryEnvironment(env)).toEqual({
    group: 'mysite',
    database: 'site',
    caFile: '/var/runtime/ca-cert.pem',
    secretArn: GOOD.RECOVERY_SECRET_ARN,
    journalTable: 'mysite-journal',
    bucket: 'mysite-network-logbucket-x',
    topicArn: GOOD.TOPIC_ARN,
    region: 'eu-central-1',
  });
});

const wrong: [keyof RecoveryEnvironmentVariables, string | undefined, string][] = [
  ['REPORT_BUCKET', 's3://x', 'REPORT_BUCKET=s3://x: must be the name of an S3 bucket'],
  ['JOURNAL_TABLE', undefined, 'JOURNAL_TABLE is not set: must be the name of a DynamoDB table'],
  ['RECOVERY_SECRET_ARN', 'recovery', 'RECOVERY_SECRET_ARN=recovery: must be the ARN of'],
  ['TOPIC_ARN', 'topic', 'TOPIC_ARN=topic: must be the ARN of an SNS topic'],
];

test.each(wrong)('%s=%s is refused', (name, value, problem) => {
  expect(() => recoveryEnvironment({ ...env, [name]: value })).toThrow(problem);
});

test('all problems are told at once', () => {
  expect(() => recoveryEnvironment({})).toThrow(/GROUP_NAME is not set.*AWS_REGION is not set/);
});
