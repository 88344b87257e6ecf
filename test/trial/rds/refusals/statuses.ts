/** What each call comes to in each status. */
import type { Operation } from '../../../../trial/rds/model/operations';
import { type Answers, UNDECIDED, type UndecidedQuestion } from '../../../../trial/rds/model/undecided';
import { type Prepared, PRIMARY, REPLICA } from './prepared';
import { ACCEPTED, type Row, STATE } from './row';

const GUIDE = 'guide, "DB instance status"';
const NOT_AVAILABLE = 'cloud-custodian#178; tf#31594';

interface Call {
  readonly operation: Operation;
  readonly asked: string;
  readonly request: object;
  readonly says: RegExp;
  readonly source: string;
  /** Statuses in which it is accepted, or in which evidence does not decide. */
  readonly unlike?: Partial<Record<Prepared, 'accepted' | UndecidedQuestion>>;
}

const THIS = { DBInstanceIdentifier: PRIMARY };

const CALLS: readonly Call[] = [
  {
    operation: 'ModifyDBInstance',
    asked: 'deletion protection',
    request: { ...THIS, DeletionProtection: true },
    says: /available state|stopped|storage-full/,
    source: NOT_AVAILABLE,
    unlike: {
      'storage-optimization': 'accepted',
      'backing-up': 'modifyInBackingUp',
      'configuring-enhanced-monitoring': 'modifyWhileConfiguring',
      'configuring-log-exports': 'modifyWhileConfiguring',
      'configuring-iam-database-auth': 'modifyWhileConfiguring',
    },
  },
  {
    operation: 'RebootDBInstance',
    asked: 'a reboot',
    request: THIS,
    says: /cannot currently reboot due to an in-progress management operation/,
    source: 'tf#27325, #11905',
    unlike: { 'storage-optimization': 'rebootWhileOptimizing', 'incompatible-parameters': 'accepted' },
  },
  {
    operation: 'CreateDBInstanceReadReplica',
    asked: 'a replica',
    request: { DBInstanceIdentifier: 'new', SourceDBInstanceIdentifier: PRIMARY },
    says: /available state/,
    source: 'terraform-aws-modules/terraform-aws-rds#192; API',
    unlike: { 'storage-optimization': 'replicaWhileOptimizing' },
  },
  {
    operation: 'StopDBInstance',
    asked: 'a stop',
    request: THIS,
    says: /available state|read replica/,
    source: 'cloud-custodian#1687',
    unlike: { 'storage-optimization': 'stopWhileOptimizing' },
  },
  {
    operation: 'CreateDBSnapshot',
    asked: 'a snapshot',
    request: { ...THIS, DBSnapshotIdentifier: 'new' },
    says: /Cannot create a snapshot because/,
    source:
      'API, CreateDBSnapshot: "available or storage-optimization"; ministryofjustice/cloud-platform-user-guide#1842',
    unlike: { 'storage-optimization': 'accepted' },
  },
  {
    operation: 'DeleteDBInstance',
    asked: 'a deletion with a last snapshot',
    request: { ...THIS, FinalDBSnapshotIdentifier: 'last' },
    says: /Cannot create a snapshot because|already being deleted/,
    source: 'API; ministryofjustice/cloud-platform-user-guide#1842',
    unlike: { 'storage-optimization': 'accepted' },
  },
  {
    operation: 'DeleteDBInstance',
    asked: 'a deletion',
    request: { ...THIS, SkipFinalSnapshot: true },
    says: /already being deleted/,
    source: 'API; cfn BaseHandlerStd',
    unlike: 'all' as never,
  },
  {
    operation: 'StartDBInstance',
    asked: 'a start',
    request: THIS,
    says: /not stopped/,
    source: 'API, StartDBInstance',
    unlike: { stopped: 'accepted', 'inaccessible-encryption-credentials-recoverable': 'accepted' },
  },
];

/** Statuses of the primary; each is its own account. */
const STATUSES = [
  'creating',
  'backing-up',
  'modifying',
  'rebooting',
  'renaming',
  'resetting-master-credentials',
  'configuring-enhanced-monitoring',
  'configuring-log-exports',
  'configuring-iam-database-auth',
  'storage-optimization',
  'maintenance',
  'upgrading',
  'storage-config-upgrade',
  'storage-initialization',
  'stopping',
  'stopped',
  'starting',
  'storage-full',
  'failed',
  'insufficient-capacity',
  'incompatible-create',
  'incompatible-network',
  'incompatible-parameters',
  'incompatible-restore',
  'inaccessible-encryption-credentials',
  'inaccessible-encryption-credentials-recoverable',
  'modify-failed',
  'upgrade-failed',
  'deleting',
  'delete-precheck',
] as const satisfies readonly Prepared[];

function rowsOf(call: Call, given: Prepared): Row[] {
  const { operation, request, source } = call;
  const row = { operation, asked: call.asked, given, request, source };
  const refused = { ...row, code: STATE, says: call.says };
  const accepted = { ...row, code: ACCEPTED };
  if ((call.unlike as unknown) === 'all') return [/^delet/.test(given) ? refused : accepted];
  const answer = call.unlike?.[given];
  if (answer === undefined) return [refused];
  if (answer === 'accepted') return [{ ...accepted, source: `${source}; ${GUIDE}` }];
  return UNDECIDED[answer].answers.map((one) => ({
    ...(one === 'accepted' ? accepted : refused),
    source: UNDECIDED[answer].source,
    undecided: { [answer]: one } as Partial<Answers>,
  }));
}

/** A replica is promoted in `available` alone. */
const PROMOTIONS = (
  [
    'creating replica',
    'backing-up replica',
    'modifying replica',
    'promoting replica',
    'rebooting replica',
  ] as const
).map((given): Row => ({
  operation: 'PromoteReadReplica',
  asked: 'a promotion',
  given,
  request: { DBInstanceIdentifier: REPLICA },
  code: STATE,
  source: 'API, PromoteReadReplica; guide, "Promoting a read replica"',
}));

const OPTIMIZING = UNDECIDED.promoteWhileOptimizing.answers.map((answer): Row => ({
  operation: 'PromoteReadReplica',
  asked: 'a promotion',
  given: 'storage-optimization replica',
  request: { DBInstanceIdentifier: REPLICA },
  code: answer === 'accepted' ? ACCEPTED : STATE,
  source: UNDECIDED.promoteWhileOptimizing.source,
  undecided: { promoteWhileOptimizing: answer },
}));

export { STATUSES as SHOWN };
export const BY_STATUS: readonly Row[] = [
  ...STATUSES.flatMap((given) => CALLS.flatMap((call) => rowsOf(call, given))),
  ...PROMOTIONS,
  ...OPTIMIZING,
];
