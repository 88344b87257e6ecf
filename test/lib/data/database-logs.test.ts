import { replicaName, retiredName } from '../../../lambda/failover/decide/view';
import type { Policy } from '../../../lambda/failover/policy';
import { app, stageTemplates, templatesOf } from '../../support/synthesize';

interface LogGroup {
  readonly LogGroupName: string;
  readonly RetentionInDays?: number;
}

const policy = { name: 'mysite' } as Policy;
const LONGEST = 15;

/** Of databases, by logical ID. */
const logGroups = (template: ReturnType<typeof stageTemplates> extends Map<string, infer T> ? T : never) =>
  new Map(
    Object.entries(template.findResources('AWS::Logs::LogGroup'))
      .map(([id, { Properties }]) => [id, Properties as LogGroup] as const)
      .filter(([, { LogGroupName }]) => LogGroupName?.startsWith('/aws/rds/')),
  );

const dataOf = (replicas: number) => templatesOf(app({ database: { replicas } })).get('data')!;

// RDS makes the group of a replica that the controller has made; a group of the template would exist already.
test('another number of replicas changes no log group', () => {
  const groups = logGroups(stageTemplates('replicated').get('data')!);
  for (const replicas of [1, 3, LONGEST]) expect(logGroups(dataOf(replicas))).toEqual(groups);
});

test('every name that a database may have is there from the start, and forgets as the settings say', () => {
  const groups = [...logGroups(stageTemplates('replicated').get('data')!).values()];
  const names = groups.map(({ LogGroupName }) => LogGroupName);
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const identifiers = [
    'mysite-primary',
    // After a failover as many again are made while the former ones still stand; and one is replaced.
    ...numbers(2 * LONGEST + 1).map((number) => replicaName(policy, number)),
    ...numbers(20).map((number) => retiredName(policy, number)),
  ];
  expect(names.toSorted()).toEqual(
    identifiers
      .flatMap((name) => ['postgresql', 'upgrade'].map((kind) => `/aws/rds/instance/${name}/${kind}`))
      .toSorted(),
  );
  expect(groups.filter(({ RetentionInDays }) => RetentionInDays !== 90)).toEqual([]);
});

test('no database writes before its groups are there', () => {
  const { Resources } = stageTemplates('replicated').get('data')!.toJSON();
  const [primary] = Object.values<{ Type: string; Properties: object; DependsOn?: string[] }>(
    Resources,
  ).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::RDS::DBInstance' && !('SourceDBInstanceIdentifier' in Properties),
  );
  const ids = [...logGroups(stageTemplates('replicated').get('data')!).keys()];
  expect(primary!.DependsOn).toEqual(expect.arrayContaining(ids));
});

test('without replicas the primary alone has them', () => {
  expect(logGroups(stageTemplates('load-balanced').get('data')!).size).toBe(2);
});
