/** Where plans are kept on this machine, and how one is named. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../lambda/recovery/plan';
import {
  type ReadPlan,
  readPlan,
  readPlanFile,
  writePlanFile,
  writePrivately,
} from '../../lambda/recovery/plan-file';
import type { ReportOptions } from '../../lambda/recovery/report/plan-report';
import { htmlReport, markdownReport } from '../../lambda/recovery/report/report';
import { PLAN_ID, planKeys } from '../../lambda/recovery/run-state';
import { Failure } from '../../lib/terminal/failure';
import type { Cloud } from './cloud';
import { quoted } from './words';

const FOLDER = 'recovery';
const PLAN_FILE = 'plan.jsonl';

export interface SavedPlan {
  readonly folder: string;
  readonly path: string;
  readonly markdown: string;
  readonly html: string;
  readonly sha256: string;
}

/** Before anything takes long. @throws Failure when a plan is there already, or nothing can be */
export function checkOut(out: string | undefined): void {
  if (out === undefined) return;
  if (existsSync(join(out, PLAN_FILE))) {
    throw new Failure(`${out} has a plan already: name another folder by --out.`);
  }
  makeFolder(out);
}

/**
 * The plan and its reports, for this user only.
 *
 * @param out folder. @default - `recovery/PLAN ID`
 * @param options what is typed with the commands that the report names
 * @throws Failure or Problem with a sentence
 */
export async function savePlan(
  plan: Plan,
  out: string | undefined,
  options: Omit<ReportOptions, 'path'>,
): Promise<SavedPlan> {
  const folder = out ?? join(FOLDER, plan.head.id);
  if (out === undefined) makeFolder(FOLDER);
  makeFolder(folder);
  const saved = {
    folder,
    path: join(folder, PLAN_FILE),
    markdown: join(folder, 'report.md'),
    html: join(folder, 'report.html'),
  };
  const words = { path: quoted(saved.path), ...options };
  await writePrivately(saved.markdown, [markdownReport(plan, words)]);
  await writePrivately(saved.html, [htmlReport(plan, words)]);
  return { ...saved, sha256: await writePlanFile(saved.path, plan) };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Failure(`The folder ${folder} cannot be made: ${(error as Error).message}.`, { cause: error });
  }
}

export interface FoundPlan extends ReadPlan {
  /** As it is typed again. */
  readonly path: string;
}

/**
 * @param word a file, its folder, or a plan's id: that is looked for here, and then in the bucket
 * @param cloud absent: there is none
 * @throws Problem or Failure with a sentence
 */
export async function findPlan(word: string, cloud?: () => Promise<Cloud>): Promise<FoundPlan> {
  const known = join(FOLDER, word, PLAN_FILE);
  const isId = PLAN_ID.safeParse(word).success && !word.includes('.');
  const path = [join(word, PLAN_FILE), word, ...(isId ? [known] : [])].find((one) => existsSync(one)) ?? word;
  if (path !== word || existsSync(word) || !isId || !cloud) return { path, ...(await readPlanFile(path)) };
  const file = (await cloud()).file(planKeys(word).plan);
  return { path: word, ...(await readPlan(file, `plan ${word} of the bucket`)) };
}
