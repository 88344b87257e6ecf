/**
 * What RDS shows as the status of an instance, and what that means here. It is a hint of what RDS would say, and no proof: a
 * status that is not in this table is asked, as a refusal costs nothing and a list that is too short costs a failover.
 *
 * Sentences in quotes are those of the RDS User Guide, "Viewing Amazon RDS DB instance status".
 */
interface Status {
  /**
   * - `operational`: the server runs, and whatever is wanted is asked for.
   * - `busy`: RDS is at work on it, or takes nothing but one thing. Asked for is only what cannot wait.
   * - `down`: there is no server, and somebody can bring it back.
   * - `creating`: there is no server yet.
   * - `leaving`: it is being deleted.
   * - `broken`: RDS has given it up, and no waiting brings it back.
   */
  readonly kind: 'operational' | 'busy' | 'down' | 'creating' | 'leaving' | 'broken';
  /** RDS may have taken the server down by itself or for somebody, and brings it back: no death until it has had time. */
  readonly inCare?: true;
  /** Why, or who says so. */
  readonly source: string;
}

const STATUSES: Readonly<Record<string, Status>> = {
  available: { kind: 'operational', source: '"available for modifications"' },
  'storage-optimization': {
    kind: 'operational',
    source:
      'for hours after each growth of the storage: "a background process that doesn\'t affect the instance\'s availability"; ' +
      'only changes of the storage are refused (alphagov/paas-cf#2332)',
  },
  'storage-initialization': {
    kind: 'operational',
    source: 'loads from a snapshot: "remains available for operations"',
  },
  'configuring-enhanced-monitoring': {
    kind: 'operational',
    inCare: true,
    source: 'monitoring "is being enabled or disabled"',
  },
  'configuring-iam-database-auth': {
    kind: 'operational',
    inCare: true,
    source: 'authentication "is being enabled or disabled"',
  },
  'configuring-log-exports': {
    kind: 'operational',
    inCare: true,
    source: 'publishing of logs "is being enabled or disabled"',
  },
  'storage-config-upgrade': {
    kind: 'operational',
    inCare: true,
    source:
      'of read replicas; the engine is not available meanwhile (guide, "Upgrading the storage file system"): one that answers ' +
      'is through with that',
  },
  maintenance: {
    kind: 'operational',
    inCare: true,
    source:
      '"applying a maintenance update"; whether the server is down meanwhile is not said: its answer tells',
  },

  'backing-up': { kind: 'busy', source: '"is currently being backed up"; it serves, and cannot be promoted' },
  modifying: { kind: 'busy', inCare: true, source: '"because of a customer request"' },
  rebooting: { kind: 'busy', inCare: true, source: '"a customer request or an Amazon RDS process"' },
  renaming: { kind: 'busy', inCare: true, source: '"because of a customer request"' },
  upgrading: { kind: 'busy', inCare: true, source: '"engine or operating system version"' },
  'resetting-master-credentials': { kind: 'busy', inCare: true, source: '"because of a customer request"' },
  'converting-to-vpc': { kind: 'busy', inCare: true, source: 'of instances without a VPC' },
  'moving-to-vpc': { kind: 'busy', inCare: true, source: 'to another VPC' },
  'storage-full': {
    kind: 'busy',
    source: 'takes more storage, and nothing else (aws-cloudformation/cloudformation-coverage-roadmap#550)',
  },

  starting: { kind: 'down', inCare: true, source: '"The DB instance is starting."' },
  stopping: { kind: 'down', inCare: true, source: 'somebody stops it: no death' },
  stopped: { kind: 'down', inCare: true, source: 'somebody has stopped it: no death' },
  'inaccessible-encryption-credentials-recoverable': {
    kind: 'down',
    source: '"if the KMS key is active, restarting the DB instance can recover it"',
  },

  creating: { kind: 'creating', source: '"inaccessible while it is being created"' },
  'delete-precheck': { kind: 'leaving', source: '"validating that read replicas are safe to delete"' },
  deleting: { kind: 'leaving', source: '"is being deleted"' },

  failed: { kind: 'broken', source: '"Amazon RDS can\'t recover it"' },
  'restore-error': { kind: 'broken', source: '"an error attempting to restore"' },
  'insufficient-capacity': {
    kind: 'broken',
    source: 'was never created: "delete your DB instance, wait a few hours, and try to create again"',
  },
  'inaccessible-encryption-credentials': {
    kind: 'broken',
    source: 'the key "can\'t be accessed or recovered"',
  },
  // Terminal to CloudFormation's handler (DBInstanceStatus.java); the guide writes the second with an underscore.
  'modify-failed': { kind: 'broken', source: "CloudFormation's handler" },
  'upgrade-failed': { kind: 'broken', source: "CloudFormation's handler" },
  upgrade_failed: { kind: 'broken', source: '"failed to upgrade to a supported version"' },
};

/** Families of which AWS names more from time to time; terminal to CloudFormation's handler but for the last. */
const FAMILIES: readonly (readonly [prefix: string, Status])[] = [
  [
    'incompatible-',
    { kind: 'broken', source: 'network, parameters, option group, restore, create, credentials' },
  ],
  ['configuring-', { kind: 'operational', inCare: true, source: 'as those that the guide names' }],
];

const UNKNOWN: Status = { kind: 'operational', source: 'not in the guide: RDS is asked' };

export const STATUS_NAMES: readonly string[] = Object.keys(STATUSES);

export const meaningOf = (status: string): Status =>
  STATUSES[status] ?? FAMILIES.find(([prefix]) => status.startsWith(prefix))?.[1] ?? UNKNOWN;

/** Whether RDS is asked for what is wanted of it. */
export const isOperational = (status: string): boolean => meaningOf(status).kind === 'operational';

/** A promoted one serves: RDS may begin its first backup at once. */
export const isOpen = (status: string): boolean => isOperational(status) || status === 'backing-up';
