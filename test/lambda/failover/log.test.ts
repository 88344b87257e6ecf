import { failoverLog } from '../../../lambda/failover/log';

const logged = () => {
  const lines: string[] = [];
  const log = failoverLog(
    'mysite',
    (line) => lines.push(line),
    () => 0,
  );
  return { log, lines };
};

test('a line is JSON', () => {
  const { log, lines } = logged();
  log.warn('not done', { outcome: 'denied' });
  expect(lines).toEqual([
    '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"not done","outcome":"denied"}\n',
  ]);
});

test('metrics are one line in the embedded format', () => {
  const { log, lines } = logged();
  log.metric({ FitReplicas: { value: 2, unit: 'Count' }, WriteMillis: { value: 9.5, unit: 'Milliseconds' } });
  log.metric({});
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      _aws: {
        Timestamp: 0,
        CloudWatchMetrics: [
          {
            Namespace: 'ScaleFromZero/Failover',
            Dimensions: [['Group']],
            Metrics: [
              { Name: 'FitReplicas', Unit: 'Count' },
              { Name: 'WriteMillis', Unit: 'Milliseconds' },
            ],
          },
        ],
      },
      Group: 'mysite',
      FitReplicas: 2,
      WriteMillis: 9.5,
    },
  ]);
});
