/** One look at one server. */
import { sqlState } from '../../../app/database/errors';
import type { Address, Heartbeat, Probe, Reached } from '../observation';
import type { Keep, Log } from '../ports';
import { type Access, type Ask, connected } from './connection';
import { beat, look } from './look';
import { keepSlot } from './slot';
import { NotReached, notReached } from './unreached';

/** A server that needs longer is as good as none: a look is every few seconds. */
export const PROBE_MILLIS = 2_000;

/** Less, so that a living server says itself that a statement took too long. */
const STATEMENT_MILLIS = 1_500;

/** How often the slot is looked after; and after a step that was not the last one. */
const SLOT_EVERY_MILLIS = 60_000;
const SLOT_AGAIN_MILLIS = 5_000;

/** What passes when asked again: a statement on a replica was in the way of what it replays. */
const CONFLICT = ['40001', '40P01'];

/** A server that takes no write, or whose owner has made it the default to take none. */
const READ_ONLY = '25006';

/** @param now milliseconds of a clock */
export function prober(
  access: Access,
  log: Log,
  now: () => number = () => performance.now(),
): (address: Address, keep?: Keep) => Promise<Probe> {
  /** When each server's slot is looked after next. */
  const slotDue = new Map<string, number>();

  async function keepSlotSometimes(ask: Ask, { host }: Address, { slotUpTo }: Keep): Promise<void> {
    if (now() < (slotDue.get(host) ?? -Infinity)) return;
    slotDue.set(host, now() + SLOT_EVERY_MILLIS);
    try {
      const isDone = await keepSlot(ask, access.database, slotUpTo);
      if (!isDone) slotDue.set(host, now() + SLOT_AGAIN_MILLIS);
    } catch (error) {
      log.warn('the slot was not kept', { host, error });
    }
  }

  return async (address, keep) => {
    let seen: Reached | undefined;
    try {
      await connected(
        address,
        access,
        { milliseconds: PROBE_MILLIS, statementMillis: STATEMENT_MILLIS },
        async (ask) => {
          seen = await look(ask).catch((error: unknown) => {
            if (CONFLICT.includes(sqlState(error) ?? '')) return look(ask);
            throw error;
          });
          if (!keep || seen.inRecovery) return;
          seen = { ...seen, ...(await write(ask, keep.epoch)) };
          if (seen.write === 'written') await keepSlotSometimes(ask, address, keep);
        },
      );
    } catch (error) {
      const failed = error instanceof NotReached ? error : notReached(error, 1);
      // The look was answered, and the write was not, in our time; or both were, and the slot's statements were not.
      if (seen && failed.isLate)
        return { ...seen, ...(keep && { write: seen.write ?? { refused: failed.message } }) };
      return { reached: false, why: failed.why, message: failed.message };
    }
    return seen!;
  };
}

async function write(ask: Ask, epoch: number): Promise<Pick<Reached, 'write'> & Partial<Reached>> {
  try {
    return { heartbeat: await beat(ask, epoch), write: 'written' };
  } catch (error) {
    if (error instanceof NotReached) throw error;
    const heartbeat = sqlState(error) === READ_ONLY ? await beatAllTheSame(ask, epoch) : undefined;
    return { ...(heartbeat && { heartbeat }), write: { refused: (error as Error).message } };
  }
}

/** Where only the default is to take no write, that is for people to know, and the lag is measured by what is written. */
async function beatAllTheSame(ask: Ask, epoch: number): Promise<Heartbeat | undefined> {
  try {
    await ask('set default_transaction_read_only = off');
    return await beat(ask, epoch);
  } catch (error) {
    if (error instanceof NotReached) throw error;
    return undefined;
  }
}
