/** A run that puts lost changes back, as a plan in the bucket says; and then ends the old primary's quarantine. */
import { type Applied, apply as applyPlan } from '../apply';
import type { Plan } from '../plan';
import { Problem } from '../problem';
import { type RunRequest, type RunState, planKeys } from '../run-state';
import { primaryOf } from './choose';
import { endQuarantine } from './end-quarantine';
import { watch } from './may-go-on';
import type { Parts } from './parts';
import { findInstance, open } from './servers';
import type { Teller } from './teller';

export type ApplyRequest = Extract<RunRequest, { kind: 'apply' }>;

/**
 * @param until milliseconds since 1970: then the function is ended
 * @returns how it ended
 * @throws Problem, CallFailed, LostConnection, or what PostgreSQL refuses; what was done before is in the ledger
 */
export async function apply(
  request: ApplyRequest,
  parts: Parts,
  teller: Teller,
  until: number,
): Promise<Partial<RunState>> {
  const { rds, access, files } = parts;
  const { plan, sha256 } = await files.getPlan(request.plan);
  if (sha256 !== request.sha256) {
    throw new Problem(
      `The plan ${request.plan} in the bucket is not the one that was read: its SHA-256 is ${sha256}, not ${request.sha256}. Read it anew: npm run recover -- report ${request.plan}.`,
    );
  }
  const stored = await parts.journal();
  const primary = primaryOf(stored);
  if (stored.hold && !request.isDryRun) {
    throw new Problem(
      `On hold since ${new Date(stored.hold.at).toISOString()} by ${stored.hold.by}: nothing is written. Release it first: npm run failover -- release.`,
    );
  }
  const instance = await findInstance(rds, { resourceId: primary }, 'primary');
  const session = await open(instance, access, 'primary', request.isDryRun);
  const looking = watch(parts, { run: request.run, primary, until, isLost: () => teller.hasLostRun });
  try {
    const applied = await applyPlan({
      plan,
      primary: session,
      conflicts: request.conflicts,
      triggers: request.triggers,
      isDryRun: request.isDryRun,
      ...(request.batchRows !== undefined && { batchRows: request.batchRows }),
      report: teller.report,
      mayGoOn: looking.mayGoOn,
    });
    await files.put(appliedKey(request), JSON.stringify(applied, undefined, 2), 'application/json');
    const told = {
      applied: withoutRows(applied),
      files: { applied: appliedKey(request) },
      bucket: parts.bucket,
    };
    if (applied.isPaused) {
      return { state: 'paused', ...told, sentence: looking.why ?? 'It was asked to pause.' };
    }
    const sentence = request.isDryRun
      ? 'Nothing was written: it was a dry run.'
      : await endQuarantine(parts, request, plan, applied);
    await parts.notify(noticeOf(plan, applied, sentence));
    return { state: 'done', ...told, sentence };
  } finally {
    await session.close().catch(() => undefined);
  }
}

const appliedKey = ({ plan, run }: ApplyRequest) =>
  planKeys(plan).plan.replace(/plan\.jsonl$/, `${run}.json`);

/** Keys and PostgreSQL's words about values are the site's: they are in the bucket. */
const withoutRows = (applied: Applied): RunState['applied'] => ({ ...applied, refused: [], changed: [] });

function noticeOf({ head }: Plan, applied: Applied, sentence: string) {
  const { counts, total, done, isDryRun, isComplete } = applied;
  return {
    severity: isComplete || isDryRun ? ('info' as const) : ('warning' as const),
    subject: `recovery plan ${head.id} applied${isDryRun ? ' (dry run)' : ''}`,
    text: [
      `On ${head.to}, ${done} of ${total} changes that ${head.from} had committed:`,
      ...Object.entries(counts).map(([outcome, number]) => `- ${outcome}: ${number}`),
      sentence,
    ].join('\n'),
  };
}
