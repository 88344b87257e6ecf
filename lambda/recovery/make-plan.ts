/** From two servers and a fork to a plan: find, look up, decide, order. Writes nothing anywhere. */
import { type Boundary, boundaryOf } from './boundary';
import { readTables, usableTables } from './catalog';
import { settle } from './dependents/settle';
import { type Decision, draftsOf } from './drafts';
import type { Finding, History } from './finding';
import type { Fork } from './fork';
import { type Outcome, isDecided, readLedger } from './ledger';
import { findOthers } from './others/find';
import { type PairFacts, checkPair } from './pair';
import type { Method, Plan } from './plan';
import { Problem } from './problem';
import type { Report } from './progress';
import { findByRows } from './rows/find';
import { planSequences, readSequences } from './sequences';
import type { Session } from './session';
import { findBySlot } from './slot/find';
import { readHistory } from './slot/history';
import type { Table } from './table';
import { windowGap, windowedOf } from './windowed';

export interface PlanOptions {
  /** Best opened read-only. */
  readonly old: Session;
  readonly primary: Session;
  readonly fork: Fork;
  /** `old` is a restore of the old primary's backups. */
  readonly isRestore?: boolean;
  /** @default - by the slot when it can be used, by rows otherwise; a restore by rows, as it has no slots */
  readonly method?: 'slot' | 'rows';
  readonly report?: Report;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** @throws Problem with a sentence; LostConnection; what PostgreSQL refuses */
export async function makePlan(options: PlanOptions): Promise<Plan> {
  const { old, primary, fork, isRestore = false } = options;
  const facts = await checkPair({ old, primary, fork, isRestore });
  // The new primary is in use: what is found, looked up and decided must all be of one moment. The old one is quiet.
  return primary.snapshot(() => planOf(options, facts));
}

async function planOf(options: PlanOptions, facts: PairFacts): Promise<Plan> {
  const { old, primary, fork, isRestore = false, report = () => {}, now = Date.now } = options;
  const boundary = await boundaryOf(fork, primary, old);
  const [there, here] = await Promise.all([readTables(old), readTables(primary)]);
  const usable = usableTables(there, here);
  // What no replica ever had is told by findOthers.
  const tables = usable.tables.filter(({ isUnlogged }) => !isUnlogged);
  const search: Search = { ...options, report, facts, tables, boundary };

  const found = await find(search);
  const others = await findOthers(search);
  const ledger = await readLedger(primary, fork);
  const decided = (row: string) => decisionOf(ledger.get(row)?.outcome);
  const { drafts, left, alreadyHere } = await draftsOf({ ...search, ...found, decided });
  const changes = await settle(drafts, tables, primary, report, left);
  const changed = new Set(changes.map(({ table }) => table));
  const madeAt = new Date(now()).toISOString();
  return {
    head: {
      format: 'scale-from-zero recovery plan',
      version: 1,
      id: `epoch-${fork.epoch}-${madeAt.replace(/[-:]|\.\d+/g, '')}`,
      madeAt,
      fork,
      from: old.name,
      to: primary.name,
      database: facts.database,
      timeline: facts.timeline,
      method: found.method,
      tables: tables.filter(({ name }) => changed.has(name)),
      sequences: planSequences(...(await Promise.all([readSequences(old), readSequences(primary)]))),
      transactions: found.finding.transactions,
      unrecoverable: [...usable.unrecoverable, ...found.finding.unrecoverable, ...others],
      gaps: [...found.gaps, ...found.finding.gaps, ...(isRestore ? [restoreGap(facts)] : [])],
      alreadyHere,
    },
    changes,
  };
}

function decisionOf(outcome: Outcome | undefined): Decision | undefined {
  if (outcome === undefined || !isDecided(outcome)) return undefined;
  return outcome === 'applied' || outcome === 'replaced' ? 'put back' : 'left';
}

interface Search extends PlanOptions {
  readonly report: Report;
  readonly facts: PairFacts;
  readonly tables: readonly Table[];
  readonly boundary: Boundary;
}

interface Result {
  readonly method: Method;
  readonly finding: Finding;
  /** Of the tables that were found by rows. */
  readonly history?: History;
  /** Transactions that are past the fork and yet on the new primary. */
  readonly windowed: readonly bigint[];
  readonly gaps: readonly string[];
}

async function find(search: Search): Promise<Result> {
  const { isRestore = false, method, facts, tables, old, primary, fork, report } = search;
  const replayed = await windowedOf(primary, fork, facts);
  const gap = replayed ? [] : [windowGap(fork, facts)];
  const bySlot =
    isRestore || method === 'rows'
      ? undefined
      : await findBySlot({ old, fork, forkedAt: facts.forkedAt, tables, report });
  if (bySlot && !('unusable' in bySlot)) {
    const { finding, byRows } = bySlot;
    const windowed = replayed ?? bySlot.windowed;
    if (byRows.length === 0) return { method: 'slot', finding, windowed, gaps: [] };
    const rest = tables.filter(({ name }) => byRows.includes(name));
    const more = await findRows(search, rest, windowed);
    return {
      method: 'slot',
      windowed,
      gaps: gap,
      history: more.history,
      finding: joined(finding, more.finding),
    };
  }
  if (method === 'slot') throw new Problem(bySlot!.unusable);
  return {
    method: isRestore ? 'restore' : 'rows',
    windowed: replayed ?? [],
    gaps: [...(bySlot ? [`${bySlot.unusable} Lost changes were therefore found by rows.`] : []), ...gap],
    ...(await findRows(search, tables, replayed ?? [])),
  };
}

async function findRows(
  { old, primary, fork, facts, boundary, report }: Search,
  tables: readonly Table[],
  windowed: readonly bigint[],
): Promise<{ readonly finding: Finding; readonly history?: History }> {
  const history = await readHistory({ primary, fork, slotFrom: facts.slotFrom, tables, report });
  return {
    history,
    finding: await findByRows({ old, primary, boundary, tables, history, windowed, report }),
  };
}

const joined = (one: Finding, other: Finding): Finding => ({
  touched: [...one.touched, ...other.touched],
  unrecoverable: [...one.unrecoverable, ...other.unrecoverable],
  transactions: [...one.transactions, ...without(other.transactions, one.transactions)],
  gaps: [...one.gaps, ...other.gaps],
});

function without<Row extends { readonly id: string }>(rows: readonly Row[], others: readonly Row[]): Row[] {
  const known = new Set(others.map(({ id }) => id));
  return rows.filter(({ id }) => !known.has(id));
}

/** What came between the end of the backups and the end of the old primary. */
const restoreGap = ({ oldHeartbeatAt }: PairFacts): string =>
  `The old primary itself was not there, but a restore of its backups${oldHeartbeatAt ? `, whose last heartbeat is of ${oldHeartbeatAt}` : ''}: ` +
  `what was committed ${oldHeartbeatAt ? 'after that' : 'after the end of the backups'} and before the old primary ended is in none of the two, and cannot be found.`;
