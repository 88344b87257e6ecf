import type { Stage } from '../../../lib/stage';
import { app, STAGES, stageTemplates, templatesOf } from '../../support/synthesize';
import { inForce, leftBehind, unread } from './failing';
import { type Happening, happenings, type Template, type Templates } from './order';
import { darkMoments } from './way';

const EMPTY: Templates = new Map();
const made = new Map<Stage, Templates>();
const stage = (name: Stage): Templates => {
  const known =
    made.get(name) ??
    new Map([...stageTemplates(name)].map(([part, template]) => [part, template.toJSON() as Template]));
  made.set(name, known);
  return known;
};

const PAIRS = STAGES.flatMap((from, index) => STAGES.slice(index + 1).map((to) => [from, to] as const));

/** Every resource that the step makes or changes, as the one that fails. */
const faults = (before: Templates, after: Templates): Happening[] =>
  happenings(before, after).filter(({ kind, type }) => kind === 'change' && type !== 'AWS::CDK::Metadata');

/** What stays when a first deployment fails: flow logs are in it by then, and a bucket that is not empty cannot be deleted. */
const STAYS = /^network LogBucket[0-9A-F]{8}$/;
const isInTheWay = (one: string) => !STAYS.test(one);

/** What holds data, or what people outside rely on. */
const PRECIOUS = [
  'AWS::DynamoDB::Table',
  'AWS::EC2::Volume',
  'AWS::EC2::VPC',
  'AWS::EC2::Subnet',
  'AWS::KMS::Key',
  'AWS::RDS::DBInstance',
  'AWS::Route53::HostedZone',
  'AWS::Route53::RecordSet',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
];

/** What CloudFormation would find taken at the next try. */
const NAMES = [
  'LogGroupName',
  'TableName',
  'BucketName',
  'FunctionName',
  'AliasName',
  'DBInstanceIdentifier',
  'QueueName',
];

const STACKS = (after: Templates) => [...after.keys()];

describe.each(STAGES)('a first deployment of %s that fails, whatever fails', (to) => {
  test('can be taken back, and leaves nothing that costs or is in the way but the bucket of logs', () => {
    const after = stage(to);
    const all = faults(EMPTY, after);
    expect(all.length).toBeGreaterThan(40);
    const left = all.map((fault) => ({ fault: fault.id, ...leftBehind(all, EMPTY, after, fault) }));
    expect(left.filter(({ stuck, orphans }) => stuck.length + orphans.filter(isInTheWay).length > 0)).toEqual(
      [],
    );
  });

  test('the stacks before the one that failed stand for themselves', () => {
    const after = stage(to);
    for (const stack of STACKS(after))
      expect([stack, unread(inForce(EMPTY, after, stack))]).toEqual([stack, []]);
  });

  test('what stays has no name that the next try would want', () => {
    for (const { Resources } of stage(to).values()) {
      for (const [id, { DeletionPolicy, Properties }] of Object.entries(Resources)) {
        if (DeletionPolicy !== 'Retain') continue;
        expect([id, NAMES.filter((name) => name in Properties)]).toEqual([id, []]);
      }
    }
  });
});

/** What is wrong after a change in one of the stacks has failed, whichever. */
function harm(before: Templates, after: Templates): string[] {
  const all = faults(before, after);
  const changed = [...new Set(all.map(({ stack }) => stack))];
  return [
    ...changed.flatMap((stack) => {
      const templates = inForce(before, after, stack);
      const removed = happenings(before, templates)
        .filter(({ kind, type }) => kind === 'removal' && PRECIOUS.includes(type))
        .map(({ id }) => `${id} is gone`);
      return [...darkMoments(before, templates), ...unread(templates), ...removed].map(
        (what) => `when ${stack} fails: ${what}`,
      );
    }),
    ...all.flatMap((fault) => {
      const { orphans, stuck } = leftBehind(all, before, after, fault);
      return [...orphans, ...stuck].map((what) => `when ${fault.id} fails: ${what} is left`);
    }),
  ];
}

test.each(PAIRS)(
  'a step from %s to %s that fails, whatever fails: the site still serves, nothing is gone, nothing is left',
  (from, to) => {
    expect(faults(stage(from), stage(to)).length).toBeGreaterThan(5);
    expect(harm(stage(from), stage(to))).toEqual([]);
  },
);

test.each([
  ['another replica', { database: { replicas: 3 } }],
  ['another NAT gateway', { network: { natGateways: 2 } }],
  ['larger servers', { web: { instanceType: 'm7g.large' } }],
  ['rotation', { database: { secretRotationDays: 30 } }],
])('%s: a change that fails leaves everything as it was', (_, settings) => {
  const after = new Map(
    [...templatesOf(app(settings))].map(([part, one]) => [part, one.toJSON() as Template]),
  );
  expect(harm(stage('replicated'), after)).toEqual([]);
});

describe('a deployment that would leave something is seen', () => {
  const changed = (
    change: (resource: { DeletionPolicy?: string; Properties: Record<string, unknown> }) => void,
  ) => {
    const after = new Map(stage('replicated'));
    const data = structuredClone(after.get('data')!);
    const primary = Object.keys(data.Resources).find((id) => id.startsWith('DatabasesPrimary'))!;
    change(data.Resources[primary] as never);
    after.set('data', data);
    const all = faults(EMPTY, after);
    return leftBehind(
      all,
      EMPTY,
      after,
      all.find(({ type }) => type === 'AWS::Events::Rule')!,
    );
  };

  test('protection from the first moment on', () => {
    const { stuck } = changed(({ Properties }) => (Properties['DeletionProtection'] = true));
    expect(stuck).toEqual([expect.stringMatching(/^data DatabasesPrimary/)]);
  });

  test('a resource that is kept', () => {
    const { orphans } = changed((primary) => (primary.DeletionPolicy = 'Retain'));
    expect(orphans).toEqual([expect.stringMatching(/^data DatabasesPrimary/)]);
  });

  test('a value that an earlier stack gives no more', () => {
    const before = stage('split-database');
    const after = new Map(stage('load-balanced'));
    after.set('data', { ...after.get('data')!, Outputs: {} } as Template);
    expect(harm(before, after).join('\n')).toMatch(/when web fails: web reads PublishOutput\w+ of data/);
  });
});
