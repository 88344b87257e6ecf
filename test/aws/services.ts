/** What services of AWS, and programs that AWS wrote, do with a role that the templates make. */
import type { Need } from './role-policies';
import type { Found, Site } from './site';

export interface ServiceRole {
  /** What the logical id of the role begins with. */
  readonly role: string;
  /** What it asks for, by its documentation. */
  needs(site: Site): readonly Need[];
  /** Policies that AWS keeps, and why this role has them. */
  readonly managed?: Readonly<Record<string, string>>;
}

const NETWORK = {
  'service-role/AWSLambdaVPCAccessExecutionRole':
    'Lambda makes network interfaces in the VPC and writes the log by it.',
};

const LOGS = { 'service-role/AWSLambdaBasicExecutionRole': 'Lambda writes the log by it.' };

/** What is sent where a function has failed, by its own role (Lambda guide, "Asynchronous invocation", destinations). */
function destinations(site: Site, prefix: string): readonly Need[] {
  const names = functionsOf(site, prefix).map(({ part, id }) => site.ref(part, id));
  return site
    .resources('AWS::Lambda::EventInvokeConfig')
    .filter(({ properties }) => names.includes(properties['FunctionName'] as string))
    .map(({ properties }) => {
      const { OnFailure } = properties['DestinationConfig'] as { OnFailure: { Destination: string } };
      return { action: 'sqs:SendMessage', resource: OnFailure.Destination };
    });
}

const functionsOf = (site: Site, prefix: string): readonly Found[] =>
  site.resources('AWS::Lambda::Function').filter(({ id }) => id.startsWith(prefix));

export const SERVICE_ROLES: readonly ServiceRole[] = [
  { role: 'FailoverRole', needs: (site) => destinations(site, 'FailoverFunction'), managed: NETWORK },
  { role: 'RecoveryRole', needs: (site) => destinations(site, 'RecoveryFunction'), managed: NETWORK },
  { role: 'PrepareDatabaseRole', needs: () => [], managed: NETWORK },
  { role: 'ProtectionRole', needs: () => [], managed: LOGS },
  { role: 'TakenOverRecordRole', needs: () => [], managed: LOGS },
  { role: 'SuccessionRole', needs: () => [], managed: LOGS },
  {
    role: 'DatabasesMonitoringRole',
    needs: () => [],
    managed: {
      'service-role/AmazonRDSEnhancedMonitoringRole': 'RDS writes the metrics of enhanced monitoring by it.',
    },
  },
  ...['FleetServerRole', 'LoneFleetServerRole'].map((role) => ({
    // Systems Manager guide, "Create a custom IAM role for Session Manager": the agent's calls.
    role,
    needs: () =>
      [
        'ssm:UpdateInstanceInformation',
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ].map((action) => ({ action, resource: '*' })),
  })),
  {
    // EBS guide, "Service role for Amazon Data Lifecycle Manager": policies for snapshots of volumes.
    role: 'LoneServerSnapshotRole',
    needs: (site) => {
      const [volume] = site.resources('AWS::EC2::Volume');
      const volumeArn = site.arn('ec2', `volume/${site.ref(volume!.part, volume!.id)}`);
      const snapshot = {
        resource: `arn:aws:ec2:${site.region}::snapshot/snap-0123456789abcdef0`,
        context: { 'ec2:ParentVolume': [volumeArn] },
      };
      return [
        ...['DescribeInstances', 'DescribeSnapshots', 'DescribeVolumes'].map((name) => ({
          action: `ec2:${name}`,
          resource: '*',
        })),
        { action: 'ec2:CreateSnapshot', resource: volumeArn },
        { action: 'ec2:CreateSnapshot', ...snapshot },
        { action: 'ec2:CreateTags', ...snapshot },
        { action: 'ec2:DeleteSnapshot', ...snapshot },
      ];
    },
  },
];
