/** DynamoDB: a transaction needs the rights of what is in it (guide, "Using IAM with transactions"). */
import type { NeedsOf } from './needs';

type Attributes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A request, or one action of a transaction. */
interface Access {
  readonly TableName: string;
  readonly Key?: Attributes;
  readonly Item?: Attributes;
  readonly ExpressionAttributeValues?: Attributes;
  readonly KeyConditionExpression?: string;
}

/** Partition key of the one table that there is. */
const PARTITION_KEY = 'part';

/**
 * `dynamodb:LeadingKeys` are the partition keys that are touched, `dynamodb:Attributes` the names of the attributes
 * (guide, "Using IAM policy conditions for fine-grained access control").
 */
const need =
  (action: string): NeedsOf =>
  (input, site) => [needOf(action, input as unknown as Access, (rest) => site.arn('dynamodb', rest))];

function needOf(action: string, access: Access, arn: (rest: string) => string) {
  const { TableName, Key, Item, ExpressionAttributeValues = {} } = access;
  const key = (Key ?? Item)?.[PARTITION_KEY] ?? ExpressionAttributeValues[`:${PARTITION_KEY}`];
  if (!key)
    throw new Error(`${action} on ${TableName}: its partition key is not found: ${JSON.stringify(access)}`);
  return {
    action: `dynamodb:${action}`,
    resource: arn(`table/${TableName}`),
    context: {
      'dynamodb:LeadingKeys': [String(Object.values(key)[0])],
      ...(Item && { 'dynamodb:Attributes': Object.keys(Item) }),
    },
  };
}

type Transacted = Readonly<Record<'Put' | 'Update' | 'Delete' | 'ConditionCheck', Access | undefined>>;

const ACTIONS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
} as const;

export const dynamodbNeeds: Readonly<Record<string, NeedsOf>> = {
  ...Object.fromEntries(
    ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'].map((action) => [
      `dynamodb:${action}`,
      need(action),
    ]),
  ),
  'dynamodb:TransactWriteItems': (input, site) =>
    (input['TransactItems'] as readonly Transacted[]).flatMap((item) =>
      Object.entries(ACTIONS).flatMap(([kind, action]) => {
        const access = item[kind as keyof typeof ACTIONS];
        return access ? [needOf(action, access, (rest) => site.arn('dynamodb', rest))] : [];
      }),
    ),
};
