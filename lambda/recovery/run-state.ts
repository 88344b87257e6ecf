/**
 * A run of the recovery function: what starts it, and what it writes about itself into the journal's table for whoever
 * follows.
 *
 *   part        key      attributes
 *   recovery    RUN ID   run (JSON: RunState), ttl (seconds since 1970)
 *   recovery    RUN ID   stop (anything): a human wants it to pause after the batch that is under way
 *
 * `stop` is another one's: the function writes `run` by UpdateItem, and so leaves it alone; a start removes it.
 */
import * as z from 'zod';
import { FORK } from './fork';
import type { Progress } from './progress';

/** Partition of the journal's table. */
export const RUNS_PART = 'recovery';

/** `plan-20261122t190501z-3f9a`: sorts by kind, then by time. */
const RUN_ID = z.string().regex(/^(plan|apply)-[\w-]{1,80}$/);

/** Also the name of a folder. */
export const PLAN_ID = z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/);

const asked = {
  /** Of the run. The same one again: it goes on where it paused. */
  run: RUN_ID,
  /** Who, `anna@laptop`. */
  by: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
};

/** What the function is invoked with. */
export const RUN_REQUEST = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('plan'),
    ...asked,
    /** Of the failover whose old primary is meant. @default - the only one that waits */
    epoch: z.int().nonnegative().optional(),
    /** Identifier of another instance to read from: a restore of the old primary's backups. */
    from: z.string().optional(),
  }),
  z.object({
    kind: z.literal('apply'),
    ...asked,
    plan: PLAN_ID,
    /** Of the plan file, as its last line has it: what is applied is what somebody has read. */
    sha256: z.string().regex(/^[\da-f]{64}$/),
    conflicts: z.enum(['keep', 'replace', 'skip']),
    triggers: z.enum(['skip', 'fire']),
    isDryRun: z.boolean(),
    batchRows: z.int().positive().optional(),
  }),
]);

export type RunRequest = z.infer<typeof RUN_REQUEST>;

/** Where a plan is in the bucket. */
export const planKeys = (id: string) => ({
  plan: `recovery/${id}/plan.jsonl`,
  markdown: `recovery/${id}/report.md`,
  html: `recovery/${id}/report.html`,
});

const PROGRESS = z.object({
  step: z.string(),
  done: z.number(),
  total: z.number().optional(),
  unit: z.string(),
}) satisfies z.ZodType<Progress>;

export const RUN_STATE = z.looseObject({
  request: RUN_REQUEST,
  /**
   * paused: its time was over, or somebody asked for it: the same request again lets it go on. A run that says `running`
   * and has given no sign of life for longer than SILENT_MILLIS was killed: the same.
   */
  state: z.enum(['running', 'paused', 'done', 'failed']),
  startedAt: z.number(),
  /** Sign of life. */
  updatedAt: z.number(),
  /** How often the function was begun for it. */
  starts: z.int().positive(),
  progress: PROGRESS.optional(),
  /** When the step of `progress` began. */
  stepAt: z.number().optional(),
  /** Why it failed: a sentence for people. */
  problem: z.string().optional(),
  /** Of a plan that is done. */
  plan: z
    .looseObject({
      id: PLAN_ID,
      sha256: z.string(),
      fork: FORK,
      /** Names for people. */
      from: z.string(),
      to: z.string(),
      apply: z.int(),
      conflicts: z.int(),
      unrecoverable: z.int(),
      alreadyHere: z.int(),
    })
    .optional(),
  /** Of an apply that is done or paused: `Applied` of apply.ts. */
  applied: z.looseObject({}).optional(),
});

export type RunState = z.infer<typeof RUN_STATE>;

/** The function writes every few seconds. */
export const SILENT_MILLIS = 60_000;
