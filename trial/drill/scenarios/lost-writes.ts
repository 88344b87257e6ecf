import { join } from 'node:path';
import type { Applied } from '../../../lambda/recovery/apply/applied';
import type { Change, Plan } from '../../../lambda/recovery/plan';
import { readPlanFile } from '../../../lambda/recovery/plan-file';
import { snapshotsOf } from '../account';
import { acknowledgedIn, losses } from '../clients-saw';
import { type Drill, type Evidence, GoalMissed, type Verdict } from '../drill';
import { databaseOf, retiredOf } from '../group';
import { keysAreNew, promotedOncePerEpoch } from '../promises';
import { listed, quarantined, wholeAgain } from '../promises-of-group';
import { mustRecover, recover } from '../recover';
import type { Scene } from '../scene';
import { type Held, held } from '../shop/ledger';
import { Shop } from '../shop/shop';
import { partyOf } from './parties';

/** The shop's clients write so long, and all of it is replicated. */
const CALM_SECONDS = 3;
/** Less than any limit of lag, so that a replica may be promoted that lacks all of it. */
const HELD_BACK_SECONDS = 4;
/** On the new primary, before anybody recovers anything. */
const AFTER_SECONDS = 3;

/** So many orders that the old primary changed last are changed on the new one as well. */
const CONTESTED = 8;

interface Recovery {
  readonly plans: readonly Plan[];
  /** Of each plan. */
  readonly applied: readonly Applied[];
  readonly again: Applied;
}

/**
 * No replica receives what the primary commits; then it dies. Its writes of those seconds are acknowledged and lost, and
 * the new primary is used meanwhile, also for the same rows.
 */
export const lostWrites: Drill = {
  name: 'lost-writes',
  about: 'what no replica had received is put back',
  replicas: 2,
  async run(scene) {
    const old = partyOf(scene.before, 'primary');
    const { stored } = await scene.look();
    const { resourceId } = stored.memory!.seen!.find(({ identifier }) => identifier === old.identifier)!;
    const shop = await Shop.open(scene);
    try {
      shop.begin();
      await scene.pause(CALM_SECONDS);
      await lose(scene, shop, old.identifier);
      const wasKept = await backInQuarantine(scene, old.identifier);
      const recovery = await recovered(scene);
      const look = await scene.until(
        'the end of the old primary',
        ({ stored: { memory } }) => memory !== undefined && retiredOf(memory).length === 0,
      );
      scene.mark('deleted', `${old.identifier} is gone`);
      const snapshots = await snapshotsOf(scene.running, resourceId);
      const whole = await scene.whole();
      await shop.end();
      const rows = await shop.rows();
      await shop.drop();
      const changes = recovery.plans.flatMap((plan) => plan.changes);
      const told = recovery.applied.flatMap(({ changed, refused }) => [...changed, ...refused]);
      const found = held(shop.ledger, rows, { old: old.address!, changes, told });
      return (evidence) => [
        ...partition(found, recovery),
        listed(
          'the same of the site’s notes',
          lostNotes(evidence, old.identifier, changes),
          'each is there, or named',
        ),
        keysAreNew(evidence, old.identifier),
        promotedOncePerEpoch(evidence, 1),
        wasKept,
        {
          promise: 'when nothing is left open, the old primary is deleted, with a last snapshot',
          isKept: databaseOf(look.facts, old.identifier) === undefined && snapshots.length > 0,
          found: snapshots.join(', ') || 'there is no snapshot',
        },
        wholeAgain(whole, scene.replicas, old.identifier),
      ];
    } finally {
      await shop.end();
    }
  },
};

/** Writes that are acknowledged and reach no replica; a failover; and writes of the same rows on the new primary. */
async function lose(scene: Scene, shop: Shop, old: string): Promise<void> {
  const { address } = partyOf(scene.before, 'primary');
  await scene.fault({ kind: 'cut-off', database: old, from: 'replicas' }, 'held back');
  const heldBackAt = Date.now();
  await scene.pause(HELD_BACK_SECONDS);
  await scene.fault({ kind: 'kill-database', database: old, stays: true }, 'killed');
  const lost = shop.acknowledged(address!, heldBackAt);
  await scene.until('another primary', ({ stored: { memory } }) => memory?.phase === 'healing');
  const orders = lost.flatMap(({ effects }) =>
    effects.filter(({ table, mark, base }) => table === 'shop_orders' && mark !== null && base !== null),
  );
  const contested = [...new Set(orders.map(({ key }) => key[0]!))].slice(0, CONTESTED);
  await scene.pause(1);
  const found = await shop.contest(contested);
  scene.mark(
    'used',
    `${lost.length} acknowledged writes of the shop are lost; ${found} of their orders change again`,
  );
  await scene.pause(AFTER_SECONDS);
}

/** RDS starts the old primary again, for recovery and nobody else. */
async function backInQuarantine(scene: Scene, old: string): Promise<Verdict> {
  await scene.whole();
  await scene.fault({ kind: 'reconnect', database: old, to: 'everybody' }, 'reconnected');
  await scene.fault({ kind: 'release-database', database: old }, 'released');
  const look = await scene.until('the old primary in quarantine, started again', ({ facts }) => {
    const found = databaseOf(facts, old);
    return found?.state === 'available' && found.inQuarantine;
  });
  return quarantined(look, old);
}

/** The new primary is used all the time: what has changed since a plan was made is left to the next one. */
const PLANS_AT_MOST = 5;

/** As a person does it: plan, try, apply; again for what was left open; and the last plan once more for nothing. */
async function recovered(scene: Scene): Promise<Recovery> {
  const plans: Plan[] = [];
  const made: Applied[] = [];
  for (;;) {
    const folder = join(scene.trialFolder, `lost-writes-${Date.now()}`);
    const plan = await planned(scene, folder);
    plans.push(plan);
    if (plans.length === 1) {
      scene.mark('tried', `${said(await applied(scene, folder, '--dry-run'))}; nothing is written`);
    }
    const done = await applied(scene, folder);
    made.push(done);
    scene.mark('applied', `${said(done)}, in ${done.seconds.toFixed(1)} s`);
    if (done.isComplete || plans.length === PLANS_AT_MOST) {
      return { plans, applied: made, again: await applied(scene, folder) };
    }
  }
}

async function planned(scene: Scene, folder: string): Promise<Plan> {
  await mustRecover(scene, 'plan', '--out', folder, '--json');
  const { plan } = await readPlanFile(join(folder, 'plan.jsonl'));
  const conflicts = plan.changes.filter(({ conflict }) => conflict).length;
  scene.mark(
    'planned',
    `${plan.changes.length} lost change${plan.changes.length === 1 ? '' : 's'} by the ${plan.head.method}, ${conflicts} of them in conflict`,
  );
  return plan;
}

/** Its exit code is 1 when something is left open. */
async function applied(scene: Scene, folder: string, ...words: string[]): Promise<Applied> {
  const { output, said: all } = await recover(scene, 'apply', folder, '--json', ...words);
  try {
    const { applied } = JSON.parse(output.slice(output.indexOf('{'))) as { applied?: Applied };
    if (applied) return applied;
  } catch {
    // Told below, as what is no answer is.
  }
  throw new GoalMissed(`npm run recover -- apply: ${all.trim().split('\n').slice(-8).join(' / ')}`);
}

const said = ({ counts }: Applied): string =>
  Object.entries(counts)
    .map(([outcome, times]) => `${outcome} ${times}`)
    .join(', ');

function partition(found: Held, { plans, applied, again }: Recovery): Verdict[] {
  const { rows, lost, putBack, named, missing, altered, unknown } = found;
  // What an earlier plan could not do is in a later one.
  const last = applied.at(-1)!;
  const refused = last.refused.map(({ why }) => why);
  const unrecoverable = plans.flatMap(({ head }) => head.unrecoverable.map(({ what }) => what));
  const conflicts = Object.entries(named).map(([kind, times]) => `${kind} ×${times}`);
  return [
    {
      promise: 'writes of the shop were lost, and found: to be put back, and in conflict',
      isKept: putBack > 0 && conflicts.length > 0,
      found: `${lost} of ${rows} rows lost: ${putBack} put back; ${conflicts.join(', ') || 'none in conflict'}`,
    },
    listed(
      'every acknowledged write of the shop is there, or named to a person',
      missing,
      `none of ${rows} rows is missing`,
    ),
    listed(
      'what the new primary wrote after the fork is as it wrote it',
      altered,
      'no row of it was touched',
    ),
    listed('nothing is there twice, or from nobody', unknown, 'each row has its writer'),
    {
      promise: 'all of it is dealt with, and nothing was refused or cannot be recovered',
      isKept: last.isComplete && [...refused, ...unrecoverable].length === 0,
      found: [...refused, ...unrecoverable].join('; ') || applied.map(said).join('; then '),
    },
    {
      promise: 'applied once more it does nothing',
      isKept: (again.counts['done before'] ?? 0) === again.total,
      found: said(again) || 'nothing to do',
    },
  ];
}

/** Notes whose last acknowledged write is neither there nor named as a conflict, a sentence each. */
function lostNotes(evidence: Evidence, old: string, changes: readonly Change[]): string[] {
  const lost = losses(evidence, old);
  if (!lost) return ['The site could not be read back.'];
  const ids = new Map(acknowledgedIn(evidence.ledger).map(({ write, id }) => [write, String(id)]));
  const named = new Set(
    changes.filter(({ table, conflict }) => conflict && table === 'public.notes').map(({ key }) => key[0]),
  );
  return lost.missing
    .filter(({ write }) => !named.has(ids.get(write)))
    .map(({ write, kind, note }) => `write ${write} (${kind} of note ${note})`);
}
