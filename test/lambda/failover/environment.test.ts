import { type FailoverEnvironmentVariables, failoverEnvironment } from '../../../lambda/failover/environment';
import { GOOD } from './good-environment';

const env = { ...GOOD, AWS_REGION: 'eu-central-1' };

test('is read, in milliseconds', () => {
  expect(failoverEnvironment(env)).toEqual({
    policy: {
      name: 'mysite',
      mode: 'automatic',
      probeIntervalMillis: 5_000,
      detectAfterMillis: 20_000,
      maxLagMillis: 30_000,
      fencePolicy: 'strict',
      minimumIntervalMillis: 3_600_000,
      replaceAfterMillis: 600_000,
      managedFailoverGraceMillis: 180_000,
      sequenceGap: 100_000,
      maintenanceWindow: 'sun:03:00-sun:04:00',
      backupWindow: '05:00-06:00',
      replicas: 2,
      databaseGroup: 'sg-1',
      quarantineGroup: 'sg-2',
      backupDays: 7,
      multiAz: false,
      deletionProtection: true,
    },
    database: 'site',
    caFile: '/var/runtime/ca-cert.pem',
    controllerSecretArn: GOOD.CONTROLLER_SECRET_ARN,
    zoneId: 'Z0123456789ABC',
    writerName: 'writer.mysite.internal',
    readerName: 'reader.mysite.internal',
    journalTable: 'mysite-journal',
    dataStack: 'mysite-data',
    topicArn: GOOD.TOPIC_ARN,
    region: 'eu-central-1',
  });
});

const wrong: [keyof FailoverEnvironmentVariables, string | undefined, string][] = [
  ['MODE', 'off', 'MODE=off: must be automatic or notify'],
  ['PROBE_INTERVAL_SECONDS', '0', 'PROBE_INTERVAL_SECONDS=0: must be a whole number from 1 to 31536000'],
  ['DETECT_AFTER_SECONDS', '1.5', 'DETECT_AFTER_SECONDS=1.5: must be a whole number from'],
  ['FENCE_POLICY', 'lax', 'FENCE_POLICY=lax: must be strict or best-effort'],
  ['SEQUENCE_GAP', '1000000001', 'must be a whole number from 0 to 1000000000'],
  ['BACKUP_WINDOW', '5-6', 'BACKUP_WINDOW=5-6: must be hh:mm-hh:mm in UTC'],
  ['MAINTENANCE_WINDOW', 'Sun', 'MAINTENANCE_WINDOW=Sun: must be ddd:hh:mm-ddd:hh:mm in UTC'],
  ['REPLICAS', '16', 'REPLICAS=16: must be a whole number from 0 to 15'],
  ['MULTI_AZ', 'yes', 'MULTI_AZ=yes: must be true or false'],
  ['QUARANTINE_GROUP_ID', 'quarantine', 'QUARANTINE_GROUP_ID=quarantine: must be the id of a security group'],
  ['ZONE_ID', undefined, 'ZONE_ID is not set: must be the id of a hosted zone'],
  ['TOPIC_ARN', 'topic', 'TOPIC_ARN=topic: must be the ARN of an SNS topic'],
  ['DATA_STACK', '1', 'DATA_STACK=1: must be the name or ARN of a stack'],
];

test.each(wrong)('%s=%s is refused', (name, value, problem) => {
  expect(() => failoverEnvironment({ ...env, [name]: value })).toThrow(problem);
});

test('all problems are told at once', () => {
  expect(() => failoverEnvironment({})).toThrow(/GROUP_NAME is not set.*AWS_REGION is not set/);
});
