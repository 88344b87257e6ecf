/**
 * Started by `npm run recover`, with a request (run-state.ts): makes a plan, or applies one. What it does it tells in the
 * journal's table, where whoever has started it follows; and what it comes to also by its answer, for who waits.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { sqlState } from '../../app/database/errors';
import { CallFailed } from '../failover/ports';
import { apply } from './aws/apply';
import { makeParts, type Parts } from './aws/parts';
import { plan } from './aws/plan';
import { Teller } from './aws/teller';
import { recoveryEnvironment } from './environment';
import { Problem } from './problem';
import { RUN_REQUEST, type RunRequest, type RunState } from './run-state';
import { LostConnection } from './session';

/** What Lambda's context is asked for. */
export interface Context {
  readonly awsRequestId: string;
  /** Until Lambda ends the function. */
  getRemainingTimeInMillis(): number;
}

/** Kept from one start to the next, with connections and passwords. */
let warm: Parts | undefined;

/**
 * @param event a RunRequest
 * @returns how the run ended: also a failed one is an answer
 * @throws Problem when the event is no request, or the run is at work already; Error when the environment is wrong
 */
export async function handler(event: unknown, context: Context): Promise<RunState> {
  const parts = (warm ??= makeParts(recoveryEnvironment(process.env)));
  const owner = `${context.awsRequestId}-${randomBytes(4).toString('hex')}`;
  return work(event, parts, owner, parts.now() + context.getRemainingTimeInMillis());
}

/**
 * @param owner new for each start
 * @param until milliseconds since 1970: then the function is ended
 */
export async function work(event: unknown, parts: Parts, owner: string, until: number): Promise<RunState> {
  const request = requestOf(event);
  const { run, kind, by } = request;
  const { state, isDone } = await parts.runs.begin(request, owner);
  if (isDone) return state;
  parts.log.info('run began', { run, kind, by, starts: state.starts });
  const teller = new Teller(state, owner, parts);
  const end = await attempt(request, parts, teller, until).catch((error: unknown) => failed(error, parts));
  const told = await teller.end(end);
  parts.log.info('run ended', {
    ...{ run, kind, by, state: told.state, problem: told.problem, plan: told.plan?.id },
    milliseconds: parts.now() - state.updatedAt,
    rssBytes: process.memoryUsage.rss(),
  });
  return told;
}

function requestOf(event: unknown): RunRequest {
  const { data, error } = RUN_REQUEST.safeParse(event);
  if (data) return data;
  throw new Problem(
    `The request is none that recovery knows: ${z.prettifyError(error).replace(/\s+/g, ' ')}. Use npm run recover, in the version that was deployed.`,
  );
}

const attempt = (
  request: RunRequest,
  parts: Parts,
  teller: Teller,
  until: number,
): Promise<Partial<RunState>> =>
  request.kind === 'plan' ? plan(request, parts, teller, until) : apply(request, parts, teller, until);

function failed(error: unknown, { log }: Parts): Partial<RunState> {
  if (error instanceof Problem || error instanceof CallFailed || error instanceof LostConnection) {
    return { state: 'failed', problem: error.message };
  }
  const { name, message, stack = '' } = error as Error;
  const code = sqlState(error);
  // Class 22 quotes what it cannot read, which is the site's.
  const isQuoting = code?.startsWith('22') === true;
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  log.error('run failed', { name, code, frames, ...(!isQuoting && { reason: message }) });
  const what =
    code === undefined
      ? `${name}: ${message}`
      : `PostgreSQL refuses (SQLSTATE ${code})${isQuoting ? '' : `: ${message}`}`;
  return {
    state: 'failed',
    problem: `${what}. That was not foreseen: the log of the function has more. Nothing is half done: begin again, or recover by --old and --new.`,
  };
}
