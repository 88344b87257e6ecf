/** A refusal of RDS, as a client sees it. Codes and statuses are those of the service's API description. */
export class RdsError extends Error {
  override readonly name = 'RdsError';
  constructor(
    readonly code: string,
    /** HTTP status. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const refusal =
  (code: string, status = 400) =>
  (message: string): RdsError =>
    new RdsError(code, status, message);

// Codes of the query protocol itself, which the API description does not list (API reference, "Common errors").
export const invalidParameterValue = refusal('InvalidParameterValue');
export const invalidParameterCombination = refusal('InvalidParameterCombination');

export const invalidInstanceState = refusal('InvalidDBInstanceState');
export const instanceNotFound = (identifier: string) =>
  new RdsError('DBInstanceNotFound', 404, `DBInstance ${identifier} not found.`);
export const instanceExists = () =>
  new RdsError('DBInstanceAlreadyExists', 400, 'DB instance already exists');
export const snapshotNotFound = (identifier: string) =>
  new RdsError('DBSnapshotNotFound', 404, `DBSnapshot ${identifier} not found.`);
export const snapshotExists = (identifier: string) =>
  new RdsError(
    'DBSnapshotAlreadyExists',
    400,
    `Cannot create the snapshot because a snapshot with the identifier ${identifier} already exists.`,
  );
export const invalidSnapshotState = refusal('InvalidDBSnapshotState');
export const insufficientCapacity = refusal('InsufficientDBInstanceCapacity');
export const backupQuotaExceeded = refusal('DBInstanceAutomatedBackupQuotaExceeded');
export const networkTypeNotSupported = refusal('NetworkTypeNotSupported');
export const subnetGroupNotAllowed = refusal('DBSubnetGroupNotAllowedFault');
export const invalidNetwork = refusal('InvalidVPCNetworkStateFault');
export const tooFewZones = refusal('DBSubnetGroupDoesNotCoverEnoughAZs');
export const storageQuotaExceeded = refusal('StorageQuotaExceeded');
export const certificateNotFound = (identifier: string) =>
  new RdsError('CertificateNotFound', 404, `Certificate not found: ${identifier}`);
export const instanceQuotaExceeded = refusal('InstanceQuotaExceeded');
export const snapshotQuotaExceeded = refusal('SnapshotQuotaExceeded');
export const restoreNotEnabled = refusal('PointInTimeRestoreNotEnabled');
export const backupNotFound = refusal('DBInstanceAutomatedBackupNotFound', 404);
export const parameterGroupExists = (name: string) =>
  new RdsError('DBParameterGroupAlreadyExists', 400, `Parameter group ${name} already exists`);
export const parameterGroupQuotaExceeded = refusal('DBParameterGroupQuotaExceeded');
export const invalidParameterGroupState = refusal('InvalidDBParameterGroupState');
export const parameterGroupNotFound = (name: string) =>
  new RdsError('DBParameterGroupNotFound', 404, `DBParameterGroup not found: ${name}`);
export const optionGroupNotFound = (name: string) =>
  new RdsError('OptionGroupNotFoundFault', 404, `Specified OptionGroupName: ${name} not found.`);
export const subnetGroupNotFound = (name: string) =>
  new RdsError('DBSubnetGroupNotFoundFault', 404, `DB subnet group '${name}' does not exist.`);
