/** A case as SQL that a person can run, and cut down by hand. */
import type { Case } from './case';
import type { Step } from './history';

const steps = (all: readonly Step[]): string[] =>
  all.flatMap((step) =>
    'maintenance' in step
      ? [`${step.maintenance};`]
      : [
          `begin;${step.isCareful ? ' -- each statement after a savepoint' : ''}`,
          ...step.statements.map((statement) => `  ${statement};`),
          `${step.end};`,
        ],
  );

export function printCase({ seed, site, histories, hasGap }: Case): string {
  const { base, before, underWay, old, endings, primary } = histories;
  return [
    `-- seed ${seed}: the schema`,
    ...site.ddl.map((text) => `${text};`),
    '-- rows',
    ...steps(base),
    '-- then',
    ...site.late.map((text) => `${text};`),
    '-- old primary, with a replica, before the fork',
    ...steps(before),
    ...underWay.flatMap((one, number) => [
      `-- connection ${number + 1}: open at the fork`,
      'begin;',
      ...one.before.map((statement) => `  ${statement};`),
    ]),
    '-- old primary after the fork',
    ...[...old, undefined].flatMap((step, at) => [
      ...underWay.flatMap((one, number) =>
        endings[number] === at
          ? [
              `-- connection ${number + 1}, each statement after a savepoint`,
              ...one.after.map((statement) => `  ${statement};`),
              `${one.end};`,
              '-- first connection',
            ]
          : [],
      ),
      ...(step ? steps([step]) : []),
    ]),
    `-- new primary, promoted${hasGap ? '; sequences advanced by 1000' : ''}`,
    ...steps(primary),
  ].join('\n');
}
