import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { app, STAGES } from '../support/synthesize';

/** Settings that bring in what the defaults leave out. */
const VARIANTS = [
  ...STAGES.map((stage) => [stage, { stage }] as const),
  [
    'replicated, all options on',
    {
      site: { zoneName: 'mysite.com', hostedZoneId: 'Z0123456789' },
      network: { zones: 3, natGateways: 3 },
      database: { multiAz: true, secretRotationDays: 30, replicas: 3 },
      alarms: { email: 'someone@mysite.com' },
    },
  ],
  [
    'replicated, all options off',
    {
      site: {},
      database: { deletionProtection: false, replicas: 1 },
      server: { keepVolume: false },
    },
  ],
  ['replicated, not watched', { failover: { mode: 'off' } }],
  ['load-balanced, without backups', { stage: 'load-balanced', database: { backupDays: 0 } }],
] as const;

test.each(VARIANTS)('cdk-nag AwsSolutions has nothing to say of %s', (_, settings) => {
  const created = app(settings);
  const checks = new AwsSolutionsChecks(created);
  Validations.of(created).addPlugins(checks);
  const messages: string[] = [];
  const errors = jest.spyOn(console, 'error').mockImplementation((line) => messages.push(String(line)));
  const logs = jest.spyOn(console, 'log').mockImplementation((line) => messages.push(String(line)));
  try {
    created.synth();
  } catch (error) {
    messages.push(String(error));
  } finally {
    errors.mockRestore();
    logs.mockRestore();
  }
  expect(messages).toEqual([]);
});
