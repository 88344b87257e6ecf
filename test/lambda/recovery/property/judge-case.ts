/** Recovers one case in one way, and holds each step against the truth. */
import { type Applied, apply } from '../../../../lambda/recovery/apply';
import { makePlan } from '../../../../lambda/recovery/make-plan';
import type { Plan } from '../../../../lambda/recovery/plan';
import type { Session } from '../../../../lambda/recovery/session';
import { differences, idOf, judgeApplied, judgePlan, judgeSequences } from './judge';
import type { JudgedTable } from './judge';
import { judgeLate } from './judge-late';
import type { Sight } from './model';
import { perform } from './perform';
import { proveConflicts } from './prove';
import type { Played, World } from './world';

/** How lost changes are found. */
export type Way = 'slot' | 'rows with history' | 'rows alone';
export const WAYS: readonly Way[] = ['slot', 'rows with history', 'rows alone'];

/** In batches so small that there are several. */
const BATCH_ROWS = 3;

type Sides = { readonly old: Session; readonly primary: Session };

const planOf = ({ fork }: World, { old, primary }: Sides, way: Way): Promise<Plan> =>
  makePlan({ old, primary, fork, method: way === 'slot' ? 'slot' : 'rows' });

/** TRUNCATE tells no keys, and takes other tables along. */
const truncates = (steps: Played['case']['histories']['old']): boolean =>
  steps.some(
    (step) => !('maintenance' in step) && step.statements.some((text) => text.startsWith('truncate')),
  );

/** VACUUM FULL looks in the catalog as ALTER TABLE does, after which the WAL may tell less than it seems. */
const isRewritten = (steps: Played['case']['histories']['old'], { name }: JudgedTable): boolean =>
  steps.some(
    (step) => 'maintenance' in step && step.maintenance.includes('full') && step.maintenance.endsWith(name),
  );

/** What recovery has to go by, of a table. */
function sight(
  { fork, isEarly }: World,
  { case: { histories } }: Played,
  way: Way,
  table: JudgedTable,
): Sight {
  const { tellsKeys } = table;
  const between = isEarly ? histories.before : [];
  const isOldTold =
    tellsKeys &&
    !isRewritten([...between, ...histories.old], table) &&
    !truncates(histories.old) &&
    !histories.underWay.some(({ before, after }) =>
      [...before, ...after].some((text) => text.startsWith('truncate')),
    );
  return {
    seesOld: way === 'slot' && isOldTold,
    next: BigInt(fork.snapshot.split(':')[1]!),
    seesNew:
      way !== 'rows alone' &&
      tellsKeys &&
      !isRewritten([...between, ...histories.primary], table) &&
      !truncates(histories.primary),
  };
}

async function using<T>(world: World, one: Played, way: Way, work: (sides: Sides) => Promise<T>): Promise<T> {
  const sides = await world.sessions(one, { hasHistory: way !== 'rows alone' });
  try {
    return await work(sides);
  } finally {
    await sides.old.close();
    await sides.primary.close();
  }
}

/** Of the plan alone: changes nothing. @returns sentences; none when all is right */
export const judgePlanning = (world: World, one: Played, way: Way): Promise<string[]> =>
  using(world, one, way, async (sides) => {
    const plan = await planOf(world, sides, way);
    return judgePlan(one, plan, (table) => sight(world, one, way, table));
  });

/** What it comes to, to be held against another one. */
export const changesOf = (world: World, one: Played, way: Way): Promise<string> =>
  using(world, one, way, async (sides) => {
    const { head, changes } = await planOf(world, sides, way);
    return JSON.stringify([head.sequences, changes]);
  });

/** From the plan to the end. @returns sentences; none when all is right */
export const judgeRecovery = (world: World, one: Played, way: Way): Promise<string[]> =>
  using(world, one, way, async (sides) => {
    const plan = await planOf(world, sides, way);
    const faults = judgePlan(one, plan, (table) => sight(world, one, way, table));
    const options = { plan, primary: sides.primary, batchRows: BATCH_ROWS };
    const look = () => world.look('primary', one);

    const rehearsed = await apply({ ...options, isDryRun: true });
    faults.push(...judgeCounts('a dry run', plan, rehearsed));
    faults.push(
      ...differences(one.tables, one.present, await look()).map((text) => `a dry run writes: ${text}`),
    );

    faults.push(...judgeCounts('apply', plan, await apply(options)));
    const after = await look();
    faults.push(...judgeApplied(one, plan, after), ...judgeSequences(one, after));
    faults.push(...(await proveConflicts(world, one, plan)));

    const again = await apply(options);
    if ((again.counts['done before'] ?? 0) !== plan.changes.length) {
      faults.push(`apply again: ${JSON.stringify(again.counts)}`);
    }
    faults.push(...differences(one.tables, after, await look()).map((text) => `apply again: ${text}`));

    // The site goes on with what was put back; a later plan must leave all that alone.
    const client = await world.client('primary', one.database);
    await perform(client, one.case.histories.later);
    await client.end();
    const decided = new Set(plan.changes.map((change) => idOf(one.tables, change)));
    const second = await planOf(world, sides, way);
    for (const change of second.changes) {
      const id = idOf(one.tables, change);
      if (decided.has(id)) faults.push(`plan again: ${change.operation} of ${id}, which was decided`);
    }
    return faults;
  });

/** The site writes between the plan and its apply: what it wrote stays. @returns sentences; none when all is right */
export const judgeLateApply = (world: World, one: Played, way: Way): Promise<string[]> =>
  using(world, one, way, async (sides) => {
    const plan = await planOf(world, sides, way);
    const client = await world.client('primary', one.database);
    await perform(client, one.case.histories.later);
    await client.end();
    const here = await world.look('primary', one);
    const applied = await apply({ plan, primary: sides.primary, batchRows: BATCH_ROWS });
    return judgeLate(one, plan, { here, after: await world.look('primary', one), counts: applied.counts });
  });

/** All is done that was planned: of what nobody has changed since, nothing is refused. */
function judgeCounts(what: string, plan: Plan, { counts, isComplete, refused, changed }: Applied): string[] {
  const conflicts = plan.changes.filter(({ conflict }) => conflict).length;
  const must = { applied: plan.changes.length - conflicts, kept: conflicts };
  const isRight =
    (counts.applied ?? 0) === must.applied &&
    (counts.kept ?? 0) === must.kept &&
    refused.length + changed.length === 0;
  return isRight && isComplete
    ? []
    : [
        `${what}: ${JSON.stringify(counts)} of ${JSON.stringify(must)}${isComplete ? '' : ', not complete'}`,
        ...[...refused, ...changed].map(
          ({ table, key, operation, why }) => `${what}: ${operation} ${JSON.stringify([table, key])}: ${why}`,
        ),
      ];
}
