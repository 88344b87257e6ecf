import { CfnResource, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { acknowledge, type Scanner, scannerOf } from '../../lib/acknowledge';
import { explanationsOf, inVain, unexplained } from '../support/explanations';

test.each<[string, Scanner]>([
  ['CKV_AWS_157', 'checkov'],
  ['CKV2_AWS_12', 'checkov'],
  ['RDS_MULTI_AZ_SUPPORT', 'guard'],
  ['S3_BUCKET_NO_PUBLIC_RW_ACL', 'guard'],
  ['rds_instance_multi_az_support_check', 'controlTower'],
  ['RDS3', 'nag'],
  ['IAM5[Resource::*]', 'nag'],
])('%s is a rule of %s', (rule, scanner) => {
  expect(scannerOf(rule)).toBe(scanner);
});

const database = (stack: Stack) => {
  const group = new Construct(stack, 'Databases');
  const instance = new Construct(group, 'Primary');
  return {
    group,
    instance,
    resource: new CfnResource(instance, 'Resource', { type: 'AWS::RDS::DBInstance' }),
  };
};

test('what scanners read in the template stands on the resource, one reason for all of them', () => {
  const stack = new Stack();
  const { instance } = database(stack);
  acknowledge(instance, ['RDS3', 'CKV_AWS_157', 'RDS_MULTI_AZ_SUPPORT'], 'It has replicas.');
  acknowledge(instance, ['CKV_AWS_161', 'DB_INSTANCE_BACKUP_ENABLED'], 'It is young.');
  Template.fromStack(stack).hasResource('AWS::RDS::DBInstance', {
    Metadata: {
      checkov: {
        skip: [
          { id: 'CKV_AWS_157', comment: 'It has replicas.' },
          { id: 'CKV_AWS_161', comment: 'It is young.' },
        ],
      },
      guard: { SuppressedRules: ['RDS_MULTI_AZ_SUPPORT', 'DB_INSTANCE_BACKUP_ENABLED'] },
    },
  });
  expect(explanationsOf(stack).map(({ scanner, rule, path }) => `${scanner} ${rule} ${path}`)).toEqual(
    [
      'nag RDS3 Default/Databases/Primary',
      'checkov CKV_AWS_157 Default/Databases/Primary/Resource',
      'guard RDS_MULTI_AZ_SUPPORT Default/Databases/Primary/Resource',
      'checkov CKV_AWS_161 Default/Databases/Primary/Resource',
      'guard DB_INSTANCE_BACKUP_ENABLED Default/Databases/Primary/Resource',
    ].sort(byPlace),
  );
});

/** Constructs come before what is in them. */
const byPlace = (one: string, other: string) =>
  Number(one.endsWith('Resource')) - Number(other.endsWith('Resource'));

test('a construct without a resource of its own has no place for it', () => {
  const { group } = database(new Stack());
  expect(() => acknowledge(group, 'CKV_AWS_157', 'It has replicas.')).toThrow(
    'CKV_AWS_157 is acknowledged for Default/Databases, which has no resource of its own: name the construct that has',
  );
});

test('an explanation holds for its rule, on its construct and below; one that explains nothing is told', () => {
  const stack = new Stack();
  const { group, instance } = database(stack);
  acknowledge(group, 'RDS3', 'It has replicas.');
  acknowledge(instance, 'RDS10', 'It is young.');
  const finding = (rule: string, path: string) => ({
    scanner: 'nag' as const,
    rule,
    path: `Default/${path}`,
  });
  const findings = [
    finding('RDS3', 'Databases/Primary/Resource'),
    finding('RDS3', 'Databases2/Primary/Resource'),
    finding('RDS11', 'Databases/Primary/Resource'),
  ];
  expect(unexplained(findings, explanationsOf(stack))).toEqual([
    'nag RDS3 Default/Databases2/Primary/Resource',
    'nag RDS11 Default/Databases/Primary/Resource',
  ]);
  expect(inVain(findings, explanationsOf(stack))).toEqual(['nag RDS10 Default/Databases/Primary']);
});
