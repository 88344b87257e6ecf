/** What RDS accepts of storage: sizes in GiB. Rules are of the API reference, "CreateDBInstance", unless they say more. */
import type { Core } from './core';
import { invalidParameterCombination, invalidParameterValue } from './errors';
import type { Instance } from './state';

const LARGEST = 65_536;
/** For PostgreSQL (API, CreateDBInstance, AllocatedStorage). */
const SIZES: Readonly<Record<string, { readonly least: number; readonly most: number }>> = {
  gp2: { least: 20, most: LARGEST },
  gp3: { least: 20, most: LARGEST },
  io1: { least: 100, most: LARGEST },
  io2: { least: 100, most: LARGEST },
  standard: { least: 5, most: 3_072 },
};
/** From here gp3 takes figures of its own, for PostgreSQL (guide, "gp3 storage"). */
const GP3_TUNABLE = 400;
const GP3_IOPS = { least: 12_000, most: 64_000 };
const GP3_THROUGHPUT = { least: 500, most: 4_000 };
const PROVISIONED_IOPS = { least: 1_000, most: 256_000 };
/** API, Iops: "a multiple between .5 and 50 of the storage amount"; io2 takes more (guide, "Provisioned IOPS"). */
const IOPS_PER_GIB = { io1: 50, io2: 1_000 };
/** API, ModifyDBInstance, AllocatedStorage: less than 10 % more is rounded up to it. */
const GROWTH_PERCENT = 110;

export interface Storage {
  readonly type: string;
  readonly gibibytes: number;
  readonly iops?: number;
  readonly throughput?: number;
}

const grown = (gibibytes: number): number => Math.ceil((gibibytes * GROWTH_PERCENT) / 100);

/** @throws RdsError InvalidParameterValue, InvalidParameterCombination */
export function checkStorage({ type, gibibytes, iops, throughput }: Storage): void {
  const size = SIZES[type];
  if (!size) throw invalidParameterValue(`Invalid storage type: ${type}`);
  if (!Number.isInteger(gibibytes) || gibibytes < size.least || gibibytes > size.most) {
    throw invalidParameterValue(
      `Invalid storage size for engine name postgres and storage type ${type}: ${gibibytes}`,
    );
  }
  if (type === 'io1' || type === 'io2') provisioned(type, gibibytes, iops);
  if (type === 'gp3') tuned(gibibytes, iops, throughput);
  if ((type === 'gp2' || type === 'standard') && iops !== undefined) {
    throw invalidParameterCombination(`You can't specify IOPS for storage type ${type}.`);
  }
  if (type !== 'gp3' && throughput !== undefined) {
    throw invalidParameterCombination(
      `You can't specify storage throughput for storage type ${type}: it applies only to gp3.`,
    );
  }
}

function provisioned(type: 'io1' | 'io2', gibibytes: number, iops: number | undefined): void {
  if (iops === undefined) {
    throw invalidParameterCombination(`The storage type ${type} requires iops to be specified.`);
  }
  const ratio = iops / gibibytes;
  if (iops < PROVISIONED_IOPS.least || iops > PROVISIONED_IOPS.most) {
    throw invalidParameterValue(
      `Invalid iops value for engine name postgres and storage type ${type}: ${iops}`,
    );
  }
  if (ratio < 0.5 || ratio > IOPS_PER_GIB[type]) {
    throw invalidParameterCombination(`The IOPS to GiB ratio must be between 0.5 and ${IOPS_PER_GIB[type]}`);
  }
}

function tuned(gibibytes: number, iops: number | undefined, throughput: number | undefined): void {
  if (iops === undefined && throughput === undefined) return;
  if (gibibytes < GP3_TUNABLE) {
    // crossplane-contrib/provider-aws#1630, cloudtools/troposphere#2153
    throw invalidParameterCombination(
      `You can't specify IOPS or storage throughput for engine postgres and a storage size less than ${GP3_TUNABLE}.`,
    );
  }
  if (iops !== undefined && (iops < GP3_IOPS.least || iops > GP3_IOPS.most)) {
    throw invalidParameterValue(`Invalid iops value for engine name postgres and storage type gp3: ${iops}`);
  }
  if (throughput !== undefined && (throughput < GP3_THROUGHPUT.least || throughput > GP3_THROUGHPUT.most)) {
    throw invalidParameterValue(`Invalid storage throughput for storage type gp3: ${throughput}`);
  }
}

/**
 * Of a new instance. Above what RDS can allocate: guide, "Managing capacity automatically".
 * @throws RdsError InvalidParameterValue, InvalidParameterCombination (ministryofjustice/cloud-platform-environments#7471, #15253)
 */
export function checkMaximum(most: number, allocated: number): void {
  if (most > LARGEST)
    throw invalidParameterValue(`Invalid max storage size for engine name postgres: ${most}`);
  if (most <= allocated)
    throw invalidParameterCombination('Max storage size must be greater than storage size');
  if (most < grown(allocated)) {
    throw invalidParameterCombination(
      'The maximum allocated storage must be increased by at least 10 percent.',
    );
  }
}

/** Of one that there is: what is allocated turns autoscaling off (guide, "Turning off storage autoscaling"). */
export function checkNewMaximum(most: number, allocated: number): void {
  if (most !== allocated) checkMaximum(most, allocated);
}

/**
 * @returns GiB that it gets: RDS rounds up
 * @throws RdsError InvalidParameterCombination for less than there is
 */
export function newSize(wanted: number, allocated: number): number {
  if (wanted < allocated) {
    throw invalidParameterCombination(
      `Invalid storage size. Requested storage size (${wanted}) cannot be less than the current storage size (${allocated}).`,
    );
  }
  return wanted === allocated ? wanted : Math.max(wanted, grown(allocated));
}

/**
 * Guide, "Working with storage": no further change for six hours, or until the optimization is over, whichever is longer.
 * @throws RdsError InvalidParameterCombination (terraform-provider-aws#12493)
 */
export function mustNotBeOptimizing(core: Core, instance: Instance): void {
  if (!isOptimizing(core, instance)) return;
  throw invalidParameterCombination(
    "You can't currently modify the storage of this DB instance because the previous storage change is being optimized.",
  );
}

export function isOptimizing(core: Core, { storageChangedAt, timers }: Instance): boolean {
  if (timers.optimized !== undefined) return true;
  return storageChangedAt !== undefined && core.now() < storageChangedAt + core.span('storageCooldown');
}
