import type { ApplyMethod, DBInstance, DBSubnetGroup, Tag } from '@aws-sdk/client-rds';
import type { Master } from '../ports';
import type { Task } from './tasks';

/** What a record says of itself and the model only repeats: the settings that change nothing in a trial. */
export type Attributes = Pick<
  DBInstance,
  | 'AutoMinorVersionUpgrade'
  | 'CACertificateIdentifier'
  | 'CopyTagsToSnapshot'
  | 'DatabaseInsightsMode'
  | 'EnabledCloudwatchLogsExports'
  | 'EngineLifecycleSupport'
  | 'IAMDatabaseAuthenticationEnabled'
  | 'Iops'
  | 'KmsKeyId'
  | 'LicenseModel'
  | 'MaxAllocatedStorage'
  | 'MonitoringInterval'
  | 'MonitoringRoleArn'
  | 'NetworkType'
  | 'PerformanceInsightsEnabled'
  | 'PerformanceInsightsKMSKeyId'
  | 'PerformanceInsightsRetentionPeriod'
  | 'PubliclyAccessible'
  | 'StorageEncrypted'
  | 'StorageThroughput'
  | 'StorageType'
>;

/** Changes that wait for the maintenance window, or are being made. */
export interface Pending {
  instanceClass?: string;
  allocatedStorage?: number;
  backupRetentionDays?: number;
  multiAz?: boolean;
  storageType?: string;
  iops?: number;
  storageThroughput?: number;
  identifier?: string;
  /** Never answered: RDS shows asterisks. */
  password?: string;
}

/** States that last until somebody does something (guide, "DB instance status"). */
export const RESTING = [
  'available',
  'stopped',
  'failed',
  'storage-full',
  'insufficient-capacity',
  'incompatible-create',
  'incompatible-network',
  'incompatible-parameters',
  'incompatible-restore',
  'inaccessible-encryption-credentials',
  'inaccessible-encryption-credentials-recoverable',
  'modify-failed',
  'upgrade-failed',
] as const;
export type Resting = (typeof RESTING)[number];

/** Things that happen to an instance at a time, without a state of their own (model/timers.ts). */
export type Timer =
  | 'securityGroups'
  | 'parameters'
  | 'notice'
  | 'autoStart'
  | 'maintenance'
  | 'backup'
  | 'rename'
  /** While it is set, the storage is being optimized. */
  | 'optimized';

/** A DB instance. All of it is data, so that it can be written down and read again. Times: milliseconds since 1970. */
export interface Instance {
  identifier: string;
  /** What stays when it is renamed. */
  readonly resourceId: string;
  readonly createdAt: number;
  /** The state when no task is under way. */
  resting: Resting;
  /** The first is under way, the others follow. */
  tasks: Task[];
  timers: Partial<Record<Timer, number>>;
  pending: Pending;
  instanceClass: string;
  allocatedStorage: number;
  engineVersion: string;
  databaseName?: string;
  master: Master;
  port: number;
  /** Whether it has been created: only then it has an endpoint. */
  created: boolean;
  multiAz: boolean;
  availabilityZone: string;
  secondaryAvailabilityZone?: string;
  securityGroupIds: string[];
  /** Groups that are asked for, but not in force yet. */
  nextSecurityGroupIds?: string[];
  subnetGroup: DBSubnetGroup;
  parameterGroup: string;
  /** Values that its server has, of the group as it was at the last start, and what became of them since. */
  parameters: Record<string, string>;
  /** Values that its server is about to get without a restart. */
  nextParameters?: Record<string, string>;
  /** Its server would not take them. */
  parametersRefused?: boolean;
  /** The group says something that only a reboot brings. */
  parametersWait?: boolean;
  backupRetentionDays: number;
  backupWindow: string;
  maintenanceWindow: string;
  deletionProtection: boolean;
  /** Resource id of what it follows, for a replica. */
  sourceResourceId?: string;
  tags: Tag[];
  attributes: Attributes;
  /** When backups began that have not been interrupted since. */
  restorableSince?: number;
  /** When the archive ended, of an instance that is down, stopped or deleted. */
  archiveEndedAt?: number;
  crashedAt?: number;
  /** When its storage was last changed. */
  storageChangedAt?: number;
  /** Whether its host is gone, and not only its server. */
  hostLost?: boolean;
  /** A fault keeps it away: nothing that needs its host gets through. */
  held?: boolean;
  /** A fault of its promotion: it comes back as a replica, or nothing comes of it as long as the fault lasts. */
  promotion?: 'fails' | 'sticks';
}

/** A DB snapshot; what it was taken of is copied, as the instance may change or go. */
export interface Snapshot {
  readonly identifier: string;
  readonly type: 'manual' | 'automated';
  status: 'creating' | 'available' | 'failed';
  readonly createdAt: number;
  readonly instance: Pick<
    Instance,
    | 'identifier'
    | 'resourceId'
    | 'createdAt'
    | 'allocatedStorage'
    | 'engineVersion'
    | 'port'
    | 'availabilityZone'
    | 'attributes'
  > & { readonly username: string; readonly vpcId?: string };
  tags: Tag[];
}

/** A DB parameter group. */
export interface ParameterGroup {
  /** In small letters. */
  readonly name: string;
  readonly family: string;
  readonly description: string;
  /** By name, what differs from the defaults of the family. */
  values: Record<string, { readonly value: string; readonly applyMethod: ApplyMethod }>;
  tags: Tag[];
}

export type SourceType = 'db-instance' | 'db-snapshot';

export interface RecordedEvent {
  readonly id: string;
  readonly at: number;
  readonly sourceType: SourceType;
  readonly sourceIdentifier: string;
  /** Absent for one whose number is not known. */
  readonly eventId?: string;
  readonly categories: readonly string[];
  readonly message: string;
}

/** All that the model knows; JSON. */
export interface RdsState {
  version: 1;
  /** Of the generator of identifiers. */
  seed: number;
  instances: Instance[];
  /** Deleted instances whose automated backups were kept. */
  retired: Instance[];
  snapshots: Snapshot[];
  parameterGroups: ParameterGroup[];
  events: RecordedEvent[];
  /** The fault of too little capacity: calls are refused, or accepted and given up. */
  capacity?: 'refused' | 'given up';
}

export const emptyState = (seed: number): RdsState => ({
  version: 1,
  seed,
  instances: [],
  retired: [],
  snapshots: [],
  parameterGroups: [],
  events: [],
});
