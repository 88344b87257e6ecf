/** What a policy says of one request, by the rules of IAM as far as this blueprint's policies use them. */

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Policy {
  readonly Statement: readonly Statement[];
}

export interface Request {
  /** A service such as `cloudwatch.amazonaws.com`, or the ARN of an account; absent in a policy of a role. */
  readonly principal?: string;
  /** e.g. `sns:Publish` */
  readonly action: string;
  /** Absent where a policy has no resources: the trust of a role. */
  readonly resource?: string;
  /** The condition keys that the caller gives. */
  readonly context: Readonly<Record<string, string>>;
}

const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : ([value].flat() as readonly T[]);

/** `*` for any text, `?` for any character. */
export function like(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}

const OPERATORS: Record<string, (wanted: string, given: string) => boolean> = {
  Bool: (wanted, given) => wanted === given,
  StringEquals: (wanted, given) => wanted === given,
  StringLike: like,
  ArnEquals: like,
  ArnLike: like,
};

/**
 * Whether some policy allows the request and none denies it.
 *
 * @throws Error on a condition operator that it does not know
 */
export function allows(policies: readonly Policy[], request: Request): boolean {
  const matching = policies
    .flatMap(({ Statement }) => list(Statement))
    .filter((statement) => matches(statement, request));
  return (
    matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny')
  );
}

function matches(statement: Statement, { principal, action, resource, context }: Request): boolean {
  return (
    (principal === undefined || isFor(statement.Principal, principal)) &&
    list(statement.Action).some((pattern) => like(pattern.toLowerCase(), action.toLowerCase())) &&
    (resource === undefined || list(statement.Resource).some((pattern) => like(pattern, resource))) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) => holds(operator, keys, context))
  );
}

const isFor = (stated: Statement['Principal'], principal: string): boolean =>
  stated === '*' ||
  Object.values(stated ?? {}).some((each) => list(each).some((one) => one === '*' || one === principal));

function holds(
  operator: string,
  keys: Readonly<Record<string, string | readonly string[]>>,
  context: Request['context'],
): boolean {
  const compare = OPERATORS[operator];
  if (!compare) throw new Error(`no test knows the condition operator ${operator}: add it to policy.ts`);
  return Object.entries(keys).every(
    ([key, wanted]) => key in context && list(wanted).some((each) => compare(each, context[key]!)),
  );
}
