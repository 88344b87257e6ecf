/** RDS: beside its own action a call needs those that RDS does in the caller's name. */
import type { NeedsOf } from './needs';
import type { Site } from './site';
import { instancesOf } from './instances';

const db = (site: Site, id: unknown) => ({ resource: site.arn('rds', `db:${String(id)}`) });
const own: NeedsOf = ({ DBInstanceIdentifier }, site) => [db(site, DBInstanceIdentifier)];

/** What RDS looks up when it is told security groups: re:Post knowledge center, "rds-iam-least-privileges". */
const LOOK_UPS = ['DescribeSecurityGroups', 'DescribeVpcs', 'DescribeSubnets', 'DescribeAccountAttributes'];

export const rdsNeeds: Readonly<Record<string, NeedsOf>> = {
  // Of all that there are.
  'rds:DescribeDBInstances': ({ DBInstanceIdentifier = '*' }, site) => [db(site, DBInstanceIdentifier)],
  'rds:RebootDBInstance': own,
  'rds:PromoteReadReplica': own,
  'rds:ModifyDBInstance': ({ DBInstanceIdentifier, NewDBInstanceIdentifier, VpcSecurityGroupIds }, site) => [
    db(site, DBInstanceIdentifier),
    // Whether RDS asks for the new name too is not documented: the policy must do for either.
    ...(NewDBInstanceIdentifier === undefined ? [] : [db(site, NewDBInstanceIdentifier)]),
    ...(VpcSecurityGroupIds === undefined
      ? []
      : LOOK_UPS.map((name) => ({ action: `ec2:${name}`, resource: '*' }))),
  ],
  'rds:DeleteDBInstance': ({ DBInstanceIdentifier, FinalDBSnapshotIdentifier }, site) => {
    const instance = db(site, DBInstanceIdentifier);
    if (FinalDBSnapshotIdentifier === undefined) return [instance];
    const snapshot = { resource: site.arn('rds', `snapshot:${String(FinalDBSnapshotIdentifier)}`) };
    return [
      instance,
      // Since August 2024, on both: https://github.com/aws-solutions/instance-scheduler-on-aws/issues/572 (AWS's mail),
      // https://github.com/aws-samples/eks-workshop-v2/issues/1201 (db), https://github.com/gigascience/gigadb-website/issues/2053
      // (snapshot).
      { action: 'rds:CreateDBSnapshot', ...instance },
      { action: 'rds:CreateDBSnapshot', ...snapshot },
      // With CopyTagsToSnapshot (the mail above).
      { action: 'rds:AddTagsToResource', ...snapshot },
    ];
  },
  'rds:CreateDBInstanceReadReplica': (input, site) => {
    const { DBInstanceIdentifier, SourceDBInstanceIdentifier, Tags, MonitoringRoleArn } = input;
    const source = instancesOf(site).find((one) => one.DBInstanceIdentifier === SourceDBInstanceIdentifier);
    if (!source) throw new Error(`${String(SourceDBInstanceIdentifier)} is no instance of the site`);
    const replica = db(site, DBInstanceIdentifier);
    return [
      replica,
      db(site, SourceDBInstanceIdentifier),
      // Required resource types, also when the request does not name them (Service Authorization Reference).
      { resource: site.arn('rds', 'og:default:postgres-17') },
      { resource: site.arn('rds', `pg:${source.DBParameterGroups![0]!.DBParameterGroupName!}`) },
      { resource: site.arn('rds', `subgrp:${source.DBSubnetGroup!.DBSubnetGroupName!}`) },
      // https://github.com/CloudSnorkel/cdk-rds-sanitized-snapshots/issues/110
      ...((Tags as unknown[] | undefined)?.length ? [{ action: 'rds:AddTagsToResource', ...replica }] : []),
      // RDS guide, "AWS KMS key management", authorizing use of a customer managed key.
      ...['kms:CreateGrant', 'kms:DescribeKey'].map((action) => ({
        action,
        resource: source.KmsKeyId!,
        context: { 'kms:ViaService': [`rds.${site.region}.amazonaws.com`] },
      })),
      // To whom it is passed is documented by the role's trust alone; published policies name RDS itself: for either.
      ...(MonitoringRoleArn === undefined ? [] : ['monitoring.rds.amazonaws.com', 'rds.amazonaws.com']).map(
        (service) => ({
          action: 'iam:PassRole',
          resource: MonitoringRoleArn as string,
          context: { 'iam:PassedToService': [service] },
        }),
      ),
    ];
  },
};
