/** What clients saw of a failure, and what was lost to them: from the load and its ledger. Pure. */
import type { Lost } from '../load/audit';
import type { Entry as LedgerEntry } from '../load/ledger';
import type { KindStats } from '../load/tally';
import type { Evidence } from './drill';
import { failoverOf, type Span } from './timeline';

type Acknowledged = Extract<LedgerEntry, { event: 'acknowledged' }>;

export const acknowledgedIn = (ledger: readonly LedgerEntry[]): readonly Acknowledged[] =>
  ledger.filter((entry): entry is Acknowledged => entry.event === 'acknowledged');

/** Shorter ones are the time between two requests. */
const GAP_MILLIS = 250;

/** The longest time without a success, of reads and of writes, as far as it is worth a bar. */
export function gaps({ load, loadBegunAt }: Pick<Evidence, 'load' | 'loadBegunAt'>): readonly Span[] {
  return (['reads', 'writes'] as const).flatMap((kind): Span[] => {
    const { milliseconds, from } = load[kind].longestGap;
    const begun = loadBegunAt + from * 1000;
    return milliseconds < GAP_MILLIS
      ? []
      : [{ what: `no ${kind}`, from: begun, to: begun + milliseconds, isGap: true }];
  });
}

/** 0 to 1. */
export const shareFailed = ({ sent, failed }: KindStats): number => (sent === 0 ? 0 : failed / sent);

/** Milliseconds from the fault to the first write that another database than the old primary acknowledged. */
export function firstWriteAfter(
  { ledger, faultAt }: Pick<Evidence, 'ledger' | 'faultAt'>,
  oldPrimary: string,
): number | undefined {
  const first = acknowledgedIn(ledger).find(({ at, database }) => at >= faultAt && database !== oldPrimary);
  return first && first.at - faultAt;
}

export interface Losses {
  readonly missing: readonly Lost[];
  /** Those that should be there: the promoted replica had them, or the new primary itself took them. */
  readonly unexplained: readonly Lost[];
}

/**
 * Acknowledged writes that are missing. A write that the old primary took may be missing only when the promoted one had
 * not received it. What it had received is known by the newest heartbeat in it at the fork: whatever was acknowledged
 * before that heartbeat was written lies before it in the log.
 *
 * @returns undefined when the site could not be read back
 */
export function losses(evidence: Evidence, oldPrimary: string | undefined): Losses | undefined {
  const { audit } = evidence.load;
  if ('impossible' in audit) return undefined;
  const fork = failoverOf(evidence)?.fork;
  const isPastFork = ({ acknowledgedAt, database }: Lost) =>
    fork !== undefined &&
    oldPrimary !== undefined &&
    acknowledgedAt > fork.heartbeatAt &&
    (database === undefined || database === oldPrimary);
  return { missing: audit.missing, unexplained: audit.missing.filter((lost) => !isPastFork(lost)) };
}

/** Ids that were given to two notes. */
export function doubledIds(ledger: readonly LedgerEntry[]): readonly number[] {
  const created = new Set(
    ledger.flatMap((entry) => (entry.event === 'intended' && entry.kind === 'create' ? [entry.write] : [])),
  );
  const seen = new Map<number, number>();
  for (const { write, id } of acknowledgedIn(ledger)) {
    if (created.has(write)) seen.set(id, (seen.get(id) ?? 0) + 1);
  }
  return [...seen].filter(([, times]) => times > 1).map(([id]) => id);
}

/** How far the first id of the new primary is past the last one of the old; undefined when one of them gave none. */
export function idJump(ledger: readonly LedgerEntry[], oldPrimary: string): number | undefined {
  const created = new Set(
    ledger.flatMap((entry) => (entry.event === 'intended' && entry.kind === 'create' ? [entry.write] : [])),
  );
  const ids = (isOld: boolean) =>
    acknowledgedIn(ledger)
      .filter(({ write, database }) => created.has(write) && (database === oldPrimary) === isOld)
      .map(({ id }) => id);
  const [before, after] = [ids(true), ids(false)];
  return before.length === 0 || after.length === 0 ? undefined : Math.min(...after) - Math.max(...before);
}
