import { Match, type Template } from 'aws-cdk-lib/assertions';
import { overlap } from '../../lambda/failover/decide/window';
import type { Stage } from '../../lib/stage';
import { app, stageTemplates, STAGES, templatesOf } from '../support/synthesize';

/** What must never change by a careless `jest -u`. */

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

const resources = (template: Template): Record<string, Resource> => template.toJSON().Resources ?? {};

const all = (stage: Stage): (readonly [string, Resource])[] =>
  [...stageTemplates(stage).values()].flatMap((template) => Object.entries(resources(template)));

const ofType = (stage: Stage, type: string): (readonly [string, Resource])[] =>
  all(stage).filter(([, resource]) => resource.Type === type);

const WITH_DATABASE = STAGES.filter((stage) => stage !== 'single-server');
const WITH_LOAD_BALANCER: Stage[] = ['load-balanced', 'replicated'];
const WITH_LONE_SERVER: Stage[] = ['single-server', 'split-database'];

describe('what holds data', () => {
  /** A logical ID that moved would be a new, empty resource. */
  test('keeps its logical ID and its policies', () => {
    const holders = [
      'AWS::RDS::DBInstance',
      'AWS::DynamoDB::Table',
      'AWS::EC2::Volume',
      'AWS::KMS::Key',
      'AWS::S3::Bucket',
      'AWS::Route53::HostedZone',
      'AWS::SecretsManager::Secret',
    ];
    const kept = Object.fromEntries(
      all('replicated')
        .filter(([, { Type }]) => holders.includes(Type))
        .map(([id, { DeletionPolicy, UpdateReplacePolicy }]) => [
          id,
          `${DeletionPolicy} ${UpdateReplacePolicy}`,
        ]),
    );
    expect(kept).toEqual({
      AlarmKeyE05DE300: 'Delete Delete',
      DatabasesKeyB1717692: 'RetainExceptOnCreate Retain',
      DatabasesPrimaryB1D11DCB: 'Snapshot Snapshot',
      DatabasesReplica14295ABFC: 'Delete Delete',
      DatabasesReplica22F04861F: 'Delete Delete',
      FailoverJournalF3F9578F: 'RetainExceptOnCreate Retain',
      LogBucketCC3B17E8: 'Retain Retain',
      LoneServerVolumeC5AF9EFB: 'RetainExceptOnCreate Retain',
      NamesZone7D60C791: 'undefined undefined',
      RolesControllerC146C529: 'Delete Delete',
      RolesReader072637E3: 'Delete Delete',
      RolesRecovery305EDC6F: 'Delete Delete',
      RolesWriter46040A0D: 'Delete Delete',
      ZoneA5DE4B68: 'RetainExceptOnCreate Retain',
      // The CDK names it anew when the demands on the password change, so that it is made anew then.
      mysitedataDatabasesPrimarySecret5C629CA23fdaad7efa858a3daf9490cf0a702aeb: 'Delete Delete',
    });
  });

  test.each(WITH_LONE_SERVER)('the volume of %s stays, encrypted and with daily snapshots', (stage) => {
    const [[, volume]] = ofType(stage, 'AWS::EC2::Volume') as [readonly [string, Resource]];
    expect(volume).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: { Encrypted: true },
    });
    const [[, policy]] = ofType(stage, 'AWS::DLM::LifecyclePolicy') as [readonly [string, Resource]];
    const { TargetTags, Schedules } = policy.Properties.PolicyDetails;
    expect(volume.Properties.Tags).toEqual(expect.arrayContaining(TargetTags));
    expect(Schedules[0].CreateRule.Interval).toBe(24);
  });

  test('databases are encrypted, backed up, and not public', () => {
    for (const stage of WITH_DATABASE) {
      for (const [, { Properties }] of ofType(stage, 'AWS::RDS::DBInstance')) {
        expect(Properties.PubliclyAccessible).toBe(false);
        if (Properties.SourceDBInstanceIdentifier) {
          // Inherited with the data; RDS refuses to be told again (API, CreateDBInstanceReadReplica).
          expect(Properties).not.toHaveProperty('KmsKeyId');
          expect(Properties).not.toHaveProperty('DatabaseInsightsMode');
          continue;
        }
        expect(Properties.KmsKeyId).toBeDefined();
        expect(Properties).toMatchObject({ StorageEncrypted: true, BackupRetentionPeriod: 7 });
      }
    }
  });

  test.each(WITH_DATABASE)(
    '%s: each database has both windows, which do not overlap: RDS would choose, and refuse its choice',
    (stage) => {
      for (const [, { Properties }] of ofType(stage, 'AWS::RDS::DBInstance')) {
        const { PreferredBackupWindow: daily, PreferredMaintenanceWindow: weekly } = Properties;
        expect([daily, weekly]).toEqual([expect.any(String), expect.any(String)]);
        expect(overlap(daily as string, weekly as string)).toBe(false);
      }
    },
  );

  test('a promoted replica differs from the primary in nothing that the template states', () => {
    const [primary, ...replicas] = ofType('replicated', 'AWS::RDS::DBInstance').map(
      ([, { Properties }]) => Properties,
    );
    const shared = [
      'DBInstanceClass',
      'DBSubnetGroupName',
      'VPCSecurityGroups',
      'DBParameterGroupName',
      'StorageType',
      'MaxAllocatedStorage',
      'CACertificateIdentifier',
      'MonitoringInterval',
      'MonitoringRoleArn',
      'EnablePerformanceInsights',
      'EnableCloudwatchLogsExports',
      'PreferredMaintenanceWindow',
      'AutoMinorVersionUpgrade',
      'CopyTagsToSnapshot',
      'PubliclyAccessible',
    ];
    expect(replicas).toHaveLength(2);
    for (const replica of replicas) {
      for (const property of shared) {
        expect([property, primary![property]]).not.toEqual([property, undefined]);
        expect([property, replica[property]]).toEqual([property, primary![property]]);
      }
    }
  });

  test('parameters: TLS, logical replication, a slot that cannot fill the disk', () => {
    const [[, group]] = ofType('replicated', 'AWS::RDS::DBParameterGroup') as [readonly [string, Resource]];
    expect(group.Properties.Parameters).toMatchObject({
      'rds.force_ssl': '1',
      'rds.logical_replication': '1',
      max_slot_wal_keep_size: '5120',
    });
  });
});

describe('who can be reached', () => {
  const fromAnywhere = (stage: Stage) =>
    all(stage).flatMap(([id, { Type, Properties }]) => {
      const rules =
        Type === 'AWS::EC2::SecurityGroup'
          ? (Properties.SecurityGroupIngress ?? [])
          : Type === 'AWS::EC2::SecurityGroupIngress'
            ? [Properties]
            : [];
      return rules
        .filter((rule: Record<string, unknown>) => rule.CidrIp || rule.CidrIpv6)
        .map((rule: Record<string, unknown>) => `${id.replace(/[0-9A-F]{8}$/, '')} ${rule.FromPort}`);
    });

  test.each(WITH_LONE_SERVER)('%s: the one server, by 80 and 443', (stage) => {
    expect(fromAnywhere(stage)).toEqual(['DoorsHttp 80', 'DoorsHttps 443']);
  });

  test.each(WITH_LOAD_BALANCER)('%s: the load balancer alone, by 80 and 443', (stage) => {
    expect(fromAnywhere(stage)).toEqual(['SecurityGroupsLoadBalancer 80', 'SecurityGroupsLoadBalancer 443']);
  });

  test.each(WITH_LOAD_BALANCER)(
    '%s: servers have no public address and are in subnets without a way in',
    (stage) => {
      const web = stageTemplates(stage).get('web')!;
      web.hasResourceProperties('AWS::EC2::LaunchTemplate', {
        LaunchTemplateData: { NetworkInterfaces: [{ AssociatePublicIpAddress: false }] },
      });
      const [group] = Object.values(web.findResources('AWS::AutoScaling::AutoScalingGroup'));
      expect(JSON.stringify(group!.Properties.VPCZoneIdentifier)).toMatch(/VpcwebSubnet1.*VpcwebSubnet2/);
      expect(JSON.stringify(group!.Properties.VPCZoneIdentifier)).not.toMatch(/public/);
    },
  );

  test('load balancer → web → database is a chain of groups, one port each', () => {
    const rules = ofType('replicated', 'AWS::EC2::SecurityGroupIngress').map(([, { Properties }]) =>
      `${JSON.stringify(Properties.SourceSecurityGroupId)} → ${JSON.stringify(Properties.GroupId)} ${Properties.FromPort}-${Properties.ToPort}`.replace(
        /.*?SecurityGroups([A-Z][a-z]+(?:B[a-z]+)?).*?SecurityGroups([A-Z][a-z]+).* (\S+)$/,
        '$1 → $2 $3',
      ),
    );
    expect(rules.sort()).toEqual([
      'Controller → Database 5432-5432',
      'Controller → Quarantine 5432-5432',
      'LoadBalancer → Web 8080-8080',
      'Preparation → Database 5432-5432',
      'Recovery → Database 5432-5432',
      'Recovery → Quarantine 5432-5432',
      'Rotation → Database 5432-5432',
      'Web → Database 5432-5432',
    ]);
  });

  test('functions go out to the databases, and by HTTPS, and no other way', () => {
    const templates = templatesOf(app({ database: { secretRotationDays: 30 } }));
    const network = resources(templates.get('network')!);
    const name = (id: string) => id.replace(/^SecurityGroups|[0-9A-F]{8}$/g, '');
    const of = (reference: { 'Fn::GetAtt': [string] }) => name(reference['Fn::GetAtt'][0]);
    const out = Object.entries(network).flatMap(([id, { Type, Properties }]) => {
      if (Type === 'AWS::EC2::SecurityGroupEgress') {
        return [
          `${of(Properties.GroupId)} → ${of(Properties.DestinationSecurityGroupId)} ${Properties.ToPort}`,
        ];
      }
      if (Type !== 'AWS::EC2::SecurityGroup') return [];
      return ((Properties.SecurityGroupEgress ?? []) as { CidrIp: string; ToPort?: number }[]).map(
        ({ CidrIp, ToPort }) => `${name(id)} → ${CidrIp} ${ToPort ?? 'all'}`,
      );
    });
    expect(out.filter((rule) => !rule.endsWith('255.255.255.255/32 86')).sort()).toEqual([
      'Controller → 0.0.0.0/0 443',
      'Controller → Database 5432',
      'Controller → Quarantine 5432',
      'LoadBalancer → Web 8080',
      'Preparation → 0.0.0.0/0 443',
      'Preparation → Database 5432',
      'Recovery → 0.0.0.0/0 443',
      'Recovery → Database 5432',
      'Recovery → Quarantine 5432',
      'Rotation → 0.0.0.0/0 443',
      'Rotation → Database 5432',
      'Web → 0.0.0.0/0 all',
    ]);
  });

  test.each(STAGES)('%s: no key pair, IMDSv2 only, encrypted root volume', (stage) => {
    const [[, template]] = ofType(stage, 'AWS::EC2::LaunchTemplate') as [readonly [string, Resource]];
    const data = template.Properties.LaunchTemplateData;
    expect(data.KeyName).toBeUndefined();
    expect(data.MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
    expect(data.BlockDeviceMappings[0].Ebs.Encrypted).toBe(true);
  });

  test('HTTP is redirected to HTTPS', () => {
    stageTemplates('replicated')
      .get('web')!
      .hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
        Port: 80,
        DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', StatusCode: 'HTTP_301' } }],
      });
  });
});

describe('what a web server may do', () => {
  const actions = (stage: Stage): string[] => {
    const web = stageTemplates(stage).get('web')!;
    const [policy] = Object.entries(web.findResources('AWS::IAM::Policy'))
      .filter(([id]) => /^(Lone)?FleetServerRole/.test(id))
      .map(([, resource]) => resource);
    return policy!.Properties.PolicyDocument.Statement.flatMap(
      (statement: { Action: string | string[] }) => statement.Action,
    ).sort();
  };

  const EVERYWHERE = [
    // A boot that has failed.
    'autoscaling:SetInstanceHealth',
    // The CDK grants it to whoever is to signal; cfn-signal itself would do without.
    'cloudformation:SignalResource',
    's3:GetObject',
    'ssm:UpdateInstanceInformation',
    'ssmmessages:CreateControlChannel',
    'ssmmessages:CreateDataChannel',
    'ssmmessages:OpenControlChannel',
    'ssmmessages:OpenDataChannel',
  ];
  const SECRETS = ['secretsmanager:GetSecretValue'];

  test.each(WITH_LOAD_BALANCER)('%s', (stage) => {
    expect(actions(stage)).toEqual([...EVERYWHERE, ...SECRETS].sort());
  });

  test("the secrets are those of its two roles, not the master's", () => {
    const web = JSON.stringify(stageTemplates('replicated').get('web')!.toJSON());
    const imports = [
      ...web.matchAll(/"mysite-data","Region":"us-east-1","OutputName":"PublishOutputRef([A-Za-z]+)/g),
    ].map((match) => match[1]);
    expect([...new Set(imports)].sort()).toEqual([
      expect.stringMatching(/^RolesReader/),
      expect.stringMatching(/^RolesWriter/),
    ]);
  });
});

describe('between stacks', () => {
  // CloudFormation refuses to change or remove an export while another stack imports it; stacks that give are deployed
  // before those that take, and so a step of growth could not be made.
  test('nothing is exported or imported: values are read when the stack that takes them is deployed', () => {
    for (const stage of STAGES) {
      for (const template of stageTemplates(stage).values()) {
        expect(JSON.stringify(template.toJSON())).not.toMatch(/Fn::ImportValue|"Export":/);
      }
    }
  });

  test('what is read is put out', () => {
    for (const stage of STAGES) {
      const templates = stageTemplates(stage);
      for (const template of templates.values()) {
        for (const [, stack, output] of JSON.stringify(template.toJSON()).matchAll(
          /"Fn::GetStackOutput":\{"StackName":"mysite-([^"]+)","Region":"[^"]+","OutputName":"([^"]+)"/g,
        )) {
          expect(Object.keys(templates.get(stack!)!.toJSON().Outputs)).toContain(output);
        }
      }
    }
  });
});

describe('settings reach the resources', () => {
  test('a hosted zone that exists is used', () => {
    const templates = templatesOf(app({ site: { zoneName: 'mysite.com', hostedZoneId: 'Z0123456789' } }));
    expect(templates.has('zone')).toBe(false);
    templates.get('web')!.hasResourceProperties('AWS::Route53::RecordSet', {
      HostedZoneId: 'Z0123456789',
      Name: 'mysite.com.',
    });
  });

  test('without a domain there is neither zone nor record nor certificate', () => {
    const web = templatesOf(app({ site: {} })).get('web')!;
    web.resourceCountIs('AWS::Route53::RecordSet', 0);
    web.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    web.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 80,
      DefaultActions: [{ Type: 'forward' }],
    });
  });

  test('tags stand on every resource that takes them', () => {
    const tagged = templatesOf(app({ tags: { team: 'web' } }));
    tagged.get('network')!.hasResourceProperties('AWS::EC2::VPC', {
      Tags: Match.arrayWith([{ Key: 'team', Value: 'web' }]),
    });
    tagged.get('data')!.allResourcesProperties('AWS::RDS::DBInstance', {
      Tags: Match.arrayWith([{ Key: 'team', Value: 'web' }]),
    });
  });

  test('scaling, draining and health checks', () => {
    const web = templatesOf(
      app({ web: { requestsPerTargetPerMinute: 77, drainSeconds: 12, healthPath: '/up' } }),
    ).get('web')!;
    web.hasResourceProperties('AWS::AutoScaling::ScalingPolicy', {
      TargetTrackingConfiguration: { TargetValue: 77 },
    });
    web.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/up',
      TargetGroupAttributes: Match.arrayWith([{ Key: 'deregistration_delay.timeout_seconds', Value: '12' }]),
    });
    web.hasResource('AWS::AutoScaling::AutoScalingGroup', {
      UpdatePolicy: {
        AutoScalingInstanceRefresh: { Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 } },
      },
    });
  });
});
