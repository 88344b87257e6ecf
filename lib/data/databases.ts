import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { InstanceType, type ISecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  CaCertificate,
  type CfnDBInstance,
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  DatabaseInstanceReadReplica,
  type DatabaseInstanceReadReplicaProps,
  DatabaseInsightsMode,
  type ParameterGroup,
  PerformanceInsightRetention,
  PostgresEngineVersion,
  StorageType,
  SubnetGroup,
} from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import { acknowledgeKey } from '../acknowledge-key';
import type { Settings } from '../settings';
import { partsOf } from '../stage';
import { acknowledgePrimary, acknowledgeReplica } from './acknowledge-databases';
import { DatabaseLogs, LOG_EXPORTS } from './database-logs';
import { parameterGroup } from './parameter-group';

export interface DatabasesProps {
  readonly settings: Settings;
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
}

/** What the master user is called. It owns the database; the site never gets its password. */
const MASTER_USER = 'postgres';

const MONITORING_POLICY = 'service-role/AmazonRDSEnhancedMonitoringRole';

/** `<name>-primary` */
export const primaryIdentifier = ({ name }: Settings): string => `${name}-primary`;

/** `<name>-replica-1` … */
export const replicaIdentifiers = ({ name, stage, database }: Settings): string[] =>
  partsOf(stage).replicas
    ? Array.from({ length: database.replicas }, (_, index) => `${name}-replica-${index + 1}`)
    : [];

/**
 * The primary and its read replicas. All share subnets, security group, parameters, storage type and key, so that a
 * promoted replica differs from the primary in nothing that the template states.
 */
export class Databases extends Construct {
  readonly key: Key;
  readonly primary: DatabaseInstance;
  readonly replicas: readonly DatabaseInstanceReadReplica[];
  /** What all of them share: another replica, made by the failover controller, gets the same. */
  readonly shared: {
    readonly subnetGroup: SubnetGroup;
    readonly parameterGroup: ParameterGroup;
    readonly monitoringRole: Role;
  };

  constructor(scope: Construct, id: string, { settings, vpc, securityGroup }: DatabasesProps) {
    super(scope, id);
    const { database, failover } = settings;
    const engine = DatabaseInstanceEngine.postgres({
      version: PostgresEngineVersion.of(database.engineVersion, database.engineVersion.split('.')[0]!),
    });

    this.key = new Key(this, 'Key', {
      description: `Databases of ${settings.name}`,
      alias: `${settings.name}/database`,
      enableKeyRotation: true,
      // Without it no snapshot and no backup could ever be restored.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    acknowledgeKey(this.key);

    this.shared = {
      subnetGroup: new SubnetGroup(this, 'Subnets', {
        vpc,
        vpcSubnets: { subnetGroupName: 'database' },
        description: `Databases of ${settings.name}`,
      }),
      parameterGroup: parameterGroup(this, {
        engine,
        storage: Size.gibibytes(database.storageGiB),
        detectAfter: Duration.seconds(failover.detectAfterSeconds),
      }),
      monitoringRole: this.monitoringRole(),
    };
    const shared = {
      ...this.shared,
      vpc,
      instanceType: new InstanceType(database.instanceType.replace(/^db\./, '')),
      securityGroups: [securityGroup],
      storageType: StorageType.GP3,
      storageEncrypted: true,
      storageEncryptionKey: this.key,
      maxAllocatedStorage: database.maxStorageGiB,
      publiclyAccessible: false,
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      copyTagsToSnapshot: true,
      // A minor version that the settings name would otherwise be taken back by the next deployment.
      autoMinorVersionUpgrade: !database.engineVersion.includes('.'),
      // Both, everywhere: one that is left out RDS chooses by chance, and refuses those that overlap.
      preferredMaintenanceWindow: failover.maintenanceWindow,
      preferredBackupWindow: database.backupWindow,
      cloudwatchLogsExports: LOG_EXPORTS,
      monitoringInterval: Duration.minutes(1),
      enablePerformanceInsights: true,
      performanceInsightRetention: PerformanceInsightRetention.DEFAULT,
      performanceInsightEncryptionKey: this.key,
    } satisfies Omit<DatabaseInstanceReadReplicaProps, 'sourceDatabaseInstance'>;

    const identifier = primaryIdentifier(settings);
    this.primary = new DatabaseInstance(this, 'Primary', {
      ...shared,
      engine,
      instanceIdentifier: identifier,
      databaseName: database.databaseName,
      // The API has it for no replica (CreateDBInstanceReadReplica: "This setting isn't supported"); theirs is this one too.
      databaseInsightsMode: DatabaseInsightsMode.STANDARD,
      // RDS cannot manage the password itself: ManageMasterUserPassword does not work with read replicas.
      credentials: Credentials.fromGeneratedSecret(MASTER_USER),
      allocatedStorage: database.storageGiB,
      multiAz: database.multiAz,
      backupRetention: Duration.days(database.backupDays),
      deleteAutomatedBackups: false,
      removalPolicy: RemovalPolicy.SNAPSHOT,
    });

    this.replicas = replicaIdentifiers(settings).map((replica, index) => {
      const created = new DatabaseInstanceReadReplica(this, `Replica${index + 1}`, {
        ...shared,
        instanceIdentifier: replica,
        sourceDatabaseInstance: this.primary,
        // Replicas are replaced when they fail: they hold nothing of their own, and RDS refuses snapshots of them.
        deletionProtection: false,
        removalPolicy: RemovalPolicy.DESTROY,
      });
      const resource = created.node.defaultChild as CfnDBInstance;
      // Inherited from the source, and not to be said again (CloudFormation, AWS::RDS::DBInstance, StorageEncrypted).
      resource.addPropertyDeletionOverride('StorageEncrypted');
      // "Don't specify a value" in the source's region (API, CreateDBInstanceReadReplica): RDS refuses it when the source is
      // named ("does not require the KMS key parameter", cloudposse/terraform-aws-rds-replica#5); with an ARN it is not known.
      resource.addPropertyDeletionOverride('KmsKeyId');
      return created;
    });

    const logs = new DatabaseLogs(this, 'Logs', settings);
    // Replicas depend on the primary.
    this.primary.node.defaultChild!.node.addDependency(logs);

    acknowledgePrimary(this.primary, settings);
    for (const replica of this.replicas) acknowledgeReplica(replica);
  }

  private monitoringRole(): Role {
    const role = new Role(this, 'MonitoringRole', {
      assumedBy: new ServicePrincipal('monitoring.rds.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(MONITORING_POLICY)],
    });
    acknowledge(
      role,
      `IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${MONITORING_POLICY}]`,
      'The policy that AWS makes and keeps for enhanced monitoring of RDS.',
    );
    return role;
  }
}
