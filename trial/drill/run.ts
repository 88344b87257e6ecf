/** One drill on a trial that runs: load, failure, goal, evidence, verdicts. */
import { fetchFacts } from '../view/source';
import type { Running } from '../control/contract';
import { TrialFailure } from '../failure';
import { readLedger } from '../load/ledger';
import { type Load, startLoad } from '../load/load';
import { type Drill, type Evidence, GoalMissed, type Judge, type Verdict } from './drill';
import { obstacle } from './group';
import { type Journal, openJournal } from './journal';
import { outcomeOf } from './outcome';
import { Pace } from './pace';
import { Scene } from './scene';
import { settle } from './settle';

export interface DrillOptions {
  readonly running: Running;
  /** Of the trial: with `running.json`. */
  readonly trialFolder: string;
  /** For the ledger. */
  readonly folder: string;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  /** @default LOAD */
  readonly load?: { readonly rate?: number; readonly writes?: number; readonly clients?: number };
  /** How long to wait until the group is settled: a trial that has just been started needs some time. */
  readonly readySeconds: number;
}

export interface DrillReport {
  readonly drill: string;
  readonly about: string;
  readonly evidence: Evidence;
  readonly verdicts: readonly Verdict[];
}

/** A write each tenth of a second, so that gaps show; and few enough requests that two servers remain two. */
export const LOAD = { rate: 30, writes: 0.35, clients: 12 } as const;

/** Before the fault, so that pools are full and the reader's name is known everywhere. */
const CALM_SECONDS = 4;

/** After the goal, so that what comes late is seen. */
const AFTERMATH_SECONDS = 2;

/** No promise is broken; a time that a busy machine has missed is none. */
export const isKept = ({ verdicts, evidence: { slowness } }: DrillReport): boolean =>
  verdicts.every((verdict) => outcomeOf(verdict, slowness) !== 'broken');

/** @throws TrialFailure when the trial is not ready for it; a goal that was missed is a verdict */
export async function runDrill(drill: Drill, options: DrillOptions): Promise<DrillReport> {
  const { running } = options;
  const journal = await openJournal(running);
  const scene = new Scene({ ...options, journal });
  try {
    return await onScene(drill, scene, options);
  } finally {
    await scene.end();
    journal.close();
  }
}

/**
 * Puts a trial into order for another drill: faults are healed, old primaries go, names are the usual ones.
 *
 * @throws TrialFailure when it does not get there
 */
export async function tidy(options: DrillOptions & { readonly replicas: number }): Promise<void> {
  const journal = await openJournal(options.running);
  const scene = new Scene({ ...options, journal });
  try {
    await settle(scene, options.replicas);
  } catch (error) {
    throw error instanceof GoalMissed ? new TrialFailure(error.message) : error;
  } finally {
    await scene.end();
    journal.close();
  }
}

async function onScene(drill: Drill, scene: Scene, options: DrillOptions): Promise<DrillReport> {
  await ready(drill, scene, options);
  await acknowledge(scene.journal);
  const pace = new Pace();
  const loadBegunAt = Date.now();
  const load = startLoad({
    ...LOAD,
    ...options.load,
    url: scene.running.site,
    folder: options.folder,
    seed: loadBegunAt % 2 ** 32,
  });
  scene.watch();
  let judge: Judge | undefined;
  let missed: Verdict[] = [];
  let endedAt: number;
  try {
    await scene.pause(CALM_SECONDS);
    scene.before = await fetchFacts(scene.running);
    scene.say(`load runs: ${LOAD.rate} requests a second; ledger ${load.ledger}`);
    judge = await drill.run(scene);
    endedAt = Date.now();
    await scene.pause(AFTERMATH_SECONDS);
  } catch (error) {
    if (!(error instanceof GoalMissed)) {
      await Promise.all([load.stop().catch(() => undefined), pace.stop()]);
      throw error;
    }
    endedAt = Date.now();
    missed = [{ promise: 'the group gets there', isKept: false, found: error.message }];
  }
  const slowness = await pace.stop();
  const evidence = await evidenceOf(scene, load, { loadBegunAt, endedAt, slowness });
  const verdicts = [...missed, ...((await judge?.(evidence)) ?? [])];
  return { drill: drill.name, about: drill.about, evidence, verdicts };
}

async function evidenceOf(
  scene: Scene,
  load: Load,
  times: Pick<Evidence, 'loadBegunAt' | 'endedAt' | 'slowness'>,
): Promise<Evidence> {
  scene.say('the load ends, and every note is read back');
  const report = await load.stop();
  const after = await fetchFacts(scene.running);
  return {
    ...times,
    faultAt: scene.faultAt ?? times.loadBegunAt,
    entries: await scene.journal.since(times.loadBegunAt),
    memories: scene.memories,
    load: report,
    ledger: readLedger(report.ledger),
    marks: scene.marks,
    before: scene.before,
    after,
  };
}

async function ready(drill: Drill, scene: Scene, { readySeconds }: DrillOptions): Promise<void> {
  const { facts } = await scene.look();
  const replicas = facts.databases.filter(({ role }) => role === 'replica').length;
  if (replicas !== drill.replicas) {
    throw new TrialFailure(
      `${drill.name} needs ${drill.replicas} replica${drill.replicas === 1 ? '' : 's'}, and this trial has ${replicas}: end it, and the drill starts one of its own, or start it with npm start -- -c database.replicas=${drill.replicas}.`,
    );
  }
  let why: string | undefined;
  await scene
    .until('a settled group', (look) => !(why = obstacle(look, drill.replicas)), readySeconds)
    .catch((error: unknown) => {
      throw error instanceof GoalMissed ? new TrialFailure(why ?? error.message) : error;
    });
}

/** Another failover may follow an earlier drill's. */
async function acknowledge(journal: Journal): Promise<void> {
  const { memory } = await journal.read();
  if (!memory?.lastFailover || memory.lastFailover.acknowledged) return;
  await journal.put({ kind: 'acknowledge' });
  for (let tries = 0; tries < 100 && (await journal.read()).command; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
