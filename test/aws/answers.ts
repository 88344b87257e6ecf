/** What AWS would answer, as far as the callers look at it. */
import { instancesOf } from './instances';
import type { Answer, Call } from './recording';
import type { Site } from './site';

export type Answers = Readonly<Record<string, (call: Call, site: Site) => unknown>>;

const accepted = () => ({});

const ANSWERS: Answers = {
  'CloudFormation DescribeStackResources': () => ({ StackResources: [] }),
  'CloudFormation DescribeStacks': (_, site) => ({
    Stacks: [
      {
        StackId: site.stackId('data'),
        StackName: 'mysite-data',
        StackStatus: 'DELETE_IN_PROGRESS',
        Outputs: Object.entries(site.outputs('data')).map(([OutputKey, OutputValue]) => ({
          OutputKey,
          OutputValue,
        })),
      },
    ],
  }),
  'CloudFormation SetStackPolicy': accepted,
  'DynamoDB DeleteItem': accepted,
  'DynamoDB GetItem': accepted,
  'DynamoDB PutItem': accepted,
  'DynamoDB Query': () => ({ Items: [] }),
  'DynamoDB TransactWriteItems': accepted,
  'DynamoDB UpdateItem': accepted,
  'Elastic Load Balancing v2 DescribeTargetHealth': () => ({
    TargetHealthDescriptions: [1, 2].map(() => ({ TargetHealth: { State: 'healthy' } })),
  }),
  'Elastic Load Balancing v2 ModifyLoadBalancerAttributes': accepted,
  'Lambda Invoke': () => ({ StatusCode: 202 }),
  'RDS CreateDBInstanceReadReplica': accepted,
  'RDS DeleteDBInstance': accepted,
  'RDS DescribeDBInstances': ({ input: { DBInstanceIdentifier: named } }, site) => ({
    DBInstances: instancesOf(site).filter((one) => !named || one.DBInstanceIdentifier === named),
  }),
  'RDS ModifyDBInstance': accepted,
  'RDS PromoteReadReplica': accepted,
  'RDS RebootDBInstance': accepted,
  'Route 53 ChangeResourceRecordSets': () => ({ ChangeInfo: { Id: '/change/C0123456789' } }),
  'Route 53 GetChange': () => ({ ChangeInfo: { Status: 'INSYNC' } }),
  'Route 53 ListResourceRecordSets': (_, site) => ({
    IsTruncated: false,
    ResourceRecordSets: site.resources('AWS::Route53::RecordSet').map(({ properties }) => ({
      Name: properties['Name'],
      Type: properties['Type'],
      TTL: Number(properties['TTL']),
      SetIdentifier: properties['SetIdentifier'],
      Weight: properties['Weight'],
      ResourceRecords: (properties['ResourceRecords'] as string[] | undefined)?.map((Value) => ({ Value })),
    })),
  }),
  'S3 GetObject': () => ({ Body: [] }),
  'S3 PutObject': accepted,
  'SNS Publish': accepted,
  'Secrets Manager GetSecretValue': ({ input }, site) => ({
    SecretString: secretText(site, input['SecretId'] as string),
  }),
};

/** A secret's text, with the user name that the template gives it. */
function secretText(site: Site, arn: string): string {
  const secret = site
    .resources('AWS::SecretsManager::Secret')
    .find(({ part, id }) => site.ref(part, id) === arn);
  if (!secret) throw new Error(`The site has no secret ${arn}`);
  const { SecretStringTemplate } = secret.properties['GenerateSecretString'] as {
    SecretStringTemplate: string;
  };
  return JSON.stringify({ ...JSON.parse(SecretStringTemplate), password: 'password' });
}

/** @param other answers instead of the usual ones */
export const answersOf =
  (site: Site, other: Answers = {}): Answer =>
  (call) => {
    const name = `${call.serviceId} ${call.operation}`;
    const answer = other[name] ?? ANSWERS[name];
    if (!answer)
      throw new Error(`${call.caller} asks ${name}, and test/aws/answers.ts has no answer: add one`);
    return answer(call, site);
  };
