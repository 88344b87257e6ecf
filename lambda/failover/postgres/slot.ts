/** The slot on the primary, by which recovery will find what no replica received (prepare-database/plan.ts). */
import { type ObservedSlot, SLOT_NAME, slotPlan } from '../../prepare-database/plan';
import { compareLsn, type Lsn } from '../lsn';
import type { Ask } from './connection';

/** Of a slot's statements. Making one waits for the transactions that are open. */
const SLOT_STATEMENT_MILLIS = 1_000;

/** One statement decodes this much and no more, so that it ends in time however much has been written. */
const STEP = '256 MB';

interface Slot extends ObservedSlot {
  readonly confirmed: Lsn | null;
  /** Where one step would bring it. */
  readonly step: Lsn | null;
}

/**
 * Makes the slot when it is missing or lost, and lets it go as far as `upTo`.
 *
 * @returns whether it is there and as far as it should be
 * @throws what PostgreSQL refuses; Error when a slot of that name is another's
 */
export async function keepSlot(ask: Ask, database: string, upTo?: Lsn): Promise<boolean> {
  await ask(`set statement_timeout = ${SLOT_STATEMENT_MILLIS}`);
  const [slot] = await ask<Slot>(
    `select plugin, database, wal_status as "walStatus", active, confirmed_flush_lsn::text as confirmed,
            (confirmed_flush_lsn + pg_size_bytes('${STEP}'))::text as step
       from pg_replication_slots where slot_name = $1`,
    [SLOT_NAME],
  );
  const statements = slotPlan(slot, database);
  for (const statement of statements) await ask(statement);
  if (statements.length > 0 || !slot) return true;
  // Recovery reads it just now, or there is nothing to go for.
  const { active, confirmed, step } = slot;
  if (active || upTo === undefined || !confirmed || !step || compareLsn(upTo, confirmed) <= 0) return true;
  const to = compareLsn(upTo, step) < 0 ? upTo : step;
  await ask('select pg_replication_slot_advance($1, $2::text::pg_lsn)', [SLOT_NAME, to]);
  return to === upTo;
}
