/**
 * What policies say of a request, by IAM's rules within one account: a Deny is stronger, and what no statement allows is
 * denied (IAM guide, "Policy evaluation logic"). Operators and elements that no template uses are refused, so that nobody
 * takes them for evaluated.
 */

/** What is asked of IAM, or of the policy of a resource. */
export interface Request {
  /** A service such as `cloudwatch.amazonaws.com`, or the ARN of an account; absent where a role asks. */
  readonly principal?: string;
  /** `rds:DeleteDBInstance` */
  readonly action: string;
  /** Absent where a policy has no resources: the trust of a role. */
  readonly resource?: string;
  /** Condition keys of the request beyond those that every request has. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** `*`, services and ARNs; none in a policy of a role. */
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly Condition[];
}

export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** As a template has it, with every reference followed. */
export interface Document {
  readonly Statement: object | readonly object[];
}

const ELEMENTS = ['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'];

export const all = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

export const statementsIn = (documents: readonly Document[]): Statement[] =>
  documents.flatMap(({ Statement }) => all(Statement).map(statementOf));

/** @throws Error when it has an element that is not evaluated here */
export function statementOf(given: object): Statement {
  const unknown = Object.keys(given).filter((element) => !ELEMENTS.includes(element));
  if (unknown.length > 0)
    throw new Error(`A statement has ${unknown.join(', ')}: test/support/policy.ts does not evaluate it`);
  const {
    Effect,
    Principal = {},
    Action,
    Resource,
    Condition = {},
  } = given as {
    Effect: Statement['effect'];
    Principal?: string | Record<string, string | string[]>;
    Action: string | string[];
    Resource?: string | string[];
    Condition?: Record<string, Record<string, string | string[]>>;
  };
  return {
    effect: Effect,
    principals:
      typeof Principal === 'string' ? [Principal] : Object.values(Principal).flatMap((one) => all(one)),
    actions: all(Action),
    resources: all(Resource),
    conditions: Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({ operator, key, values: all(values) })),
    ),
  };
}

/** @throws Error on a condition operator that is not evaluated here */
export function isAllowed(statements: readonly Statement[], request: Request): boolean {
  const matching = statements.filter((one) => matches(one, request));
  return (
    matching.some(({ effect }) => effect === 'Allow') && !matching.some(({ effect }) => effect === 'Deny')
  );
}

export const matches = (statement: Statement, { principal, action, resource, context }: Request): boolean =>
  (principal === undefined || statement.principals.some((one) => one === '*' || one === principal)) &&
  statement.actions.some((one) => isLike(one, action, 'i')) &&
  (resource === undefined || statement.resources.some((one) => isLike(one, resource))) &&
  statement.conditions.every((condition) => isMet(condition, context));

/** `*` is any text and `?` any letter. */
function isLike(pattern: string, text: string, flags = ''): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`).test(text);
}

type Compare = (value: string, given: string) => boolean;

const OPERATORS: Readonly<Record<string, Compare>> = {
  StringEquals: (value, given) => value === given,
  StringLike: isLike,
  ArnLike: isLike,
  ArnEquals: isLike,
  Bool: (value, given) => value === given,
};

/** Condition keys are no matter of case (IAM guide, "Condition"). */
function isMet({ operator, key, values }: Condition, context: Request['context'] = {}): boolean {
  const [, set, name] = /^(?:(ForAllValues|ForAnyValue):)?(.*)$/.exec(operator) as unknown as [
    string,
    string?,
    string?,
  ];
  const compare = OPERATORS[name ?? ''];
  if (!compare) throw new Error(`test/support/policy.ts does not know the operator ${operator}`);
  const given = all(Object.entries(context).find(([one]) => one.toLowerCase() === key.toLowerCase())?.[1]);
  const fits = (one: string) => values.some((value) => compare(value, one));
  if (set === 'ForAllValues') return given.every(fits);
  return given.some(fits);
}
