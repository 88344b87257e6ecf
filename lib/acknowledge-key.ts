import type { Key } from 'aws-cdk-lib/aws-kms';
import { acknowledge } from './acknowledge';

/** What scanners say of every key, and why it stands. */
export function acknowledgeKey(key: Key): void {
  acknowledge(
    key,
    'kms_create_grant_aws_service_check',
    "The account's own policies decide who may make grants, as with every key of the CDK; it is granted to no other account.",
  );
}
