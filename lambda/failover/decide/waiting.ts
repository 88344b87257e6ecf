/**
 * Changes that wait for the maintenance window. A class or storage change that somebody has asked for would begin in the
 * middle of a failover if the controller asked for something else "immediately".
 */
import type { PendingModifiedValues } from '@aws-sdk/client-rds';
import type { Changes } from '../decision';
import type { SeenInstance } from '../observation';

/**
 * Whether RDS would leave `changes` for the maintenance window unless it is told otherwise: Multi-AZ, and backups on or off.
 * It makes the others at once, whatever it is told: groups, deletion protection, windows, more or fewer days of backups (RDS
 * guide, "Settings for DB instances").
 */
export const wouldWait = ({ multiAz, backupDays }: Changes, now: Pick<SeenInstance, 'backupDays'>): boolean =>
  multiAz !== undefined || (backupDays !== undefined && backupDays > 0 !== now.backupDays > 0);

/**
 * What waits of an instance, by RDS's names: `DBInstanceClass`, …
 *
 * @param own what is to be asked for now: that it waits already is no reason not to
 */
export const waitingFor = (
  { description }: Pick<SeenInstance, 'description'>,
  own: keyof PendingModifiedValues,
): readonly string[] =>
  Object.entries(description.PendingModifiedValues ?? {})
    .filter(([name, value]) => name !== own && isSomething(value))
    .map(([name]) => name);

/** RDS answers with empty structures too. */
const isSomething = (value: unknown): boolean =>
  value !== undefined && value !== null && (typeof value !== 'object' || Object.keys(value).length > 0);

/** Why a change that needs `ApplyImmediately` is not asked for; undefined: it may be. */
export function mustWait(instance: SeenInstance, own: keyof PendingModifiedValues): string | undefined {
  const waiting = waitingFor(instance, own);
  return waiting.length === 0
    ? undefined
    : `${waiting.join(', ')} of ${instance.identifier} waits for its maintenance window, and would begin with it`;
}
