import type {
  CreateDBParameterGroupMessage,
  CreateDBParameterGroupResult,
  DBParameterGroup,
  DBParameterGroupDetails,
  DBParameterGroupNameMessage,
  DBParameterGroupsMessage,
  DeleteDBParameterGroupMessage,
  DescribeDBParameterGroupsMessage,
  DescribeDBParametersMessage,
  ModifyDBParameterGroupMessage,
  Parameter,
  ResetDBParameterGroupMessage,
} from '@aws-sdk/client-rds';
import * as check from '../checks';
import type { Core } from '../core';
import {
  invalidParameterCombination,
  invalidParameterGroupState,
  invalidParameterValue,
  parameterGroupExists,
  parameterGroupQuotaExceeded,
} from '../errors';
import { filtered } from '../filters';
import { page } from '../paging';
import {
  allGroups,
  DEFAULT_GROUP,
  FAMILY,
  findGroup,
  groupChanged,
  instancesIn,
  isStatic,
} from '../parameter-groups';
import { checkValue, modifiable, PARAMETER_NAMES, parameterKind } from '../parameters';
import type { ParameterGroup } from '../state';
import { withTags } from '../tags';

/** Guide, "Quotas in Amazon RDS": parameter groups. */
const GROUP_QUOTA = 50;
/** API, ModifyDBParameterGroup and ResetDBParameterGroup: parameters in a request. */
const MOST_PARAMETERS = 20;

export async function createDBParameterGroup(
  core: Core,
  request: CreateDBParameterGroupMessage,
): Promise<CreateDBParameterGroupResult> {
  const name = groupName(check.given(request.DBParameterGroupName, 'DBParameterGroupName'));
  const family = check.given(request.DBParameterGroupFamily, 'DBParameterGroupFamily');
  const description = check.given(request.Description, 'Description');
  // The words: terraform-aws-modules/terraform-aws-rds#173.
  if (family !== FAMILY) {
    throw invalidParameterValue(`ParameterGroupFamily ${family} is not a valid parameter group family`);
  }
  if (allGroups(core).some((group) => group.name === name)) throw parameterGroupExists(name);
  if (core.state.parameterGroups.length >= GROUP_QUOTA) {
    throw parameterGroupQuotaExceeded('Parameter group quota exceeded');
  }
  const group: ParameterGroup = {
    name,
    family,
    description,
    values: {},
    tags: withTags([], request.Tags ?? []),
  };
  core.state.parameterGroups.push(group);
  core.changed();
  return { DBParameterGroup: groupView(core, group) };
}

/** @returns the name as RDS keeps it, in small letters */
function groupName(value: string): string {
  if (!/^[a-z](?:-?[a-z0-9])*$/i.test(value) || value.length > 255) {
    throw invalidParameterValue(
      'The parameter DBParameterGroupName is not a valid identifier. Identifiers must begin with a letter; must ' +
        'contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
    );
  }
  return value.toLowerCase();
}

/** Of its own, not the default one. The words: ankane/pghero#66. */
function changeable(core: Core, given: string | undefined): ParameterGroup {
  const group = findGroup(core, check.given(given, 'DBParameterGroupName'));
  if (group.name === DEFAULT_GROUP) throw invalidParameterValue('Cannot modify a default parameter group.');
  return group;
}

export async function deleteDBParameterGroup(
  core: Core,
  request: DeleteDBParameterGroupMessage,
): Promise<void> {
  const group = changeable(core, request.DBParameterGroupName);
  if (instancesIn(core, group).length > 0) {
    throw invalidParameterGroupState(
      'One or more database instances are still members of this parameter group.',
    );
  }
  core.state.parameterGroups = core.state.parameterGroups.filter((other) => other !== group);
  core.changed();
}

export async function modifyDBParameterGroup(
  core: Core,
  request: ModifyDBParameterGroupMessage,
): Promise<DBParameterGroupNameMessage> {
  const group = changeable(core, request.DBParameterGroupName);
  const changes = listed(check.given(request.Parameters, 'Parameters')).map((parameter) => {
    const { name, applyMethod } = namedIn(parameter);
    const value = check.given(parameter.ParameterValue, 'ParameterValue');
    checkValue(name, value);
    return { name, value, applyMethod };
  });
  if (changes.length === 0) throw invalidParameterValue('The parameter Parameters must be provided.');
  group.values = {
    ...group.values,
    ...Object.fromEntries(changes.map(({ name, value, applyMethod }) => [name, { value, applyMethod }])),
  };
  changed(core, group, changes);
  return { DBParameterGroupName: group.name };
}

/** "By default, all parameters in the DB parameter group are reset" (API, ResetAllParameters). */
export async function resetDBParameterGroup(
  core: Core,
  request: ResetDBParameterGroupMessage,
): Promise<DBParameterGroupNameMessage> {
  const group = changeable(core, request.DBParameterGroupName);
  const given = listed(request.Parameters ?? []);
  if (request.ResetAllParameters && given.length > 0) {
    throw invalidParameterCombination('ResetAllParameters and Parameters cannot be specified together.');
  }
  if (request.ResetAllParameters === false && given.length === 0) {
    throw invalidParameterValue('Parameters must be provided when ResetAllParameters is false.');
  }
  const resets =
    given.length > 0
      ? given.map(namedIn)
      : Object.keys(group.values).map((name) => ({
          name,
          applyMethod: isStatic(name) ? ('pending-reboot' as const) : ('immediate' as const),
        }));
  const names = new Set(resets.map(({ name }) => name));
  const before = group.values;
  group.values = Object.fromEntries(Object.entries(before).filter(([name]) => !names.has(name)));
  changed(
    core,
    group,
    resets.filter(({ name }) => name in before),
  );
  return { DBParameterGroupName: group.name };
}

function listed(parameters: readonly Parameter[]): readonly Parameter[] {
  if (parameters.length <= MOST_PARAMETERS) return parameters;
  throw invalidParameterValue(`At most ${MOST_PARAMETERS} parameters can be modified in a single request.`);
}

/** @throws RdsError InvalidParameterCombination as in terraform-provider-aws#216 */
function namedIn({ ParameterName, ApplyMethod: applyMethod }: Parameter) {
  const name = check.given(ParameterName, 'ParameterName');
  const { isStatic: isStaticOne } = modifiable(name);
  if (applyMethod === undefined)
    throw invalidParameterValue(`The parameter ApplyMethod of ${name} must be provided.`);
  if (applyMethod === 'immediate' && isStaticOne) {
    throw invalidParameterCombination('cannot use immediate apply method for static parameter');
  }
  return { name, applyMethod };
}

function changed(
  core: Core,
  group: ParameterGroup,
  changes: readonly { readonly name: string; readonly applyMethod: string }[],
): void {
  const atOnce = changes.filter(({ applyMethod }) => applyMethod === 'immediate');
  groupChanged(
    core,
    group,
    changes.map(({ name }) => name),
    atOnce.map(({ name }) => name),
  );
}

const groupView = (core: Core, group: ParameterGroup): DBParameterGroup => ({
  DBParameterGroupName: group.name,
  DBParameterGroupFamily: group.family,
  Description: group.description,
  DBParameterGroupArn: core.arn('pg', group.name),
});

export async function describeDBParameterGroups(
  core: Core,
  request: DescribeDBParameterGroupsMessage,
): Promise<DBParameterGroupsMessage> {
  const name = request.DBParameterGroupName;
  const found = name ? [findGroup(core, name)] : allGroups(core);
  const sorted = found.sort((one, other) => (one.name < other.name ? -1 : 1));
  const { items, marker } = page(sorted, (group) => group.name, request);
  return { Marker: marker, DBParameterGroups: items.map((group) => groupView(core, group)) };
}

/** Values of the defaults are left out: many of RDS's are formulas over a class that the trial does not have. */
export async function describeDBParameters(
  core: Core,
  request: DescribeDBParametersMessage,
): Promise<DBParameterGroupDetails> {
  const group = findGroup(core, check.given(request.DBParameterGroupName, 'DBParameterGroupName'));
  const { Source: source } = request;
  if (source !== undefined && !['user', 'system', 'engine-default'].includes(source)) {
    throw invalidParameterValue(`Invalid source: ${source}. Valid values: user, system, engine-default`);
  }
  const all = PARAMETER_NAMES.map((name) => parameterView(group, name));
  const found = filtered(all, request.Filters, {
    'parameter-name': ({ ParameterName }) => [ParameterName!],
  }).filter((parameter) => !source || parameter.Source === source);
  const { items, marker } = page(found, ({ ParameterName }) => ParameterName!, request);
  return { Marker: marker, Parameters: [...items] };
}

function parameterView({ values }: ParameterGroup, name: string): Parameter {
  const { isStatic: isStaticOne, type, allowed, isModifiable } = parameterKind(name)!;
  const set = values[name];
  return {
    ParameterName: name,
    ParameterValue: set?.value,
    Source: set ? 'user' : name.startsWith('rds.') ? 'system' : 'engine-default',
    ApplyType: isStaticOne ? 'static' : 'dynamic',
    DataType: type,
    AllowedValues: allowed,
    IsModifiable: isModifiable,
    ApplyMethod: set?.applyMethod ?? 'pending-reboot',
  };
}
