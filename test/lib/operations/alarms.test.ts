import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from '../../../lambda/failover/metrics';
import type { Stage } from '../../../lib/stage';
import { stageTemplates, STAGES } from '../../support/synthesize';

/* eslint-disable @typescript-eslint/no-explicit-any -- templates are anything */

const RUNBOOK = readFileSync(resolve(__dirname, '../../../docs/alarms.md'), 'utf8');

const alarmsOf = (stage: Stage): any[] =>
  Object.values(stageTemplates(stage).get('operations')!.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties,
  );

const named = (name: string): any => {
  const found = alarmsOf('replicated').find(({ AlarmName }) => AlarmName === `mysite-${name}`);
  expect(found).toBeDefined();
  return found;
};

test.each(STAGES)('each alarm of %s leads to what the runbook says of it, with its severity', (stage) => {
  for (const { AlarmDescription } of alarmsOf(stage)) {
    const [, severity, section] =
      /^(critical|warning): .* What to do: docs\/alarms\.md#(\S+)$/.exec(AlarmDescription) ?? [];
    expect([AlarmDescription, RUNBOOK.includes(`\n## ${section}\n\n_${severity}._ `)]).toEqual([
      AlarmDescription,
      true,
    ]);
  }
});

test('every section of the runbook is of an alarm', () => {
  const sections = [...RUNBOOK.matchAll(/^## (\S+)$/gm)].map(([, section]) => section);
  const descriptions = STAGES.flatMap(alarmsOf).map(({ AlarmDescription }) => AlarmDescription);
  expect(sections.filter((section) => !descriptions.some((text) => text.endsWith(`#${section}`)))).toEqual(
    [],
  );
});

describe('errors', () => {
  const { Metrics } = named('errors');
  const expression: string = Metrics.find((each: any) => each.Expression).Expression;

  /** The value of the expression in a minute; what is undefined was not reported. */
  function percent(minute: { requests?: number; own?: number; target?: number }): number {
    const fill = (value: number | undefined, otherwise: number) => value ?? otherwise;
    const choose = (condition: boolean, yes: number, no: number) => (condition ? yes : no);
    return new Function('FILL', 'IF', 'requests', 'own', 'target', `return ${expression}`)(
      fill,
      choose,
      minute.requests,
      minute.own,
      minute.target,
    );
  }

  test.each([
    ['nobody asked', {}, 0, 0],
    ['all is well', { requests: 1000 }, 0, 0],
    ['no server could be chosen, so that no request is counted', { own: 50 }, 100, 100],
    ['half of them found no server', { requests: 50, own: 50 }, 50, 50],
    ['the site answers 5xx', { requests: 200, target: 3 }, 1.5, 1.5],
    ['time-outs are in both counts', { requests: 1000, own: 20 }, 1.9, 2],
  ])('%s', (_, minute, least, most) => {
    expect(percent(minute)).toBeGreaterThanOrEqual(least);
    expect(percent(minute)).toBeLessThanOrEqual(most);
  });

  test('more than one in a hundred rings', () => {
    expect(named('errors')).toMatchObject({ Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' });
  });
});

describe('of the failover controller', () => {
  const own = { Namespace: METRIC_NAMESPACE, Dimensions: [{ Name: METRIC_DIMENSION, Value: 'mysite' }] };

  test('a critical state is told at once, by the metric that the controller emits', () => {
    expect(named('failover-state')).toMatchObject({
      ...own,
      MetricName: METRICS.criticalState,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      Period: 60,
      EvaluationPeriods: 1,
    });
  });

  test('a refused change, and healing that does not end, within five minutes', () => {
    expect(named('failover-stalled')).toMatchObject({
      ...own,
      MetricName: METRICS.stalled,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      Period: 60,
      EvaluationPeriods: 5,
    });
  });

  test('fewer fit replicas than the settings want, at no moment of half an hour', () => {
    const { Period, EvaluationPeriods, ...alarm } = named('replicas-missing');
    expect(alarm).toMatchObject({
      ...own,
      MetricName: METRICS.fitReplicas,
      Statistic: 'Maximum',
      Threshold: 2,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'ignore',
    });
    expect(Period * EvaluationPeriods).toBe(30 * 60);
  });

  test('an old primary that waits, after a day', () => {
    const { Period, EvaluationPeriods, ...alarm } = named('old-primary-waits');
    expect(alarm).toMatchObject({ ...own, MetricName: METRICS.retiredPrimaries, TreatMissingData: 'ignore' });
    expect(Period * EvaluationPeriods).toBe(24 * 3600);
  });

  test('one that does not run: no start for five minutes, and silence counts', () => {
    expect(named('failover-not-running')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Invocations',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 5,
      TreatMissingData: 'breaching',
    });
  });

  test('starts that came to nothing', () => {
    expect(named('failover-not-delivered')).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 0,
      EvaluationPeriods: 1,
    });
  });

  test('the dashboard has every metric that it emits, but those that are alarms only', () => {
    const boards = stageTemplates('replicated')
      .get('operations')!
      .findResources('AWS::CloudWatch::Dashboard');
    const body = JSON.stringify(boards);
    const missing = Object.values(METRICS).filter(
      (metric) => !body.includes(`\\"${METRIC_NAMESPACE}\\",\\"${metric}\\"`),
    );
    expect(missing).toEqual([METRICS.criticalState, METRICS.stalled]);
  });

  test.each(STAGES.filter((stage) => stage !== 'replicated'))('there is none at %s', (stage) => {
    expect(alarmsOf(stage).filter(({ AlarmName }) => /failover|old-primary/.test(AlarmName))).toEqual([]);
  });
});
