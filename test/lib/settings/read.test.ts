import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError, type Problem } from '../../../lib/settings/problem';
import { readSettings } from '../../../lib/settings/read';

const FOLDER = mkdtempSync(join(tmpdir(), 'settings-'));
writeFileSync(join(FOLDER, 'a-file'), '');

function problemsOf(context: Record<string, unknown>): readonly Problem[] {
  try {
    readSettings(context, FOLDER);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const long = (length: number) => 'a'.repeat(length);
const many = Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`t${index}`, 'x']));

/** Path that is named, the settings, and a part of what is said to be allowed. */
const BAD: readonly (readonly [string, object, string])[] = [
  ['name', { name: '' }, 'lower-case letters'],
  ['name', { name: 'My-Site' }, 'lower-case letters'],
  ['name', { name: 'my_site' }, 'RDS takes no others'],
  ['name', { name: 'my--site' }, 'single hyphens'],
  ['name', { name: 'site-' }, 'not ending in a hyphen'],
  ['name', { name: '1site' }, 'beginning with a letter'],
  ['name', { name: long(53) }, '1 to 52'],
  ['name', { name: 7 }, 'lower-case letters'],
  ['name', { name: 'aws' }, 'KMS keeps aliases that begin with "aws/"'],
  ['name', { name: 'sthree' }, 'S3 keeps buckets'],
  ['name', { name: 'amzn-s3-demo-site' }, 'S3 keeps buckets'],
  ['name', { name: 'ec2' }, 'in the zone <name>.internal already'],
  ['stage', { stage: 'replicatd' }, 'did you mean "replicated"?'],
  ['stage', { stage: 'huge' }, 'one of single-server, split-database, load-balanced, replicated'],
  ['account', { account: '1234' }, '12 digits'],
  ['account', { account: 123456789012 }, 'in quotes'],
  ['region', { region: 'eu-central-9' }, 'did you mean "eu-central-1"?'],
  ['region', { region: 'us-gov-west-1' }, 'us-gov-west-1 is GovCloud, with a trust store of its own'],
  ['region', { region: 'cn-north-1' }, 'cn-north-1 is China'],
  ['region', { region: 'eusc-de-east-1' }, 'a region of the partition "aws"'],
  ['tags.aws:team', { tags: { 'aws:team': 'web' } }, 'none beginning with "aws:" or "rds:"'],
  ['web.packages.0', { web: { packages: ['a b'] } }, 'a list of package names'],
  ['tags.AWS:team', { tags: { 'AWS:team': 'web' } }, 'none beginning with "aws:"'],
  ['tags.rds:team', { tags: { 'rds:team': 'web' } }, 'none beginning with "aws:" or "rds:"'],
  ['tags.team', { tags: { team: 'rds:web' } }, 'none beginning with "aws:" or "rds:"'],
  [
    'tags',
    {
      tags: Object.fromEntries(
        Object.keys(many)
          .slice(1)
          .map((name) => [name, long(99)]),
      ),
    },
    'at most 2400 characters together',
  ],
  ['tags.team', { tags: { Team: 'web', team: 'web' } }, 'differs from "Team" by more than capitals'],
  ['tags', { tags: many }, 'up to 40'],
  ['tags.team', { tags: { team: 3 } }, 'letters, digits'],
  ['network', { network: 3 }, 'an object of settings'],
  ['network.cidr', { network: { cidr: '10.0.0.0' } }, 'a private IPv4 network'],
  ['network.cidr', { network: { cidr: '10.0.0.0/24' } }, 'from /16 to /23'],
  ['network.cidr', { network: { cidr: '10.0.0.0/8' } }, 'from /16 to /23'],
  ['network.cidr', { network: { cidr: '10.0.1.0/16' } }, 'nothing set behind the prefix'],
  ['network.cidr', { network: { cidr: '8.8.0.0/16' } }, 'private'],
  ['network.cidr', { network: { cidr: '10.0.0.300/16' } }, 'a private IPv4 network'],
  ['network.zones', { network: { zones: 4 } }, '2 or 3'],
  ['network.zones', { network: { zones: 1 } }, '2 or 3'],
  ['network.zones', { region: 'us-west-1', network: { zones: 3 } }, 'at most 2, as us-west-1 has no more'],
  ['network.zoneNames', { network: { zoneNames: ['us-east-1a'] } }, '2 different zones of us-east-1'],
  ['network.zoneNames', { network: { zoneNames: ['us-east-1a', 'us-east-1a'] } }, '2 different zones'],
  ['network.zoneNames', { network: { zoneNames: ['eu-west-1a', 'eu-west-1b'] } }, 'zones of us-east-1'],
  ['network.zoneNames.0', { network: { zoneNames: ['nowhere', 'us-east-1b'] } }, 'a list of as many'],
  [
    'network.natGateways',
    { network: { natGateways: 0 } },
    'at least 1 at replicated: servers and the failover controller',
  ],
  [
    'network.natGateways',
    { stage: 'load-balanced', network: { natGateways: 0 } },
    'at least 1 at load-balanced',
  ],
  ['network.natGateways', { network: { natGateways: 3 } }, 'at most 2'],
  ['site.zoneName', { site: { zoneName: 'mysite' } }, 'a domain name'],
  ['site.zoneName', { site: { zoneName: 'mysite.com.' } }, 'without a dot at its end'],
  [
    'site.recordName',
    { site: { zoneName: 'mysite.com', recordName: 'api.mysite.com' } },
    'without the domain: "api"',
  ],
  [
    'site.recordName',
    { site: { zoneName: 'mysite.com', recordName: 'a_b' } },
    'letters, digits, hyphens and dots',
  ],
  [
    'site.recordName',
    { site: { zoneName: `${long(60)}.com`, recordName: 'api' } },
    'at most 64 characters together with the domain, here 68, as ACM',
  ],
  [
    'site.recordName',
    {
      site: {
        zoneName: `${long(60)}.${long(60)}.com`,
        recordName: `${long(60)}.${long(60)}.${long(20)}`,
        https: false,
      },
    },
    'at most 253 characters',
  ],
  ['site.recordName', { site: { recordName: 'api' } }, 'only together with site.zoneName'],
  ['site.hostedZoneId', { site: { hostedZoneId: 'Z0123456789' } }, 'only together with site.zoneName'],
  [
    'site.hostedZoneId',
    { site: { zoneName: 'mysite.com', hostedZoneId: 'mine' } },
    'the ID of a hosted zone',
  ],
  [
    'site.takeOverRecord',
    { site: { zoneName: 'mysite.com', takeOverRecord: true } },
    'true only with site.hostedZoneId',
  ],
  ['site.https', { site: { https: true } }, 'false without site.zoneName'],
  ['site.https', { site: { https: 'yes' } }, 'true or false'],
  ['web.instanceType', { web: { instanceType: 't4g.tiny' } }, 'did you mean "t4g.nano"?'],
  ['web.instanceType', { web: { instanceType: 't4g.16xlarge' } }, 'in a size that its family has'],
  ['web.instanceType', { web: { instanceType: 't3.small' } }, 'set web.architecture to x86_64'],
  [
    'web.instanceType',
    { region: 'ca-west-1', stage: 'single-server', web: { instanceType: 'm7g.large' } },
    'a type that EC2 offers in ca-west-1: of the same size m6g.large',
  ],
  ['web.instanceType', { web: { architecture: 'x86_64' } }, 'set web.architecture to arm64'],
  ['web.architecture', { web: { architecture: 'arm' } }, 'arm64 or x86_64'],
  ['web.artifact', { web: { artifact: 'nowhere' } }, 'a folder that exists'],
  ['web.artifact', { web: { artifact: 'a-file' } }, 'a folder that exists'],
  ['web.packages.0', { web: { packages: ['node js'] } }, 'a list of package names'],
  ['web.startCommand', { web: { startCommand: 'one\ntwo' } }, 'one line'],
  ['web.port', { web: { port: 80 } }, 'from 1024 to 65535'],
  ['web.port', { web: { port: 8080.5 } }, 'a whole number'],
  ['web.port', { stage: 'single-server', web: { port: 6379 } }, 'another port than 6379 at single-server'],
  ['web.healthPath', { web: { healthPath: 'healthz' } }, 'beginning with "/"'],
  ['web.drainSeconds', { web: { drainSeconds: 0 } }, 'from 1 to 900'],
  ['web.minCapacity', { web: { minCapacity: 9, maxCapacity: 3 } }, 'at most web.maxCapacity, which is 3'],
  ['web.maxCapacity', { web: { maxCapacity: '6' } }, 'a whole number'],
  ['web.requestsPerTargetPerMinute', { web: { requestsPerTargetPerMinute: -1 } }, 'a whole number'],
  ['web.environment.PORT', { web: { environment: { PORT: '80' } } }, 'does not set itself'],
  ['web.environment.A-B', { web: { environment: { 'A-B': '80' } } }, 'names of letters, digits and _'],
  ['web.environment.A', { web: { environment: { A: 'x\ny' } } }, 'without line breaks'],
  ['server.volumeGiB', { server: { volumeGiB: 4 } }, 'from 8'],
  ['server.acmeEmail', { server: { acmeEmail: 'me' } }, 'an e-mail address'],
  ['database.databaseName', { database: { databaseName: 'pg_site' } }, 'not with "pg_"'],
  ['database.databaseName', { database: { databaseName: 'template1' } }, 'not with "pg_"'],
  // Those that RDS was reported to have refused.
  ...['grant', 'catalog', 'comments', 'flag', 'admin'].map(
    (word) =>
      ['database.databaseName', { database: { databaseName: word } }, `a name such as "${word}_db"`] as const,
  ),
  ['database.engineVersion', { database: { engineVersion: '17.0' } }, 'a version that RDS has: 17.1, 17.2'],
  ['database.engineVersion', { database: { engineVersion: '16' } }, '"17" or "17.N"'],
  ['database.engineVersion', { database: { engineVersion: 17 } }, 'in quotes'],
  ['database.instanceType', { database: { instanceType: 't4g.medium' } }, 'did you mean "db.t4g.medium"?'],
  ['database.instanceType', { database: { instanceType: 'db.t4g.nano' } }, 'in a size that its family has'],
  [
    'database.instanceType',
    { region: 'ca-west-1' },
    'a class that RDS offers for PostgreSQL in ca-west-1: of the same size db.t3.medium (if AWS has it',
  ],
  [
    'database.instanceType',
    { region: 'eu-west-3', stage: 'split-database', database: { instanceType: 'db.r7g.large' } },
    'in eu-west-3: of the same size db.r6g.large',
  ],
  ['database.storageGiB', { database: { storageGiB: 10 } }, 'from 20'],
  ['database.maxStorageGiB', { database: { storageGiB: 100, maxStorageGiB: 105 } }, 'at least 110'],
  ['database.replicas', { database: { replicas: 16 } }, 'from 1 to 15'],
  ['database.replicas', { database: { replicas: 0 } }, 'at least 1 at replicated'],
  ['database.backupDays', { database: { backupDays: 0 } }, 'only of a source that has backups'],
  ['database.backupDays', { database: { backupDays: 36 } }, 'from 1 to 35'],
  ['database.secretRotationDays', { database: { secretRotationDays: -1 } }, 'from 0 to 365'],
  ['failover.mode', { failover: { mode: 'auto' } }, 'automatic, notify or off'],
  ['failover.fencing', { failover: { fencing: 'best_effort' } }, 'did you mean "best-effort"?'],
  ['failover.probeIntervalSeconds', { failover: { probeIntervalSeconds: 0 } }, 'from 1 to 60'],
  ['failover.probeIntervalSeconds', { failover: { probeIntervalSeconds: 61 } }, 'from 1 to 60'],
  ['failover.detectAfterSeconds', { failover: { detectAfterSeconds: 1 } }, 'from 2'],
  [
    'failover.detectAfterSeconds',
    { failover: { detectAfterSeconds: 9 } },
    'at least 10, twice failover.probeIntervalSeconds, as the primary must have failed three looks',
  ],
  ['failover.maintenanceWindow', { failover: { maintenanceWindow: 'Sunday' } }, 'ddd:hh:mm-ddd:hh:mm'],
  [
    'failover.maintenanceWindow',
    { failover: { maintenanceWindow: 'sun:03:00-sun:03:10' } },
    'at least 30 minutes',
  ],
  [
    'failover.maintenanceWindow',
    { failover: { maintenanceWindow: 'sun:03:00-tue:03:10' } },
    'at most 24 hours',
  ],
  ['database.backupWindow', { database: { backupWindow: 'sun:05:00-sun:06:00' } }, 'hh:mm-hh:mm'],
  ['database.backupWindow', { database: { backupWindow: '05:00-05:20' } }, 'at least 30 minutes'],
  [
    'database.backupWindow',
    { database: { backupWindow: '03:30-04:30' } },
    'RDS refuses windows that overlap',
  ],
  [
    'database.backupWindow',
    { failover: { maintenanceWindow: 'wed:05:30-wed:06:30' } },
    'RDS refuses windows that overlap',
  ],
  ['alarms.email', { alarms: { email: 'nobody' } }, 'an e-mail address'],
  ['logs.days', { logs: { days: 2 } }, 'one of 1, 3, 5'],
  ['web.minCapcity', { web: { minCapcity: 3 } }, 'did you mean "web.minCapacity"?'],
  ['databse', { databse: {} }, 'no setting has this name'],
  ['replicas', { replicas: 2 }, 'did you mean "database.replicas"?'],
  ['web.constructor', { web: { constructor: 1 } }, 'no setting has this name'],
];

test.each(BAD)('%s in %j', (path, settings, allowed) => {
  const problems = problemsOf({ settings });
  expect(problems.map((problem) => problem.path)).toEqual([path]);
  expect(problems[0]!.allowed).toContain(allowed);
  expect(problems[0]!.where).toMatch(/in cdk\.json|default/);
});

/** On the command line everything is text. */
const BAD_VALUES: readonly (readonly [string, string, string])[] = [
  ['web.minCapacity', 'four', 'a whole number'],
  ['web.minCapacity', '', 'a whole number'],
  ['web.minCapacity.x', '3', 'no setting has this name'],
  ['web', 'x', 'an object of settings'],
  ['stge', 'replicated', 'did you mean "stage"?'],
  ['tags', 'team', 'letters, digits'],
  ['web.packages', 'nodejs22', 'a list'],
];

test.each(BAD_VALUES)('-c %s=%s', (key, value, allowed) => {
  const problems = problemsOf({ [key]: value });
  expect(problems).toEqual([
    expect.objectContaining({
      path: key,
      given: value,
      where: `-c ${key}`,
      allowed: expect.stringContaining(allowed),
    }),
  ]);
});

test('all problems are reported at once, those between settings too', () => {
  const problems = problemsOf({
    settings: { name: 'X', web: { port: 1, minCapacity: 9, maxCapacity: 3 }, nme: 1 },
    'database.replicas': '0',
    env: 'prd',
    environments: { prod: {} },
  });
  expect(problems.map(({ path, where }) => `${path} (${where})`).sort()).toEqual([
    'database.replicas (-c database.replicas)',
    'env (-c env)',
    'name (settings in cdk.json)',
    'nme (settings in cdk.json)',
    'web.minCapacity (settings in cdk.json)',
    'web.port (settings in cdk.json)',
  ]);
  expect(problems.find(({ path }) => path === 'env')!.allowed).toContain('did you mean "prod"?');
});

test('a problem says what was given, where, and what is allowed', () => {
  expect(() => readSettings({ settings: { web: { port: 80 } } }, FOLDER)).toThrow(
    [
      '1 problem in the settings (docs/settings.md has them all):',
      '  web.port: 80 (settings in cdk.json)',
      '      allowed: a whole number from 1024 to 65535',
    ].join('\n'),
  );
});

describe('sources', () => {
  const context = {
    settings: { name: 'mysite', web: { minCapacity: 2, environment: { A: '1' } }, tags: { team: 'web' } },
    environments: {
      prod: { web: { minCapacity: 4, maxCapacity: 8, environment: { B: '2' } } },
      bare: { tags: null, web: { minCapacity: null } },
      wrong: 3,
    },
  };

  test('an environment lies over the settings, a single value over both', () => {
    const settings = readSettings(
      { ...context, env: 'prod', 'web.minCapacity': '5', 'tags.cost': '7' },
      FOLDER,
    );
    expect(settings.web).toMatchObject({ minCapacity: 5, maxCapacity: 8, environment: { A: '1', B: '2' } });
    expect(settings.tags).toEqual({ team: 'web', cost: '7' });
  });

  test('null in an environment takes a setting back to its default', () => {
    const settings = readSettings({ ...context, env: 'bare' }, FOLDER);
    expect(settings.tags).toEqual({});
    expect(settings.web.minCapacity).toBe(2);
  });

  test('values of the command line get the type of their setting', () => {
    const settings = readSettings(
      {
        'web.packages': '["python3.12"]',
        'database.multiAz': 'true',
        'database.engineVersion': '17.6',
        account: '123456789012',
        tags: '{"a":"b"}',
        'web.environment.NUMBER': '5',
      },
      FOLDER,
    );
    expect(settings.web.packages).toEqual(['python3.12']);
    expect(settings.database).toMatchObject({ multiAz: true, engineVersion: '17.6' });
    expect(settings.account).toBe('123456789012');
    expect(settings.tags).toEqual({ a: 'b' });
    expect(settings.web.environment).toEqual({ NUMBER: '5' });
  });

  test('settings that are no object are refused', () => {
    expect(problemsOf({ settings: [] })[0]).toMatchObject({ given: [], allowed: 'an object of settings' });
    expect(problemsOf({ ...context, env: 'wrong' })[0]).toMatchObject({ given: 3 });
  });

  test('a class that the stage does not use may be missing in the region', () => {
    expect(problemsOf({ settings: { region: 'ca-west-1', stage: 'single-server' } })).toEqual([]);
  });

  test('a version that is newer than what is known is left to RDS', () => {
    expect(problemsOf({ settings: { database: { engineVersion: '17.99' } } })).toEqual([]);
  });

  test("the CDK's own context is left alone", () => {
    expect(
      problemsOf({ '@aws-cdk/core:x': true, 'aws:cdk:enable-path-metadata': true, 'cli-telemetry': false }),
    ).toEqual([]);
  });

  test('defaults that follow from others', () => {
    expect(readSettings({}, FOLDER)).toMatchObject({ network: { natGateways: 1 }, site: { https: false } });
    expect(
      readSettings({ settings: { stage: 'single-server', site: { zoneName: 'mysite.com' } } }, FOLDER),
    ).toMatchObject({ network: { natGateways: 0 }, site: { https: true } });
  });
});
