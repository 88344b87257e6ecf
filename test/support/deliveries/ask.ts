import { ACCOUNT_ID, type Account, type Found } from './account';
import { type Document, isAllowed, type Request, statementsIn } from '../policy';

/** Something that one resource sends to another, and why it would not arrive. */
export interface Delivery {
  /** e.g. `alarm → topic` */
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly problems: readonly string[];
}

export const called = ({ stack, id }: Found): string => `${stack}/${id}`;

/** What a service tells of itself when it acts for a resource of this account. */
export const onBehalfOf = (sourceArn: string): Request['context'] => ({
  'aws:SourceArn': sourceArn,
  'aws:SourceAccount': ACCOUNT_ID,
  'aws:SecureTransport': 'true',
});

/** The policies of `type` that stand on `target`, whose list of targets is the property `where`. */
export const policiesOn = (account: Account, type: string, where: string, target: Found): Document[] =>
  account
    .ofType(type)
    .filter(({ properties }) =>
      [properties[where]].flat().some((each) => each === target.ref || each === target.arn),
    )
    .map(({ properties }) => properties.PolicyDocument);

export const ask = (policies: readonly Document[], request: Request): string[] =>
  isAllowed(statementsIn(policies), request)
    ? []
    : [
        `no policy allows ${request.principal ?? 'the role'} ${request.action}${request.resource ? ` on ${request.resource}` : ''}`,
      ];

/** Topics and queues may be encrypted: then the key must know the service as well. */
function keyProblems(account: Account, target: Found, service: string): string[] {
  const id: string | undefined = target.properties.KmsMasterKeyId;
  if (id === undefined) return [];
  const key = account.named('AWS::KMS::Key', id);
  if (!key) return [`${called(target)} is under the key ${id}, which admits no service`];
  return ['kms:Decrypt', 'kms:GenerateDataKey'].flatMap((action) =>
    // Without a context: what a service tells KMS of its caller is not documented.
    ask([key.properties.KeyPolicy], { principal: service, action, resource: key.arn, context: {} }),
  );
}

/** Asks the policies of what has the ARN `to` whether `service` may send to it in the name of `from`. */
export function send(account: Account, kind: string, from: Found, service: string, to: string): Delivery {
  const target = account.resources.find(({ arn }) => arn === to);
  const delivery = { kind, from: called(from), to: target ? called(target) : to };
  const request = { principal: service, context: onBehalfOf(from.arn) };
  if (target?.type === 'AWS::SNS::Topic') {
    const policies = policiesOn(account, 'AWS::SNS::TopicPolicy', 'Topics', target);
    const problems = ask(policies, { ...request, action: 'sns:Publish', resource: target.arn });
    return { ...delivery, problems: [...problems, ...keyProblems(account, target, service)] };
  }
  if (target?.type === 'AWS::SQS::Queue') {
    const policies = policiesOn(account, 'AWS::SQS::QueuePolicy', 'Queues', target);
    const problems = ask(policies, { ...request, action: 'sqs:SendMessage', resource: target.arn });
    return { ...delivery, problems: [...problems, ...keyProblems(account, target, service)] };
  }
  if (target?.type === 'AWS::Lambda::Function') {
    const allowed = account
      .ofType('AWS::Lambda::Permission')
      .some(
        ({ properties: { Action, FunctionName, Principal, SourceArn } }) =>
          Action === 'lambda:InvokeFunction' &&
          [target.arn, target.ref].includes(FunctionName) &&
          Principal === service &&
          (SourceArn === undefined || SourceArn === from.arn),
      );
    return { ...delivery, problems: allowed ? [] : [`no permission lets ${service} call ${target.arn}`] };
  }
  return { ...delivery, problems: [`no test knows how ${service} reaches ${to}`] };
}

/** Whether `service` may take on the role with this ARN or name. */
export function trust(account: Account, kind: string, from: Found, service: string, to: string): Delivery {
  const role = account.named('AWS::IAM::Role', to);
  const problems = role
    ? ask([role.properties.AssumeRolePolicyDocument], {
        principal: service,
        action: 'sts:AssumeRole',
        context: {},
      })
    : [`no role of this app is ${to}`];
  return { kind, from: called(from), to: role ? called(role) : to, problems };
}
