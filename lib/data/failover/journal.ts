import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { acknowledge } from '../../acknowledge';

/** Lease, memory and journal of the failover controller: a part (`part`) and a key in it (`key`). */
export function journal(scope: Construct): Table {
  const table = new Table(scope, 'Journal', {
    partitionKey: { name: 'part', type: AttributeType.STRING },
    sortKey: { name: 'key', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    // By the key that DynamoDB manages, and not by that of the databases: the controller must be able to write down what
    // it does also when it is that key which fails. It holds positions, names and reasons, and no row of the site.
    encryption: TableEncryption.AWS_MANAGED,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: 'ttl',
    // It outlives the stack as the last snapshot of the primary does: without the fork that is written here, nobody can
    // tell the lost writes in a snapshot of an old primary from the others. It costs next to nothing, and its name is
    // CloudFormation's, so that it is in nobody's way. Not protected against deletion, as people must be able to tidy.
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  acknowledge(
    table,
    ['CKV_AWS_119', 'DYNAMODB_TABLE_ENCRYPTED_KMS'],
    'The controller must be able to write also when a key of our own fails; the table holds no row of the site.',
  );
  return table;
}
