/**
 * What a role's policies allow, by IAM's rules for identity policies of one account: a Deny is stronger, and what no
 * statement allows is denied (IAM guide, "Policy evaluation logic"). Operators and elements that no template uses are
 * refused, so that nobody takes them for evaluated.
 */
import type { Site } from './site';

/** What one call asks IAM for. A call may ask several times. */
export interface Need {
  /** `rds:DeleteDBInstance` */
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request beyond those that every request has. */
  readonly context?: Readonly<Record<string, readonly string[]>>;
}

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly Condition[];
}

export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export interface RolePolicies {
  readonly statements: readonly Statement[];
  /** Names of policies that AWS keeps. */
  readonly managed: readonly string[];
}

const ELEMENTS = ['Sid', 'Effect', 'Action', 'Resource', 'Condition'];

const all = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/**
 * @param part of the stack that has the role
 * @param role its logical id
 * @throws Error when a statement has an element that is not evaluated here
 */
export function policiesOf(site: Site, part: string, role: string): RolePolicies {
  const name = site.ref(part, role);
  const own = site.resources('AWS::IAM::Role').find((one) => one.part === part && one.id === role)!;
  const attached = site
    .resources('AWS::IAM::Policy')
    .filter(({ properties }) => (properties['Roles'] as readonly string[]).includes(name));
  const inline = all(own.properties['Policies'] as { PolicyDocument: object }[] | undefined);
  const documents = [
    ...attached.map(({ properties }) => properties['PolicyDocument']),
    ...inline.map((one) => one.PolicyDocument),
  ];
  return {
    statements: documents.flatMap((document) =>
      all((document as { Statement: object | object[] }).Statement).map(statementOf),
    ),
    managed: all(own.properties['ManagedPolicyArns'] as readonly string[] | undefined).map(
      (arn) => arn.split(':policy/')[1]!,
    ),
  };
}

export function statementOf(given: object): Statement {
  const unknown = Object.keys(given).filter((element) => !ELEMENTS.includes(element));
  if (unknown.length > 0)
    throw new Error(`A statement has ${unknown.join(', ')}: test/aws/policy.ts does not evaluate it`);
  const {
    Effect,
    Action,
    Resource,
    Condition = {},
  } = given as {
    Effect: Statement['effect'];
    Action: string | string[];
    Resource: string | string[];
    Condition?: Record<string, Record<string, string | string[]>>;
  };
  return {
    effect: Effect,
    actions: all(Action),
    resources: all(Resource),
    conditions: Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({ operator, key, values: all(values) })),
    ),
  };
}

export function isAllowed(statements: readonly Statement[], need: Need): boolean {
  const matching = statements.filter((one) => matches(one, need));
  return (
    matching.some(({ effect }) => effect === 'Allow') && !matching.some(({ effect }) => effect === 'Deny')
  );
}

export const matches = ({ actions, resources, conditions }: Statement, need: Need): boolean =>
  actions.some((action) => isLike(action, need.action, 'i')) &&
  resources.some((resource) => isLike(resource, need.resource)) &&
  conditions.every((condition) => isMet(condition, need));

/** `*` is any text and `?` any letter. */
export function isLike(pattern: string, text: string, flags = ''): boolean {
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
function isMet({ operator, key, values }: Condition, { context = {} }: Need): boolean {
  const [, set, name] = /^(?:(ForAllValues|ForAnyValue):)?(.*)$/.exec(operator) as unknown as [
    string,
    string?,
    string?,
  ];
  const compare = OPERATORS[name ?? ''];
  if (!compare) throw new Error(`test/aws/policy.ts does not know the operator ${operator}`);
  const given = Object.entries(context).find(([one]) => one.toLowerCase() === key.toLowerCase())?.[1] ?? [];
  const fits = (one: string) => values.some((value) => compare(value, one));
  if (set === 'ForAllValues') return given.every(fits);
  return given.some(fits);
}
