/** What becomes of the old primary when everything of it is put back or decided. */
import { randomUUID } from 'node:crypto';
import type { Command } from '../../failover/ports';
import type { Applied } from '../apply';
import type { Plan } from '../plan';
import type { RunRequest } from '../run-state';
import { waitingOf } from './choose';
import type { Parts } from './parts';

const TRIES = 10;
const PAUSE_MILLIS = 3_000;

/**
 * Tells the controller that recovery is done, when nothing is left that a person must decide: it then deletes the old
 * primary, with a last snapshot.
 *
 * @returns what was done about it: a sentence. Never throws
 */
export async function endQuarantine(
  { journal, putCommand, now, sleep, log }: Parts,
  { by }: Pick<RunRequest, 'by'>,
  { head, changes }: Plan,
  { isComplete }: Applied,
): Promise<string> {
  const byHand = `A person ends it: npm run recover -- waive --why "…".`;
  const open = [
    ...(isComplete ? [] : ['some changes are left open']),
    ...(head.unrecoverable.length > 0 ? [`${head.unrecoverable.length} findings are unrecoverable`] : []),
    ...(head.gaps.length > 0 ? ['not everything could be seen'] : []),
  ];
  if (open.length > 0) {
    return `${head.from} stays in quarantine, as ${open.join(' and ')}: the report says what can be done. ${byHand}`;
  }
  try {
    for (let tries = 1; tries <= TRIES; tries++) {
      const of = waitingOf(await journal(), head.fork);
      if (of === undefined) return `Everything is put back or decided; ${head.from} does not wait for it.`;
      const command: Command = {
        id: randomUUID(),
        by: `recovery for ${by}`,
        at: now(),
        kind: 'waive',
        why: `plan ${head.id}: all ${changes.length} changes are put back or decided`,
        recovered: true,
        of,
      };
      if (await putCommand(command)) {
        return `Everything is put back or decided: the controller is told that the recovery of ${head.from} is done, and deletes it with a last snapshot.`;
      }
      await sleep(PAUSE_MILLIS);
    }
  } catch (error) {
    log.warn('the controller could not be told', { error });
  }
  return `Everything is put back or decided, and the controller could not be told, or is busy with another command. ${byHand}`;
}
