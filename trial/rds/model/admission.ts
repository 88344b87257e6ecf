/** Which status takes which call. What is not named here is refused. */
import type { Core } from './core';
import { invalidInstanceState } from './errors';
import type { Instance } from './state';
import { statusOf } from './tasks';
import type { Answers } from './undecided';

/** "The configuration is being changed" (guide, "DB instance status"); minutes. */
export const CONFIGURING = [
  'configuring-enhanced-monitoring',
  'configuring-iam-database-auth',
  'configuring-log-exports',
] as const;

interface Admission {
  /** Beside `available`. */
  readonly statuses: (answers: Answers) => readonly (string | false)[];
  /** As RDS says it, where a thread quotes it. */
  readonly refusal: (instance: Instance) => string;
}

const OPTIMIZING = 'storage-optimization';

const ADMISSIONS = {
  modify: {
    // AWS support, quoted in alphagov/paas-cf#2332: no storage changes, "but other modifications are allowed".
    statuses: (answers) => [
      OPTIMIZING,
      answers.modifyInBackingUp === 'accepted' && 'backing-up',
      ...CONFIGURING.map((status) => answers.modifyWhileConfiguring === 'accepted' && status),
    ],
    refusal: () => 'Database instance is not in available state.',
  },
  promote: {
    statuses: ({ promoteWhileOptimizing }) => [promoteWhileOptimizing === 'accepted' && OPTIMIZING],
    refusal: () => 'Database instance is not in available state.',
  },
  replica: {
    statuses: ({ replicaWhileOptimizing }) => [replicaWhileOptimizing === 'accepted' && OPTIMIZING],
    refusal: () => 'Source database instance is not in available state.',
  },
  reboot: {
    // Guide, "Viewing DB instance status": to be rebooted when its parameters have been mended.
    statuses: ({ rebootWhileOptimizing }) => [
      rebootWhileOptimizing === 'accepted' && OPTIMIZING,
      'incompatible-parameters',
    ],
    // terraform-provider-aws#27325, #11905
    refusal: () => 'Instance cannot currently reboot due to an in-progress management operation.',
  },
  stop: {
    statuses: ({ stopWhileOptimizing }) => [stopWhileOptimizing === 'accepted' && OPTIMIZING],
    // cloud-custodian#1687
    refusal: ({ identifier }) => `Instance ${identifier} is not in available state.`,
  },
  snapshot: {
    // API, CreateDBSnapshot: "must be in the available or storage-optimization state".
    statuses: () => [OPTIMIZING],
    // ministryofjustice/cloud-platform-user-guide#1842
    refusal: ({ identifier }) =>
      `Cannot create a snapshot because the database instance ${identifier} is not currently in the available state.`,
  },
} as const satisfies Record<string, Admission>;

/** @throws RdsError InvalidDBInstanceState */
export function mustTake(core: Core, instance: Instance, call: keyof typeof ADMISSIONS): void {
  const { statuses, refusal }: Admission = ADMISSIONS[call];
  const status = statusOf(instance);
  if (status === 'available' || statuses(core.answers).includes(status)) return;
  throw invalidInstanceState(refusal(instance));
}
