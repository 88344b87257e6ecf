import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { acknowledgeKey } from '../acknowledge-key';
import type { Settings } from '../settings';

/** Publishes in its own name, in no account: neither topic nor key know it unless a policy names it. */
const CLOUDWATCH = new ServicePrincipal('cloudwatch.amazonaws.com');

/** Where alarms go. */
export function alarmTopic(scope: Construct, { name, alarms }: Settings): Topic {
  const topic = new Topic(scope, 'Alarms', {
    displayName: `Alarms of ${name}`,
    masterKey: alarmKey(scope, name),
    enforceSSL: true,
  });
  // A topic without a policy gets one by which the whole account may publish, alarms among them. `enforceSSL` puts a
  // policy with a Deny alone in its place, so the Allow must be given too (re:Post knowledge center, "Why didn't I
  // receive an SNS notification for my CloudWatch alarm trigger?").
  const { account } = Stack.of(scope);
  const alarmArns = Stack.of(scope).formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `${name}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowAlarms',
      principals: [CLOUDWATCH],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': alarmArns },
      },
    }),
  );
  if (alarms.email) topic.addSubscription(new EmailSubscription(alarms.email));
  return topic;
}

/**
 * A key of our own: CloudWatch cannot publish to a topic under the key that SNS manages (re:Post knowledge center, "How
 * do I configure a CloudWatch alarm to use an encrypted SNS topic?").
 */
function alarmKey(scope: Construct, name: string): Key {
  const key = new Key(scope, 'AlarmKey', {
    description: `Alarms of ${name}`,
    enableKeyRotation: true,
    // It guards nothing that is kept.
    removalPolicy: RemovalPolicy.DESTROY,
  });
  acknowledgeKey(key);
  // Without the topic's conditions: nothing says that CloudWatch gives KMS an account or the alarm, and with
  // `kms:CallerAccount` it is refused (re:Post, "How does the kms:CallerAccount condition work"). Whoever is not
  // admitted by the topic has no use for the key.
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowAlarms',
      principals: [CLOUDWATCH],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
    }),
  );
  return key;
}
