/** A run that makes a plan: both servers are read, and the plan and its report put into the bucket. */
import { makePlan } from '../make-plan';
import type { Plan } from '../plan';
import { Problem } from '../problem';
import { htmlReport, markdownReport } from '../report/report';
import { summaryOf } from '../report/summary';
import { type RunRequest, type RunState, planKeys } from '../run-state';
import { choose } from './choose';
import type { Parts } from './parts';
import { findInstance, open } from './servers';
import type { Teller } from './teller';

export type PlanRequest = Extract<RunRequest, { kind: 'plan' }>;

/** Kept back of the function's time to say that it was too short. */
const RESERVE_MILLIS = 30_000;

/**
 * @param until milliseconds since 1970: then the function is ended
 * @returns how it ended
 * @throws Problem, CallFailed, LostConnection, or what PostgreSQL refuses
 */
export async function plan(
  request: PlanRequest,
  parts: Parts,
  teller: Teller,
  until: number,
): Promise<Partial<RunState>> {
  const { rds, access, files, now } = parts;
  const chosen = choose(await parts.journal(), request.epoch);
  const wanted = request.from === undefined ? { resourceId: chosen.old } : { identifier: request.from };
  const [there, here] = await Promise.all([
    findInstance(rds, wanted, 'old primary'),
    findInstance(rds, { resourceId: chosen.primary }, 'primary'),
  ]);
  if (there.DbiResourceId === here.DbiResourceId) {
    throw new Problem(
      `${there.DBInstanceIdentifier} is the primary itself: name the instance that the old primary was restored to.`,
    );
  }
  const old = await open(there, access, 'old primary', true);
  try {
    const primary = await open(here, access, 'primary', true);
    try {
      const making = makePlan({
        old,
        primary,
        fork: chosen.fork,
        isRestore: there.DbiResourceId !== chosen.old,
        report: teller.report,
        now,
      });
      const made = await within(until - RESERVE_MILLIS - now(), making);
      const sha256 = await files.putPlan(made);
      const keys = planKeys(made.head.id);
      await files.put(keys.markdown, markdownReport(made), 'text/markdown');
      await files.put(keys.html, htmlReport(made), 'text/html');
      await parts.notify(noticeOf(made, `s3://${parts.bucket}/${keys.html}`));
      return { state: 'done', plan: toldOf(made, sha256), files: keys, bucket: parts.bucket };
    } finally {
      await primary.close().catch(() => undefined);
    }
  } finally {
    await old.close().catch(() => undefined);
  }
}

/** What nobody waits for any more ends with its connections. */
async function within<T>(millis: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new Problem(
            'The plan takes longer than the function may run (15 minutes). Make it from a machine in the VPC that reaches both servers: npm run recover -- plan --old URL --new URL --fork FILE.',
          ),
        ),
      millis,
    );
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function toldOf(made: Plan, sha256: string): NonNullable<RunState['plan']> {
  const { id, fork, from, to, method, gaps } = made.head;
  const { apply, conflicts, unrecoverable, alreadyHere } = summaryOf(made);
  return {
    ...{ id, sha256, fork, from, to, method, gaps: gaps.length },
    ...{ apply: apply.all, conflicts, unrecoverable, alreadyHere },
  };
}

function noticeOf(made: Plan, report: string) {
  const { id, from, to, gaps } = made.head;
  const { apply, conflicts, unrecoverable, alreadyHere } = summaryOf(made);
  return {
    severity: 'info' as const,
    subject: `recovery plan ${id}`,
    text: [
      `What ${from} had committed and ${to} has not:`,
      `- to be put back: ${apply.all} (${apply.insert} inserts, ${apply.update} updates, ${apply.delete} deletes)`,
      `- conflicts: ${conflicts}`,
      `- unrecoverable: ${unrecoverable}`,
      `- here already: ${alreadyHere}`,
      ...(gaps.length > 0 ? [`- what could not be seen: ${gaps.length}, in the report`] : []),
      `Report: ${report}`,
      `Next: npm run recover -- apply ${id}`,
    ].join('\n'),
  };
}
