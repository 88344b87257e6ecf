/**
 * Sequences: after an apply each is past what either server has given out, so that no key of a row that was put back is
 * given out again. With the gap of the failover (controller) it is so already; this is for sequences that it could not
 * advance, and for failovers without it.
 *
 * They are set before the first row is written, as live traffic goes on to ask them meanwhile; the old primary gives out
 * nothing more, so that once is enough.
 */
import { escapeLiteral } from 'pg';
import { sqlState } from '../../app/database/errors';
import { OWN_SCHEMA } from '../prepare-database/plan';
import type { SequencePlan } from './plan';
import { LostConnection, type Session } from './session';

export interface SequenceState {
  /** Quoted and with its schema. */
  readonly name: string;
  /** The last value that was given out; null: none, or nobody lets us see it. */
  readonly last: string | null;
  readonly increment: string;
}

/** What became of a sequence. */
export interface SequenceOutcome {
  readonly name: string;
  readonly outcome:
    | 'advanced'
    /** It had come as far by itself. */
    | 'further already'
    /** `why` says it, and `sql` what its owner can run. */
    | 'refused';
  /** The last value given out, when it was over; absent: not known. */
  readonly last?: string;
  readonly why?: string;
  readonly sql?: string;
}

/**
 * Those of identity columns are among them. Not those of unlogged tables, which begin anew as their tables do; and one
 * that was made while a replica followed cannot be read there after its promotion, "bad magic number in sequence" (17.10).
 */
const SEQUENCES = `
  select format('%I.%I', n.nspname, c.relname) as name, s.seqincrement::text as increment,
         case when has_sequence_privilege(c.oid, 'select, usage') then pg_sequence_last_value(c.oid)::text end as last
    from pg_class c join pg_sequence s on s.seqrelid = c.oid join pg_namespace n on n.oid = c.relnamespace
   where c.relpersistence = 'p' and n.nspname <> '${OWN_SCHEMA}' order by 1`;

export const readSequences = (session: Session): Promise<SequenceState[]> =>
  session.ask<SequenceState>(SEQUENCES);

/** @returns those in which the old primary is further, in the direction in which the new one counts */
export function planSequences(
  old: readonly SequenceState[],
  primary: readonly SequenceState[],
): SequencePlan[] {
  const here = new Map(primary.map((sequence) => [sequence.name, sequence]));
  return old.flatMap(({ name, last, increment }) => {
    const present = here.get(name)?.last ?? null;
    const step = here.get(name)?.increment ?? increment;
    if (last === null || (present !== null && !isFurther(last, present, step))) return [];
    return [{ name, old: last, present, increment: step }];
  });
}

const isFurther = (one: string, other: string, increment: string): boolean =>
  increment.startsWith('-') ? BigInt(one) < BigInt(other) : BigInt(one) > BigInt(other);

/** A transaction that has used a sequence holds it until its end; who asks for it meanwhile waits behind us. */
const LOCK_MILLIS = 1_000;
const ATTEMPTS = 5;

/** @throws LostConnection */
export async function advanceSequences(
  primary: Session,
  plans: readonly SequencePlan[],
  { isDryRun = false, pause = sleep }: { isDryRun?: boolean; pause?: (millis: number) => Promise<void> } = {},
): Promise<SequenceOutcome[]> {
  const outcomes: SequenceOutcome[] = [];
  for (const plan of plans) {
    if (plan.old === null) continue;
    for (let attempt = 1; ; attempt++) {
      const error = await advance(primary, plan, plan.old, isDryRun).then(
        (outcome) => void outcomes.push(outcome),
        (failure: unknown) => failure,
      );
      if (error === undefined) break;
      if (error instanceof LostConnection || sqlState(error) === '25006' || /^53/.test(sqlState(error)!)) {
        throw error;
      }
      if (sqlState(error) === '55P03' && attempt < ATTEMPTS) {
        await pause(LOCK_MILLIS * attempt);
        continue;
      }
      const { message } = error as Error;
      const why = sqlState(error) === '55P03' ? 'transactions that are open have used it' : message;
      outcomes.push({ name: plan.name, outcome: 'refused', why, sql: byHand(plan) });
      break;
    }
  }
  return outcomes;
}

const sleep = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis));

const byHand = ({ name, old }: SequencePlan) => `select setval(${escapeLiteral(name)}, ${old});`;

/**
 * Reads and sets under a lock that `nextval` of others waits for: between the two they might otherwise have come further,
 * and setval would take it back. ALTER SEQUENCE takes that lock (SHARE ROW EXCLUSIVE); LOCK TABLE takes no sequence.
 */
async function advance(
  primary: Session,
  { name }: SequencePlan,
  wanted: string,
  isDryRun: boolean,
): Promise<SequenceOutcome> {
  const [found] = await primary.ask<{ may: boolean; owner: string; cache: string; increment: string }>(
    `select pg_has_role(c.relowner, 'usage') as may, pg_get_userbyid(c.relowner) as owner,
            s.seqcache::text as cache, s.seqincrement::text as increment
       from pg_class c join pg_sequence s on s.seqrelid = c.oid where c.oid = to_regclass($1)`,
    [name],
  );
  if (!found) return { name, outcome: 'refused', why: 'it is not on the new primary' };
  const { may, owner, cache, increment } = found;
  const position = async () => {
    const [row] = await primary.ask<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from ${name}`,
    );
    // What would be given out next is one step on: a sequence that was never asked stands one step before.
    const { last, called } = row!;
    return called ? last : String(BigInt(last) - BigInt(increment));
  };
  const before = await position();
  if (!isFurther(wanted, before, increment)) return { name, outcome: 'further already', last: before };
  if (!may) {
    const sql = `select setval(${escapeLiteral(name)}, ${wanted});`;
    return { name, outcome: 'refused', why: `it belongs to ${owner}, who can set it`, sql };
  }
  if (isDryRun) return { name, outcome: 'advanced', last: wanted };
  return primary.transaction(async () => {
    await primary.ask(`set local lock_timeout = ${LOCK_MILLIS}`);
    await primary.ask(`alter sequence ${name} cache ${cache}`); // as it is: for the lock
    const now = await position();
    if (!isFurther(wanted, now, increment)) return { name, outcome: 'further already', last: now };
    await primary.ask('select setval($1::regclass, $2)', [name, wanted]);
    return { name, outcome: 'advanced', last: wanted };
  });
}
