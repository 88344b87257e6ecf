/** Carries out one action. Each may be repeated: what is done already counts as done. */
import type { ModifyDBInstanceMessage } from '@aws-sdk/client-rds';
import type { Action, Target } from './decision';
import { type Result } from './decide/retry';
import { keyOf } from './decision';
import type { Observation, SeenInstance } from './observation';
import { messageOf } from './observe';
import { CallFailed, type Outcome, type Ports } from './ports';
import { replicaRequest } from './replica-request';
import { wouldWait } from './decide/waiting';

/** Refusals that say: it is so already. */
const DONE_BEFORE: Partial<Record<Action['kind'], Outcome>> = {
  'create-replica': 'already-exists',
  delete: 'not-found',
};

/** What is kept of an answer: RDS's messages are sentences. */
const MOST_WORDS = 500;

/** @returns what became of it; never throws */
export async function act(ports: Ports, observation: Observation, action: Action): Promise<Result> {
  const key = keyOf(action);
  const begun = ports.clock.now();
  const millis = () => ports.clock.now() - begun;
  try {
    await carryOut(ports, observation, action);
    ports.log.info('done', { action: key, millis: millis() });
    return { key, outcome: 'done' };
  } catch (error) {
    const outcome = error instanceof CallFailed ? error.outcome : 'failed';
    if (DONE_BEFORE[action.kind] === outcome) return { key, outcome: 'done' };
    const said = messageOf(error).slice(0, MOST_WORDS);
    ports.log.warn('not done', { action: key, outcome, error: said, millis: millis() });
    return { key, outcome, said };
  }
}

async function carryOut(ports: Ports, observation: Observation, action: Action): Promise<void> {
  const { rds, names, databases, stack } = ports;
  switch (action.kind) {
    case 'set-groups':
      return modify(ports, action.on, { VpcSecurityGroupIds: [...action.groups] });
    case 'modify': {
      const { deletionProtection, multiAz, backupDays, backupWindow, maintenanceWindow } = action.changes;
      return modify(ports, action.on, {
        DeletionProtection: deletionProtection,
        MultiAZ: multiAz,
        BackupRetentionPeriod: backupDays,
        PreferredBackupWindow: backupWindow,
        PreferredMaintenanceWindow: maintenanceWindow,
        ...(wouldWait(action.changes, instance(observation, action.on)) && { ApplyImmediately: true }),
      });
    }
    case 'rename':
      return modify(ports, action.on, { NewDBInstanceIdentifier: action.to, ApplyImmediately: true });
    case 'reboot':
      await rds.call('RebootDBInstance', { DBInstanceIdentifier: action.on.identifier });
      return;
    case 'promote':
      await rds.call('PromoteReadReplica', {
        DBInstanceIdentifier: action.on.identifier,
        // Its default is 1 day, whatever the source had (API reference).
        BackupRetentionPeriod: action.backupDays,
        // Its default is a window by chance.
        PreferredBackupWindow: action.backupWindow,
      });
      return;
    case 'create-replica':
      await rds.call(
        'CreateDBInstanceReadReplica',
        replicaRequest(instance(observation, action.of), action.identifier),
      );
      return;
    case 'delete':
      await rds.call('DeleteDBInstance', {
        DBInstanceIdentifier: action.on.identifier,
        // Only of a replica is nothing kept: RDS has no backups of it.
        ...(action.snapshot === undefined
          ? { SkipFinalSnapshot: true }
          : { FinalDBSnapshotIdentifier: action.snapshot }),
        ...(instance(observation, action.on).source === undefined && { DeleteAutomatedBackups: false }),
      });
      return;
    case 'open': {
      const { endpoint } = instance(observation, action.on);
      return databases.open(endpoint!, action.epoch, action.sequenceGap);
    }
    case 'move-names':
      return names.change(action.from, action.to);
    case 'stack-policy':
      return stack.setPolicy(action.updates);
  }
}

/**
 * `ApplyImmediately` begins every change that waits for the maintenance window, whoever asked for it, and may take the
 * database down (RDS guide, "Using the Apply Immediately setting"). It is given where the change itself would wait, and
 * nothing else does (decide/waiting.ts).
 */
async function modify(
  { rds }: Ports,
  on: Target,
  changes: Omit<ModifyDBInstanceMessage, 'DBInstanceIdentifier'>,
): Promise<void> {
  await rds.call('ModifyDBInstance', { DBInstanceIdentifier: on.identifier, ...changes });
}

function instance({ instances }: Observation, { resourceId }: Target): SeenInstance {
  return instances.find((one) => one.resourceId === resourceId)!;
}
