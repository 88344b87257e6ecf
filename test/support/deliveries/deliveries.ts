import type { Account, Found } from './account';
import { ask, called, type Delivery, policiesOn, send, trust } from './ask';
import { accessLogs, flowLogs } from './logs';

const alarms = (account: Account): Delivery[] =>
  account
    .ofType('AWS::CloudWatch::Alarm')
    .flatMap((alarm) =>
      ['AlarmActions', 'OKActions', 'InsufficientDataActions'].flatMap((actions) =>
        ((alarm.properties[actions] ?? []) as string[]).map((to) =>
          send(account, 'alarm → topic', alarm, 'cloudwatch.amazonaws.com', to),
        ),
      ),
    );

const rules = (account: Account): Delivery[] =>
  account
    .ofType('AWS::Events::Rule')
    .flatMap((rule) =>
      (rule.properties.Targets as { Arn: string; DeadLetterConfig?: { Arn: string } }[]).flatMap((target) => [
        send(account, 'event rule → target', rule, 'events.amazonaws.com', target.Arn),
        ...(target.DeadLetterConfig
          ? [send(account, 'event rule → queue', rule, 'events.amazonaws.com', target.DeadLetterConfig.Arn)]
          : []),
      ]),
    );

const SENT_BY_SNS = ['sqs', 'lambda'];

const subscriptions = (account: Account): Delivery[] =>
  account
    .ofType('AWS::SNS::Subscription')
    .filter(({ properties }) => SENT_BY_SNS.includes(properties.Protocol))
    .map(({ properties: { TopicArn, Endpoint } }) =>
      send(
        account,
        'topic → subscriber',
        account.named('AWS::SNS::Topic', TopicArn)!,
        'sns.amazonaws.com',
        Endpoint,
      ),
    );

/** The destination of a function's failed starts: Lambda sends there as the function's own role. */
const destinations = (account: Account): Delivery[] =>
  account.ofType('AWS::Lambda::EventInvokeConfig').flatMap(({ properties }) => {
    const from = account.named('AWS::Lambda::Function', properties.FunctionName)!;
    return Object.values(properties.DestinationConfig ?? {}).map((each) =>
      asRole(account, 'function → destination', from, (each as { Destination: string }).Destination),
    );
  });

const deadLetters = (account: Account): Delivery[] =>
  account
    .ofType('AWS::Lambda::Function')
    .filter(({ properties }) => properties.DeadLetterConfig)
    .map((from) =>
      asRole(account, 'function → dead letters', from, from.properties.DeadLetterConfig.TargetArn),
    );

function asRole(account: Account, kind: string, from: Found, to: string): Delivery {
  const role = account.named('AWS::IAM::Role', from.properties.Role)!;
  const action = { 'AWS::SQS::Queue': 'sqs:SendMessage', 'AWS::SNS::Topic': 'sns:Publish' }[
    account.resources.find(({ arn }) => arn === to)?.type ?? ''
  ];
  if (!action)
    return { kind, from: called(from), to, problems: [`no test knows how a function reaches ${to}`] };
  const policies = policiesOn(account, 'AWS::IAM::Policy', 'Roles', role);
  return {
    kind,
    from: called(from),
    to,
    problems: ask(policies, { action, resource: to, context: { 'aws:SecureTransport': 'true' } }),
  };
}

/** Which service takes on the role in which property. */
export const ROLES: readonly (readonly [type: string, property: string, service: string])[] = [
  ['AWS::RDS::DBInstance', 'MonitoringRoleArn', 'monitoring.rds.amazonaws.com'],
  ['AWS::Lambda::Function', 'Role', 'lambda.amazonaws.com'],
  ['AWS::DLM::LifecyclePolicy', 'ExecutionRoleArn', 'dlm.amazonaws.com'],
  ['AWS::IAM::InstanceProfile', 'Roles', 'ec2.amazonaws.com'],
];

const roles = (account: Account): Delivery[] =>
  ROLES.flatMap(([type, property, service]) =>
    account
      .ofType(type)
      .filter(({ properties }) => properties[property] !== undefined)
      .flatMap((from) =>
        [from.properties[property]].flat().map((to) => trust(account, `${type} → role`, from, service, to)),
      ),
  );

/** Every delivery between resources of an app. */
export const deliveries = (account: Account): Delivery[] =>
  [alarms, rules, subscriptions, accessLogs, flowLogs, destinations, deadLetters, roles].flatMap((kind) =>
    kind(account),
  );
