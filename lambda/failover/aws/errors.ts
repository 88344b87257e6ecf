/** What an error of the SDK means to the controller. */
import { CallFailed, type Outcome } from '../ports';

/**
 * By the error's name, without the ending `Fault`, `Exception` or `Error`, which services give or leave out as they like.
 * Every error that the API names for an operation of ours is here (botocore's description; the test goes through it), and
 * those that any call may end with (RDS API reference, "Common errors").
 */
const NAMED: Readonly<Record<Outcome, readonly string[]>> = {
  throttled: [
    'Throttling',
    'Throttled',
    'RequestLimitExceeded',
    'RequestThrottled',
    'TooManyRequests',
    'ProvisionedThroughputExceeded',
    'SlowDown',
    'LimitExceeded',
    // Route 53 makes one change after the other in a zone.
    'PriorRequestNotComplete',
    // DynamoDB: another transaction had an item in hand. Nothing was written.
    'TransactionInProgress',
  ],
  'wrong-state': [
    'InvalidDBInstanceState',
    'InvalidDBClusterState',
    'InvalidDBSecurityGroupState',
    // What the instance depends on cannot be changed now.
    'DBUpgradeDependencyFailure',
    // CloudFormation: the stack is being updated.
    'OperationInProgress',
    // Route 53: a record that was to be deleted is not as it was read.
    'InvalidChangeBatch',
  ],
  // Of what the call is about: what it only mentions, and is not there, makes it invalid.
  'not-found': ['DBInstanceNotFound', 'NoSuchHostedZone', 'ResourceNotFound', 'NotFound'],
  'already-exists': ['DBInstanceAlreadyExists', 'DBSnapshotAlreadyExists', 'SnapshotAlreadyExists'],
  denied: [
    'AccessDenied',
    'Authorization',
    // "RDS might not be authorized to perform necessary actions using IAM on your behalf."
    'AuthorizationNotFound',
    'AuthFailure',
    'NotAuthorized',
    'UnauthorizedOperation',
    'UnrecognizedClient',
    'InvalidClientTokenId',
    'SignatureDoesNotMatch',
    'IncompleteSignature',
    'RequestExpired',
    'OptInRequired',
    'ExpiredToken',
    'MissingAuthenticationToken',
    'KMSAccessDenied',
    'KMSKeyNotAccessible',
  ],
  invalid: [
    'InvalidParameterValue',
    'InvalidParameterCombination',
    'InvalidVPCNetworkState',
    'InvalidSubnet',
    'InvalidDBSubnetGroup',
    'DBSubnetGroupNotAllowed',
    'DBSubnetGroupDoesNotCoverEnoughAZs',
    'NetworkTypeNotSupported',
    'StorageTypeNotSupported',
    'VpcEncryptionControlViolation',
    'BackupPolicyNotFound',
    'CertificateNotFound',
    'DBClusterNotFound',
    'DBParameterGroupNotFound',
    'DBSecurityGroupNotFound',
    'DBSubnetGroupNotFound',
    'DomainNotFound',
    'OptionGroupNotFound',
  ],
  room: [
    'InsufficientDBInstanceCapacity',
    'InstanceQuotaExceeded',
    'SnapshotQuotaExceeded',
    'StorageQuotaExceeded',
    'TenantDatabaseQuotaExceeded',
    'ProvisionedIopsNotAvailableInAZ',
    'DBInstanceAutomatedBackupQuotaExceeded',
  ],
  timeout: ['Timeout', 'Abort', 'RequestTimeout'],
  failed: ['InternalFailure', 'ServiceUnavailable', 'CredentialsProvider'],
};

/** Of an error that has no name here, its HTTP status is all that there is to go by. */
export const isNamed = (name: string): boolean => OUTCOMES.has(bare(name));

const bare = (name: string): string => name.replace(/(Fault|Exception|Error)$/, '');

const OUTCOMES = new Map(
  Object.entries(NAMED).flatMap(([outcome, names]) => names.map((name) => [name, outcome as Outcome])),
);

/** Node's codes of a connection that ended with the request on its way: whether it arrived is not known. */
const CUT_OFF = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'];

/** @param error thrown by an SDK client */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof CallFailed) return error.outcome;
  const { name, code, message, $metadata } = (error ?? {}) as {
    name?: string;
    code?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const known = OUTCOMES.get(bare(name ?? ''));
  if (known) return known;
  if (CUT_OFF.includes(code ?? '') || message === 'socket hang up') return 'timeout';
  // CloudFormation has no name for it: "Stack [x] does not exist".
  if (name === 'ValidationError' && / does not exist/.test(message ?? '')) return 'not-found';
  const status = $metadata?.httpStatusCode ?? 0;
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'not-found';
  return status >= 400 && status < 500 ? 'invalid' : 'failed';
}

/**
 * @param what the call, for people: `rds ModifyDBInstance`
 * @returns itself when it is one already. The SDK's messages hold names and ARNs, and no secret.
 */
export function callFailed(what: string, error: unknown): CallFailed {
  if (error instanceof CallFailed) return error;
  const { name = 'Error', message = String(error) } = (error ?? {}) as Partial<Error>;
  const outcome = outcomeOf(error);
  return new CallFailed(outcome, `${what}: ${outcome}: ${name}: ${message}`, { cause: error });
}
