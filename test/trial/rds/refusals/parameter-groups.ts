/** Parameter groups; what is static and what is dynamic: test/trial/rds/parameters.test.ts. */
import { ACCEPTED, COMBINATION, rows, type Row, VALUE } from './row';

const SITE = 'an account with the groups `site` only';
const NAME = { DBParameterGroupName: 'site' };
const NEW = { DBParameterGroupName: 'new', DBParameterGroupFamily: 'postgres17', Description: 'x' };
const create = rows('CreateDBParameterGroup', SITE, NEW, 'API, CreateDBParameterGroup');
const modify = rows('ModifyDBParameterGroup', SITE, NAME, 'API, ModifyDBParameterGroup');
const reset = rows('ResetDBParameterGroup', SITE, NAME, 'API, ResetDBParameterGroup');
const remove = rows('DeleteDBParameterGroup', SITE, NAME, 'API, DeleteDBParameterGroup');
const FORMULAS = 'guide, "Specifying DB parameters"';
const one = (ParameterName: string, ParameterValue: string, ApplyMethod?: string) => ({
  Parameters: [{ ParameterName, ParameterValue, ...(ApplyMethod && { ApplyMethod }) }],
});

export const PARAMETER_GROUPS: readonly Row[] = [
  create('a group', {}, ACCEPTED),
  create('a name that is taken', { DBParameterGroupName: 'site' }, 'DBParameterGroupAlreadyExists'),
  create(
    'fifty-one tags',
    { Tags: Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' })) },
    VALUE,
  ),
  create('a tag `aws:x`', { Tags: [{ Key: 'aws:x', Value: '' }] }, VALUE),
  create('a family that is none', { DBParameterGroupFamily: 'mysql8.0' }, VALUE),
  modify('a dynamic parameter, at once', one('work_mem', '8192', 'immediate'), ACCEPTED),
  modify('a static parameter, at once', one('max_connections', '50', 'immediate'), COMBINATION, {
    says: /cannot use immediate apply method for static parameter/,
    source: 'tf#216',
  }),
  modify('a static parameter, at the reboot', one('max_connections', '50', 'pending-reboot'), ACCEPTED),
  modify(
    'a formula',
    one('max_connections', 'LEAST({DBInstanceClassMemory/9531392},5000)', 'pending-reboot'),
    ACCEPTED,
    {
      source: FORMULAS,
    },
  ),
  modify('a formula of an unknown variable', one('max_connections', '{Memory/2}', 'pending-reboot'), VALUE, {
    source: FORMULAS,
  }),
  modify(
    'a formula that does not end',
    one('max_connections', '{DBInstanceClassMemory/', 'pending-reboot'),
    VALUE,
    {
      source: FORMULAS,
    },
  ),
  modify('no parameter', { Parameters: [] }, VALUE),
  modify(
    'twenty-one parameters',
    { Parameters: Array.from({ length: 21 }, () => one('work_mem', '8192', 'immediate').Parameters[0]) },
    VALUE,
    { source: 'API, ModifyDBParameterGroup: "A maximum of 20 parameters"' },
  ),
  modify(
    'the default group',
    { DBParameterGroupName: 'default.postgres17', ...one('work_mem', '8192', 'immediate') },
    VALUE,
  ),
  modify(
    'a group that is not there',
    { DBParameterGroupName: 'none', ...one('work_mem', '8192', 'immediate') },
    'DBParameterGroupNotFound',
  ),
  reset('all of it', { ResetAllParameters: true }, ACCEPTED),
  reset('all, and one', { ResetAllParameters: true, ...one('work_mem', '', 'immediate') }, COMBINATION),
  reset(
    'a group that is not there',
    { DBParameterGroupName: 'none', ResetAllParameters: true },
    'DBParameterGroupNotFound',
  ),
  remove('a group that is used', {}, 'InvalidDBParameterGroupState'),
  remove('the default group', { DBParameterGroupName: 'default.postgres17' }, VALUE),
  remove('a group that is not there', { DBParameterGroupName: 'none' }, 'DBParameterGroupNotFound'),
  rows(
    'DescribeDBParameterGroups',
    SITE,
    {},
    'API, DescribeDBParameterGroups',
  )('a group that is not there', { DBParameterGroupName: 'none' }, 'DBParameterGroupNotFound'),
  rows(
    'DescribeDBParameters',
    SITE,
    NAME,
    'API, DescribeDBParameters',
  )('a source that is none', { Source: 'dreams' }, VALUE),
];
