import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { RemovalPolicy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from '../settings';

/** Where alarms go. */
export function alarmTopic(scope: Construct, { name, alarms }: Settings): Topic {
  // A key of our own: CloudWatch cannot publish to a topic under the key that SNS manages
  // (CloudWatch guide, "Amazon SNS topic encryption").
  const key = new Key(scope, 'AlarmKey', {
    description: `Alarms of ${name}`,
    enableKeyRotation: true,
    // It guards nothing that is kept.
    removalPolicy: RemovalPolicy.DESTROY,
  });
  key.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com'));

  const topic = new Topic(scope, 'Alarms', {
    displayName: `Alarms of ${name}`,
    masterKey: key,
    enforceSSL: true,
  });
  if (alarms.email) topic.addSubscription(new EmailSubscription(alarms.email));
  return topic;
}
