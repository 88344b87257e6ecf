/** The way of a visitor to the site, and whether a step of growth ever takes it away before there is another. */
import { type Happening, happenings, isBefore, type Template, type Templates } from './order';

/** What a request passes, or what serves it. */
const OF_THE_WAY = [
  'AWS::AutoScaling::AutoScalingGroup',
  'AWS::CertificateManager::Certificate',
  'AWS::EC2::EIP',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::LaunchTemplate',
  'AWS::EC2::NatGateway',
  'AWS::EC2::Route',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::IAM::InstanceProfile',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::RDS::DBInstance',
  'AWS::Route53::HostedZone',
  'AWS::Route53::RecordSet',
  'AWS::SecretsManager::Secret',
  'Custom::HealthyTargets',
  'Custom::SiteRecord',
];

/** A way to Secrets Manager, which a NAT gateway replaces in the same stack: new routes come before removals. */
const REPLACED_BY_NAT = /^VpcSecretsEndpoint/;

const RECORDS = ['AWS::Route53::RecordSet', 'Custom::SiteRecord'];

const named = ({ stack, id }: Happening) => `${stack} ${id}`;

/** Rules of a group that the next template has no more: they go with the change of the group, not with its removal. */
function narrowed(before: Templates, after: Templates): string[] {
  return [...before].flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
      const now = after.get(stack)?.Resources[id];
      if (Type !== 'AWS::EC2::SecurityGroup' || !now) return [];
      const left = new Set(
        (now.Properties.SecurityGroupIngress ?? []).map((rule: object) => JSON.stringify(rule)),
      );
      return (Properties.SecurityGroupIngress ?? [])
        .filter((rule: object) => !left.has(JSON.stringify(rule)))
        .map(
          ({ FromPort }: { FromPort: number }) => `${stack} ${id} shuts port ${FromPort} while it is in use`,
        );
    }),
  );
}

/** What CloudFormation must have done before the name moves: all that is new on the way. */
function unready(
  record: Happening,
  all: readonly Happening[],
  before: Templates,
  after: Templates,
): string[] {
  return all
    .filter(({ kind, type, stack, id }) => {
      const isNew = before.get(stack)?.Resources[id] === undefined;
      return kind === 'change' && isNew && OF_THE_WAY.includes(type) && !RECORDS.includes(type);
    })
    .filter((one) => one.stack !== 'operations' && !isBefore(one, record, before, after))
    .map((one) => `the name moves before ${named(one)} is there`);
}

/** @returns what is wrong, a sentence each */
export function darkMoments(before: Templates, after: Templates): string[] {
  const all = happenings(before, after);
  const site = (templates: Templates) => siteRecord(templates.get('web')!);
  const record = all.find(
    ({ stack, id, kind }) => stack === 'web' && kind === 'change' && id === site(after),
  );
  const moved = all.find(({ type }) => type === 'Custom::MovedName');

  const gone = all
    .filter(
      ({ kind, type, id }) => kind === 'removal' && OF_THE_WAY.includes(type) && !REPLACED_BY_NAT.test(id),
    )
    .filter((one) => !moved || !isBefore(moved, one, before, after))
    .map((one) => `${named(one)} goes before the world has forgotten it`);
  return [
    ...(site(before) === site(after) ? [] : ['the name of the site is another record']),
    ...narrowed(before, after),
    ...gone,
    ...(moved && record && !isBefore(record, moved, before, after) ? ['the wait is not for the name'] : []),
    ...(record ? unready(record, all, before, after) : []),
  ];
}

const siteRecord = ({ Resources }: Template) =>
  Object.keys(Resources).find((id) => RECORDS.includes(Resources[id]!.Type));
