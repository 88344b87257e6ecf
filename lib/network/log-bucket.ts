import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import type { Settings } from '../settings';

/** The prefixes below which logs are delivered, each by its own service. */
export const LOG_PREFIXES = { flow: 'flow-logs', access: 'load-balancer' } as const;

/**
 * The bucket for access logs and flow logs, and below `recovery/` for the plans of recovery, which are the only record of
 * what a failover has lost: they never expire, and what is written over or deleted is kept as an earlier version. The
 * bucket stays when the stack is deleted.
 */
export function logBucket(scope: Construct, { logs }: Settings): Bucket {
  const bucket = new Bucket(scope, 'LogBucket', {
    // A load balancer delivers to buckets with keys of S3 only (ELB guide, "Access logs", bucket requirements).
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    versioned: true,
    lifecycleRules: [
      { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ...Object.values(LOG_PREFIXES).map((prefix) => ({
        prefix: `${prefix}/`,
        expiration: Duration.days(logs.days),
        // Versioned as well, but nothing writes over a log: this only ends what has expired. Markers of what was deleted
        // go with it (S3 guide, "Lifecycle configuration elements", Expiration with Days).
        noncurrentVersionExpiration: Duration.days(1),
      })),
    ],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  acknowledge(
    bucket,
    ['S1', 'CKV_AWS_18', 'S3_BUCKET_LOGGING_ENABLED', 's3_bucket_logging_enabled_check'],
    'It holds the logs of others; logging its own access into itself would never end.',
  );
  acknowledge(
    bucket,
    's3_bucket_default_encryption_kms_check',
    'A load balancer delivers its logs only to buckets with keys of S3.',
  );
  acknowledge(
    bucket,
    ['S3_BUCKET_DEFAULT_LOCK_ENABLED', 's3_bucket_object_lock_enabled_check'],
    'Logs expire and recovery plans may be tidied by people; no law is assumed that forbids it.',
  );
  acknowledge(
    bucket,
    'S3_BUCKET_REPLICATION_ENABLED',
    'The site lives in one region, and its logs are of use there only.',
  );
  acknowledge(bucket, 's3_event_notifications_enabled_check', 'Nobody acts on a new log file.');
  acknowledge(
    bucket,
    'S3_BUCKET_NO_PUBLIC_RW_ACL',
    'It has no access control list at all: the owner is enforced, and public access is blocked.',
  );
  acknowledge(
    bucket.policy!,
    'S3_BUCKET_SSL_REQUESTS_ONLY',
    'It does refuse plain HTTP: the CDK writes "false" where the rule looks for false.',
  );
  return bucket;
}
