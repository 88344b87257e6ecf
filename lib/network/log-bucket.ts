import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import type { Settings } from '../settings';

/** The bucket for access logs and flow logs. It stays when the stack is deleted. */
export function logBucket(scope: Construct, { logs }: Settings): Bucket {
  const bucket = new Bucket(scope, 'LogBucket', {
    // A load balancer delivers to buckets with keys of S3 only (ELB guide, "Access logs", bucket requirements).
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    lifecycleRules: [
      { expiration: Duration.days(logs.days), abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  acknowledge(
    bucket,
    'S1',
    'It holds the logs of others; logging its own access into itself would never end.',
  );
  return bucket;
}
