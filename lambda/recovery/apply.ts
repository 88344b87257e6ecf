/**
 * Puts lost changes back, as a plan says: in batches of one transaction each, in the plan's order, every row verified to
 * be as the plan has seen it. What becomes of each is in the ledger (ledger.ts), so that an apply can be cut off anywhere
 * and run again.
 */
import { sqlState } from '../../app/database/errors';
import { rowId } from './finding';
import { type Ledger, RUN_TABLE, forkName, makeLedger, readLedger } from './ledger';
import type { Plan } from './plan';
import { Problem } from './problem';
import type { Report } from './progress';
import type { SequenceOutcome } from './sequences';
import { advanceSequences } from './sequences';
import type { Session } from './session';
import type { Applied, Conflicts, Triggers, Verdict } from './apply/applied';
import { type Pause, attempt, isWorthAnotherTry, problemOf } from './apply/attempt';
import type { Making } from './apply/batch';
import { checkServer, checkTables } from './apply/check';
import { readLive, sitePath } from './apply/live';
import { lockApply, unlockApply } from './apply/lock';
import { leavingOf, rehearse } from './apply/rehearse';
import { type Step, batchesOf, stepOf } from './apply/step';
import { Strangers } from './apply/strangers';
import { Tally } from './apply/tally';
import { unitsOf } from './apply/units';

export type { Applied, Conflicts, Counts, Told, Triggers, Verdict } from './apply/applied';

export interface ApplyOptions {
  readonly plan: Plan;
  /** May write, unless it is a dry run. Not used by anybody else meanwhile. */
  readonly primary: Session;
  /** @default 'keep' */
  readonly conflicts?: Conflicts;
  /**
   * What the site's triggers did on the old primary is among the lost writes itself: `skip` keeps them from doing it
   * again. @default 'skip'
   */
  readonly triggers?: Triggers;
  readonly isDryRun?: boolean;
  /** Rows of one transaction. @default 2000 */
  readonly batchRows?: number;
  readonly report?: Report;
  /** Asked before each batch. False: its time is over. It throws a Problem when the primary is not the primary any more. */
  readonly mayGoOn?: () => boolean | Promise<boolean>;
  /** Ends it after the batch that is under way. */
  readonly signal?: AbortSignal;
  /** For tests. */
  readonly pause?: Pause;
}

/** Long enough that the way to the server and back counts little, short enough that nobody waits long for its locks. */
const BATCH_ROWS = 2_000;

const sleep: Pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** @throws Problem when it cannot begin or go on: what was done is in the ledger, and the same call goes on */
export async function apply(options: ApplyOptions): Promise<Applied> {
  const { plan, primary, triggers = 'skip', isDryRun = false, pause = sleep } = options;
  const begun = performance.now();
  const live = await guarded(primary, async () => {
    await checkServer(primary, plan.head);
    return readLive(primary, plan.head.tables);
  });
  checkTables(plan.head, live, triggers);
  const work = async (): Promise<Applied> => {
    const tables = new Map(plan.head.tables.map((table) => [table.name, table]));
    const making: Making = {
      primary,
      plan: plan.head.id,
      fork: forkName(plan.head.fork),
      triggers,
      tables,
      strangers: new Strangers(tables),
      live,
      sitePath: await sitePath(primary),
      keepsChanged: (options.conflicts ?? 'keep') === 'keep',
    };
    return new Apply(making, options, begun).run();
  };
  if (isDryRun) return guarded(primary, work);
  return guarded(primary, async () => {
    await lockApply(primary, pause);
    try {
      return await work();
    } finally {
      // A connection that is lost has let go of it.
      await unlockApply(primary).catch(() => undefined);
    }
  });
}

/** What PostgreSQL refuses outside of batches, in a sentence. */
async function guarded<T>(primary: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { message } = error as Error;
    throw (
      problemOf(error, { primary }, []) ??
      new Problem(`${primary.name} refuses what recovery needs: ${message} (${sqlState(error)}).`)
    );
  }
}

class Apply {
  private readonly tally = new Tally();
  private readonly conflicts: Conflicts;
  private leaving?: ReadonlySet<string>;
  /** By number. */
  private readonly again = new Map<number, { readonly step: Step; readonly verdict: Verdict }>();

  constructor(
    private readonly making: Making,
    private readonly options: ApplyOptions,
    private readonly begun: number,
  ) {
    this.conflicts = options.conflicts ?? 'keep';
  }

  async run(): Promise<Applied> {
    const { plan, primary, isDryRun = false, batchRows = BATCH_ROWS, pause = sleep } = this.options;
    if (!isDryRun) await this.begin();
    const ledger = await readLedger(primary, plan.head.fork);
    const sequences = await advanceSequences(primary, plan.head.sequences, { isDryRun, pause });
    const steps = plan.changes.filter((change) => !this.isDone(change, ledger));
    const open = steps.map((change) => stepOf(change, this.conflicts));
    this.tell();
    let isPaused = false;
    for (const batch of batchesOf(open, batchRows)) {
      isPaused = !(await this.mayGoOn());
      if (isPaused) break;
      await this.make(batch, isDryRun);
    }
    if (!isPaused && !isDryRun) isPaused = !(await this.makeAgain(batchRows));
    const applied = this.result(sequences, isPaused, isDryRun);
    if (!isDryRun) await this.end(applied);
    return applied;
  }

  /** Passed over: what an earlier run has decided. Who kept a version may change their mind, and have it replaced. */
  private isDone(change: Plan['changes'][number], ledger: Ledger): boolean {
    const known = ledger.get(rowId(change.table, change.key));
    const isDone =
      known !== undefined &&
      known.outcome !== 'refused' &&
      !(known.outcome === 'kept' && this.conflicts === 'replace');
    // Also what an earlier run has found: the children may be among those that are still to come.
    if (known?.outcome === 'changed since') this.making.strangers.note(change);
    if (isDone) this.tally.add({ change, operation: change.operation }, { outcome: 'done before' });
    return isDone;
  }

  private async make(batch: readonly Step[], isDryRun: boolean): Promise<void> {
    const { pause = sleep } = this.options;
    const verdicts = isDryRun
      ? await rehearse(this.making, batch, (this.leaving ??= leavingOf(this.options.plan)))
      : await attempt(this.making, batch, pause);
    batch.forEach((step, at) => {
      const verdict = verdicts[at]!;
      this.tally.add(step, verdict);
      if (!isDryRun && isWorthAnotherTry(verdict)) this.again.set(step.change.number, { step, verdict });
    });
    this.tell();
  }

  /**
   * What waited for a row of its own plan, or for one that waits for it: first in order, then those that refer to each
   * other in one statement, at whose end alone PostgreSQL looks at foreign keys. As often as it helps.
   *
   * @returns whether its end was reached
   */
  private async makeAgain(batchRows: number): Promise<boolean> {
    const { pause = sleep } = this.options;
    for (let helps = true; helps && this.again.size > 0;) {
      const before = this.again.size;
      for (const isTogether of [false, true]) {
        const waiting = [...this.again.values()].map(({ step }) => step);
        const steps = isTogether ? unitsOf(waiting, this.making.tables) : waiting;
        for (const batch of batchesOf(steps, batchRows)) {
          if (!(await this.mayGoOn())) return false;
          const verdicts = await attempt(this.making, batch, pause, isTogether);
          batch.forEach((step, at) => this.retell(step, verdicts[at]!));
        }
      }
      helps = this.again.size < before;
    }
    return true;
  }

  private retell(step: Step, verdict: Verdict): void {
    const { number } = step.change;
    this.tally.remove(step, this.again.get(number)!.verdict);
    this.tally.add(step, verdict);
    if (isWorthAnotherTry(verdict)) this.again.set(number, { step, verdict });
    else this.again.delete(number);
  }

  private async mayGoOn(): Promise<boolean> {
    const { signal, mayGoOn } = this.options;
    return !signal?.aborted && ((await mayGoOn?.()) ?? true);
  }

  private tell(): void {
    const { report, plan } = this.options;
    report?.({ step: 'applying', done: this.tally.done, total: plan.changes.length, unit: 'rows' });
  }

  private async begin(): Promise<void> {
    const { plan, primary } = this.options;
    await makeLedger(primary);
    await primary.ask(
      `insert into ${RUN_TABLE} as r (plan, fork, conflicts, triggers, changes) values ($1, $2, $3, $4, $5)
       on conflict (plan) do update set conflicts = excluded.conflicts, triggers = excluded.triggers, by = excluded.by`,
      [plan.head.id, this.making.fork, this.conflicts, this.making.triggers, plan.changes.length],
    );
  }

  private async end({ counts, isPaused }: Applied): Promise<void> {
    await this.options.primary.ask(
      `update ${RUN_TABLE} set counts = $2, finished = case when $3 then null else clock_timestamp() end where plan = $1`,
      [this.options.plan.head.id, JSON.stringify(counts), isPaused],
    );
  }

  private result(sequences: readonly SequenceOutcome[], isPaused: boolean, isDryRun: boolean): Applied {
    const { plan } = this.options;
    const { isOpen, ...rest } = this.tally.result(this.conflicts);
    const seconds = (performance.now() - this.begun) / 1000;
    const now = rest.done - (rest.counts['done before'] ?? 0);
    return {
      plan: plan.head.id,
      isDryRun,
      total: plan.changes.length,
      ...rest,
      isComplete: !isPaused && !isOpen,
      isPaused,
      seconds,
      rowsPerSecond: seconds > 0 ? now / seconds : 0,
      sequences,
    };
  }
}
