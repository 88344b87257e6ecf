import { Duration } from 'aws-cdk-lib';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../../acknowledge';
import type { Settings } from '../../settings';

/** Where the controller tells people what it does. */
export function failoverTopic(scope: Construct, { name, alarms }: Settings): Topic {
  const topic = new Topic(scope, 'Topic', {
    displayName: `Failover of ${name}`,
    // The key that SNS manages serves everybody in the account who may publish; one of our own is for publishers that
    // are services of AWS (SNS guide, "Key management"), as CloudWatch is in lib/operations/topic.ts.
    masterKey: Alias.fromAliasName(scope, 'TopicKey', 'alias/aws/sns'),
    enforceSSL: true,
  });
  if (alarms.email) topic.addSubscription(new EmailSubscription(alarms.email));
  return topic;
}

/** Starts of the controller that could not be delivered, or that ended with an error. */
export function undeliveredQueue(scope: Construct): Queue {
  const queue = new Queue(scope, 'Undelivered', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledge(queue, ['SQS3', 'sqs_dlq_check'], 'It is the dead-letter queue itself.');
  acknowledge(
    queue,
    ['CKV_AWS_27', 'SQS_QUEUE_KMS_MASTER_KEY_ID_RULE'],
    'It is encrypted by the key of SQS; what is in it says when a function was started, and nothing of the site.',
  );
  return queue;
}
