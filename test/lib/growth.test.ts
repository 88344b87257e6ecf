import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import type { Template } from 'aws-cdk-lib/assertions';
import { app, stageTemplates, STAGES, templatesOf } from '../support/synthesize';

/** What holds data, or what people outside rely on: never replaced, never removed, whatever grows. */
const PRECIOUS = [
  'AWS::DynamoDB::Table',
  'AWS::EC2::Volume',
  'AWS::EC2::VPC',
  'AWS::EC2::Subnet',
  'AWS::KMS::Key',
  'AWS::RDS::DBInstance',
  'AWS::Route53::HostedZone',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
];

/**
 * What stands for a service that must go on: changed in place, if at all. The lone server's group is another than that of
 * the fleet, and goes last (growth/way.test.ts).
 */
const LASTING = ['AWS::AutoScaling::AutoScalingGroup', 'AWS::EC2::SecurityGroup', 'AWS::Route53::RecordSet'];
const SUCCEEDED = /^(VpcSecretsEndpointGroup|LoneFleetGroup)/;

const GONE = [
  ResourceImpact.WILL_REPLACE,
  ResourceImpact.MAY_REPLACE,
  ResourceImpact.WILL_DESTROY,
  ResourceImpact.WILL_ORPHAN,
];

type Templates = ReadonlyMap<string, Template>;

interface Change {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly impact: ResourceImpact;
}

/** Every change of a resource that is there before the step. A stack that is gone is a change of all it had. */
function changes(before: Templates, after: Templates): Change[] {
  return [...before].flatMap(([stack, template]) => {
    const diff = fullDiff(template.toJSON(), after.get(stack)?.toJSON() ?? {});
    return Object.entries(diff.resources.changes)
      .filter(([, change]) => change.oldValue !== undefined)
      .map(([logicalId, change]) => ({
        stack,
        logicalId,
        type: change.oldValue!.Type,
        impact: change.changeImpact,
      }));
  });
}

const goneOf = (types: readonly string[], found: readonly Change[]) =>
  found.filter(({ type, impact }) => types.includes(type) && GONE.includes(impact));

const STEPS = STAGES.slice(1).map((stage, index) => [STAGES[index]!, stage] as const);

describe.each(STEPS)('growing from %s to %s', (from, to) => {
  const before = stageTemplates(from);
  const after = stageTemplates(to);
  const found = changes(before, after);

  test('replaces and removes nothing that holds data', () => {
    expect(goneOf(PRECIOUS, found)).toEqual([]);
  });

  test('changes fleet, security groups and records in place, or has others succeed them', () => {
    // A NAT gateway replaces the endpoint's way to Secrets Manager (lib/network/secrets-endpoint.ts).
    const others = found.filter(({ logicalId }) => !SUCCEEDED.test(logicalId));
    expect(goneOf(LASTING, others)).toEqual([]);
  });

  test('keeps the name of the site as one record', () => {
    const records = (templates: Templates) =>
      Object.keys(templates.get('web')!.findResources('AWS::Route53::RecordSet'));
    expect(records(before)).toHaveLength(1);
    expect(records(after)).toEqual(records(before));
  });

  test('what else goes is known', () => {
    expect(
      found
        .filter(({ impact }) => GONE.includes(impact))
        .map(({ type, logicalId, impact }) => `${type} ${logicalId} ${impact}`),
    ).toMatchSnapshot();
  });
});

describe('growing within a stage', () => {
  const OTHERS = [
    ['a third zone', { network: { zones: 3 } }],
    ['another NAT gateway', { network: { natGateways: 2 } }],
    ['another replica', { database: { replicas: 3 } }],
    ['larger instances', { database: { instanceType: 'db.r7g.large' }, web: { instanceType: 'm7g.large' } }],
    ['more storage', { database: { storageGiB: 200, maxStorageGiB: 1000 } }],
    ['rotation', { database: { secretRotationDays: 30 } }],
    ['a mail address', { alarms: { email: 'someone@mysite.com' } }],
    ['another policy of failover', { failover: { fencing: 'best-effort', detectAfterSeconds: 60 } }],
    ['a tag', { tags: { team: 'web' } }],
  ] as const;

  test.each(OTHERS)('%s replaces and removes nothing that holds data', (_, settings) => {
    const before = stageTemplates('replicated');
    const after = templatesOf(app(settings));
    const found = changes(before, after);
    expect(goneOf([...PRECIOUS, ...LASTING], found)).toEqual([]);
  });
});

// The registry lists MultiAZ among the properties that may replace, under conditions that it does not tell; RDS itself
// changes it in place ("doesn't result in an outage": API reference, ModifyDBInstance, MultiAZ).
test('a standby changes the primary by this one property', () => {
  const before = stageTemplates('replicated').get('data')!.toJSON();
  const after = templatesOf(app({ database: { multiAz: true } }))
    .get('data')!
    .toJSON();
  const changed = Object.entries(fullDiff(before, after).resources.changes).map(([logicalId, change]) =>
    [logicalId.replace(/[0-9A-F]{8}$/, ''), ...Object.keys(change.propertyUpdates)].join(' '),
  );
  // The controller is told, so that a promoted replica gets one too.
  expect(changed).toEqual([
    'DatabasesPrimary MultiAZ',
    'FailoverFunction Environment',
    'ReleaseDatabasesFunction Environment',
  ]);
});

test('a change that would replace a database is seen', () => {
  const before = stageTemplates('replicated');
  const after = templatesOf(app({ name: 'other' }));
  expect(goneOf(PRECIOUS, changes(before, after)).map(({ type }) => type)).toContain('AWS::RDS::DBInstance');
});
