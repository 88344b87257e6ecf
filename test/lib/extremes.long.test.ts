import { lint, shown, unexplained } from '../support/lint';
import { app, templatesOf } from '../support/synthesize';

/**
 * What the settings take, AWS must take: everything at its longest and largest, and at its shortest and smallest. What the
 * property of a resource may be is in CloudFormation's schemas, which cfn-lint holds against it; the rest is here.
 */

const TEXT_OF_TAGS = 2_400;
const TAGS = 40;
/** So many, and so long, that the sum is what is allowed. */
const tags = Object.fromEntries(
  Array.from({ length: TAGS }, (_, index) => {
    const name = `tag-${index}`;
    return [name, 'x'.repeat(TEXT_OF_TAGS / TAGS - name.length)];
  }),
);

const MOST = {
  name: 'a'.repeat(52),
  tags,
  network: { zones: 3, natGateways: 3 },
  site: { zoneName: `${'d'.repeat(56)}.com`, recordName: 'www' },
  web: {
    port: 65_535,
    healthPath: `/${'h'.repeat(255)}`,
    drainSeconds: 900,
    minCapacity: 100,
    maxCapacity: 100,
    requestsPerTargetPerMinute: 1_000_000,
  },
  server: { volumeGiB: 16_384, snapshotDays: 365 },
  database: {
    databaseName: `d${'_'.repeat(62)}`,
    storageGiB: 59_000,
    maxStorageGiB: 65_536,
    multiAz: true,
    replicas: 15,
    backupDays: 35,
    secretRotationDays: 365,
  },
  failover: {
    probeIntervalSeconds: 60,
    detectAfterSeconds: 3_600,
    maxLagSeconds: 86_400,
    reserveConcurrency: true,
  },
  alarms: { email: 'someone@mysite.com' },
  logs: { days: 3_653 },
};

const LEAST = {
  name: 'a',
  network: { cidr: '10.0.0.0/23' },
  site: {},
  web: {
    port: 1_024,
    healthPath: '/',
    drainSeconds: 1,
    minCapacity: 1,
    maxCapacity: 1,
    requestsPerTargetPerMinute: 1,
  },
  server: { volumeGiB: 8, snapshotDays: 1 },
  database: {
    databaseName: 'x1',
    storageGiB: 20,
    maxStorageGiB: 22,
    replicas: 1,
    backupDays: 1,
    secretRotationDays: 1,
  },
  failover: { probeIntervalSeconds: 1, detectAfterSeconds: 2, maxLagSeconds: 1 },
  logs: { days: 1 },
};

const VARIANTS = [
  ['the most, replicated', { ...MOST, stage: 'replicated' }],
  ['the most, single-server', { ...MOST, stage: 'single-server', network: { zones: 3 } }],
  ['the least, replicated', { ...LEAST, stage: 'replicated' }],
  ['the least, single-server', { ...LEAST, stage: 'single-server' }],
] as const;

/** CloudFormation guide, "Understand CloudFormation quotas". */
const TEMPLATE_BYTES = 1_048_576;
const RESOURCES = 500;
const OUTPUTS = 200;

/** Names that CloudFormation's schemas leave open: the limit is in the API reference of the service. */
const NAMES: readonly (readonly [type: string, property: string, most: number])[] = [
  ['AWS::CloudWatch::Alarm', 'AlarmDescription', 1_024],
  ['AWS::CloudWatch::Alarm', 'AlarmName', 255],
  ['AWS::CloudWatch::Dashboard', 'DashboardName', 255],
  ['AWS::DLM::LifecyclePolicy', 'Description', 500],
  ['AWS::Lambda::Function', 'FunctionName', 64],
  ['AWS::Logs::LogGroup', 'LogGroupName', 512],
  ['AWS::RDS::DBInstance', 'DBInstanceIdentifier', 63],
  ['AWS::Route53::RecordSet', 'SetIdentifier', 128],
  ['AWS::SNS::Topic', 'DisplayName', 100],
];

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

const templates = Object.fromEntries(
  VARIANTS.flatMap(([variant, settings]) =>
    [...templatesOf(app(settings))].map(([part, template]) => [
      `${variant}, ${part}`.replaceAll(/[ ,]+/g, '-'),
      template.toJSON() as { Resources?: Record<string, Resource>; Outputs?: object },
    ]),
  ),
);

test.each(Object.entries(templates))('CloudFormation takes the template %s', (_, template) => {
  expect(Buffer.byteLength(JSON.stringify(template))).toBeLessThan(TEMPLATE_BYTES);
  expect(Object.keys(template.Resources ?? {}).length).toBeLessThanOrEqual(RESOURCES);
  expect(Object.keys(template.Outputs ?? {}).length).toBeLessThanOrEqual(OUTPUTS);
  const tooLong = Object.entries(template.Resources ?? {}).flatMap(([id, { Type, Properties = {} }]) =>
    NAMES.filter(([type, property, most]) => {
      const value = Properties[property];
      return type === Type && typeof value === 'string' && value.length > most;
    }).map(([, property]) => `${id}.${property}`),
  );
  expect(tooLong).toEqual([]);
});

test('and cfn-lint has nothing to say of any of them', () => {
  expect(unexplained(lint(templates)).map(shown)).toEqual([]);
});
