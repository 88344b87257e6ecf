import type { Answer, Operation, Request } from '../../../trial/rds/model/operations';
import { OPERATIONS } from '../../../trial/rds/model/operations';
import { parseRequest } from '../../../trial/rds/protocol/parse';
import { answerXml, errorXml } from '../../../trial/rds/protocol/serialize';
import { RdsError } from '../../../trial/rds/model/errors';
import { parseType, SHAPES } from '../../../trial/rds/protocol/shapes';
import { NEW, World } from './world';

/** Where a value is not as the table of shapes has it. */
function problems(type: string, value: unknown, path: string): string[] {
  const shape = parseType(type);
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((item, index) => problems(shape.of, item, `${path}[${index}]`));
  }
  if (shape.kind === 'structure') {
    const { members } = SHAPES.structures[shape.name]!;
    return Object.entries(value as object)
      .filter(([, content]) => content !== undefined)
      .flatMap(([member, content]) =>
        members[member]
          ? problems(members[member], content, `${path}.${member}`)
          : [`${path}.${member} is not in the API`],
      );
  }
  const fits: Record<string, boolean> = {
    string: typeof value === 'string' && (!shape.values || shape.values.includes(value)),
    boolean: typeof value === 'boolean',
    integer: Number.isInteger(value),
    long: Number.isInteger(value),
    timestamp: value instanceof Date && !Number.isNaN(value.getTime()),
  };
  return fits[shape.name] ? [] : [`${path}: ${String(value)} is no ${type}`];
}

test('what every operation answers has the shape of the API', async () => {
  const world = new World();
  const seen = new Set<Operation>();
  const found: string[] = [];
  const call = async <O extends Operation>(operation: O, request: Request<O>): Promise<Answer<O>> => {
    const answer = await world.model.call(operation, request);
    seen.add(operation);
    const { output } = SHAPES.operations[operation]!;
    if (output) found.push(...problems(output, answer, operation));
    else expect(answer).toBeUndefined();
    return answer;
  };
  const name = { DBInstanceIdentifier: 'site-primary' };
  const ResourceName = 'arn:aws:rds:us-east-1:123456789012:db:site-primary';
  const group = { DBParameterGroupName: 'site' };
  await call('CreateDBParameterGroup', {
    ...group,
    DBParameterGroupFamily: 'postgres17',
    Description: 'of the site',
  });
  await call('ModifyDBParameterGroup', {
    ...group,
    Parameters: [{ ParameterName: 'work_mem', ParameterValue: '8192', ApplyMethod: 'immediate' }],
  });
  await call('DescribeDBParameterGroups', {});
  await call('DescribeDBParameters', group);
  await call('ResetDBParameterGroup', group);
  await call('DeleteDBParameterGroup', group);
  await call('CreateDBInstance', {
    ...NEW,
    KmsKeyId: 'key',
    StorageEncrypted: true,
    MonitoringInterval: 60,
    MonitoringRoleArn: 'arn:aws:iam::123456789012:role/monitoring',
    EnableCloudwatchLogsExports: ['postgresql'],
    AllocatedStorage: 400,
    Iops: 12_000,
    StorageType: 'gp3',
    MaxAllocatedStorage: 1_000,
  });
  await world.pass('create', 'configure', 'configure', 'backup');
  await call('CreateDBInstanceReadReplica', {
    DBInstanceIdentifier: 'one',
    SourceDBInstanceIdentifier: 'site-primary',
  });
  await world.pass('createReplica');
  await call('ModifyDBInstance', {
    ...name,
    DBInstanceClass: 'db.m7g.large',
    AllocatedStorage: 500,
    Iops: 12_000,
    MultiAZ: true,
    MasterUserPassword: 'battery-staple',
    NewDBInstanceIdentifier: 'renamed',
    VpcSecurityGroupIds: ['sg-2'],
  });
  await call('DescribeDBInstances', {});
  await world.pass('modifyPassword');
  await call('RebootDBInstance', name);
  await world.pass('reboot');
  await call('CreateDBSnapshot', { ...name, DBSnapshotIdentifier: 'by-hand' });
  await world.pass('snapshot');
  await call('DescribeDBSnapshots', {});
  await call('DeleteDBSnapshot', { DBSnapshotIdentifier: 'by-hand' });
  await call('RestoreDBInstanceToPointInTime', {
    SourceDBInstanceIdentifier: 'site-primary',
    TargetDBInstanceIdentifier: 'restored',
    UseLatestRestorableTime: true,
  });
  await call('AddTagsToResource', { ResourceName, Tags: [{ Key: 'a', Value: 'b' }] });
  await call('ListTagsForResource', { ResourceName });
  await call('RemoveTagsFromResource', { ResourceName, TagKeys: ['a'] });
  await call('PromoteReadReplica', { DBInstanceIdentifier: 'one' });
  await world.pass('promote', 'backup');
  await call('StopDBInstance', { DBInstanceIdentifier: 'one' });
  await world.pass('stop');
  await call('DescribeDBInstances', {});
  await call('StartDBInstance', { DBInstanceIdentifier: 'one' });
  await call('DeleteDBInstance', { ...name, SkipFinalSnapshot: true });
  await call('DescribeEvents', { Duration: 600 });
  expect([...seen].sort()).toEqual(Object.keys(OPERATIONS).sort());
  expect(found).toEqual([]);
});

test('the check above sees what is wrong', () => {
  const wrong = {
    DBInstances: [{ MultiAZ: 'yes', Colour: 1, ReplicaMode: 'asleep', AllocatedStorage: 0.5 }],
  };
  expect(problems('DBInstanceMessage', wrong, 'x')).toHaveLength(4);
});

test('XML carries what it must escape, and leaves out what it cannot carry', () => {
  const xml = answerXml(
    'ListTagsForResource',
    { TagList: [{ Key: '<&>"', Value: 'a\u0000\u0007b\nc' }] },
    'id',
  );
  expect(xml).toBe(
    '<ListTagsForResourceResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><ListTagsForResourceResult>' +
      '<TagList><Tag><Key>&lt;&amp;&gt;&quot;</Key><Value>ab\nc</Value></Tag></TagList>' +
      '</ListTagsForResourceResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>' +
      '</ListTagsForResourceResponse>',
  );
  expect(() => answerXml('ListTagsForResource', { Taglist: [] }, 'id')).toThrow('TagListMessage.Taglist');
});

test('an operation without an answer has metadata only; an error has its type', () => {
  expect(answerXml('AddTagsToResource', undefined, 'id')).toBe(
    '<AddTagsToResourceResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">' +
      '<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></AddTagsToResourceResponse>',
  );
  expect(errorXml(new RdsError('A', 404, 'b'), 'id')).toContain('<Type>Sender</Type><Code>A</Code>');
  expect(errorXml(new RdsError('A', 500, 'b'), 'id')).toContain('<Type>Receiver</Type>');
});

test.each([
  [
    'lists of structures',
    { 'Tags.Tag.1.Key': 'a', 'Tags.Tag.1.Value': '', 'Tags.Tag.2.Key': 'b' },
    { Tags: [{ Key: 'a', Value: '' }, { Key: 'b' }] },
  ],
  ['lists by the old name', { 'Tags.member.1.Key': 'a' }, { Tags: [{ Key: 'a' }] }],
  ['empty lists', { Tags: '' }, { Tags: [] }],
  [
    'lists of text',
    { 'VpcSecurityGroupIds.VpcSecurityGroupId.1': 'x', 'EnableCloudwatchLogsExports.member.1': 'y' },
    { VpcSecurityGroupIds: ['x'], EnableCloudwatchLogsExports: ['y'] },
  ],
  ['numbers and booleans', { Port: '5432', MultiAZ: 'True' }, { Port: 5432, MultiAZ: true }],
  ['what the API does not know', { Colour: 'red' }, {}],
])('%s are read from a form', (_, fields, expected) => {
  const named = { DBInstanceIdentifier: 'a', DBInstanceClass: 'b', Engine: 'c' };
  const form = new Map(Object.entries({ ...named, ...fields } as Record<string, string>));
  expect(parseRequest('CreateDBInstance', form)).toEqual({ ...named, ...expected });
});
