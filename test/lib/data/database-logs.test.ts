/** RDS makes the log group of a name that has none, and keeps what is in it for ever. */
import { RETIRED_NAMES, replicaNames } from '../../../lambda/failover/instance-names';
import { app, templatesOf } from '../../support/synthesize';

const groupsWith = (replicas: number): string[] => {
  const data = templatesOf(app({ stage: 'replicated', 'database.replicas': replicas })).get('data')!;
  return Object.values(data.findResources('AWS::Logs::LogGroup'))
    .map(({ Properties }) => Properties.LogGroupName as string | undefined)
    .filter((name): name is string => name?.startsWith('/aws/rds/') === true);
};

const groupOf = (name: string) => `/aws/rds/instance/mysite-${name}/postgresql`;

test('every name that the controller may give to a database has its groups', () => {
  const groups = groupsWith(2);
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const names = [
    'primary',
    ...numbers(replicaNames(2)).map((number) => `replica-${number}`),
    ...numbers(RETIRED_NAMES).map((number) => `retired-${number}`),
  ];
  expect(groups).toEqual(expect.arrayContaining(names.map(groupOf)));
  expect(groups).toHaveLength(2 * names.length);
});

test('another replica brings groups of names alone that nobody has had', () => {
  const before = groupsWith(2);
  const added = groupsWith(3).filter((group) => !before.includes(group));
  expect(added.sort()).toEqual(
    [replicaNames(2) + 1, replicaNames(2) + 2].flatMap((number) =>
      ['postgresql', 'upgrade'].map((kind) => groupOf(`replica-${number}`).replace('postgresql', kind)),
    ),
  );
});
