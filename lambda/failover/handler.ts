/**
 * Started each minute, looks until the next start (run.ts). CloudFormation starts it too, as a custom resource: when the
 * stack is deleted, its records are put back (remove.ts).
 */
import { randomBytes } from 'node:crypto';
import { type CustomResourceRequest, respond } from '../custom-resource/respond';
import { type FailoverEnvironment, failoverEnvironment } from './environment';
import { failoverLog } from './log';
import { type AwsPorts, makePorts } from './make-ports';
import { recordsOf, remove } from './remove';
import { run } from './run';

/** What Lambda's context is asked for. */
export interface Context {
  readonly awsRequestId: string;
  /** Until Lambda ends the function. */
  getRemainingTimeInMillis(): number;
}

/** No round begins later: the next start is a minute after this one, and finds the lease given back. */
const ROUNDS_MILLIS = 55_000;

/** Kept back of the function's time for what a last round still does. */
const ROUND_RESERVE_MILLIS = 8_000;

/** Kept back for the answer to CloudFormation, three tries of it. */
const ANSWER_RESERVE_MILLIS = 40_000;

/** The same for ever (custom-resource/respond.ts). */
const PHYSICAL_ID = 'release-databases';

interface Warm {
  readonly environment: FailoverEnvironment;
  readonly ports: AwsPorts;
}

/** Kept from one start to the next, with connections and passwords. */
let warm: Warm | undefined;

/** @throws Error when the environment is wrong, naming every problem */
function warmUp(): Warm {
  if (warm) return warm;
  const environment = failoverEnvironment(process.env);
  return (warm = { environment, ports: makePorts(environment) });
}

/**
 * @param event of a schedule, or whatever else: what it says does not matter
 * @returns what became of the run
 * @throws Error when the environment is wrong, or the journal never answered
 */
export async function handler(event: unknown, context: Context): Promise<string | void> {
  if (typeof event === 'object' && event !== null && 'RequestType' in event) {
    return answer(event as CustomResourceRequest, context);
  }
  const begun = Date.now();
  try {
    const { environment, ports } = warmUp();
    const until = Math.min(begun + ROUNDS_MILLIS, endOf(context) - ROUND_RESERVE_MILLIS);
    const outcome = await run({ ports, policy: environment.policy, owner: ownerOf(context), until });
    ports.log.info('run ended', {
      outcome,
      milliseconds: Date.now() - begun,
      rssBytes: process.memoryUsage.rss(),
    });
    return outcome;
  } catch (error) {
    logAnyway().error('run failed', { error });
    throw error;
  }
}

const endOf = (context: Context) => Date.now() + context.getRemainingTimeInMillis();

/** The request's id alone is the same when Lambda starts the same event again. */
const ownerOf = ({ awsRequestId }: Context) => `${awsRequestId}-${randomBytes(4).toString('hex')}`;

const logAnyway = () => warm?.ports.log ?? failoverLog(process.env['GROUP_NAME'] ?? '');

/** @throws Error only when CloudFormation does not take the answer */
async function answer(request: CustomResourceRequest, context: Context): Promise<void> {
  const failure = request.RequestType === 'Delete' ? await attempt(request, context) : undefined;
  await respond(request, PHYSICAL_ID, failure);
}

/** @returns why it failed, in a sentence without secrets; undefined when it did not */
async function attempt(request: CustomResourceRequest, context: Context): Promise<string | undefined> {
  try {
    const { environment, ports } = warmUp();
    if (!(await ports.isGoing(request.StackId))) {
      ports.log.info('the stack goes on: names and databases stay as they are');
      return undefined;
    }
    await remove({
      ports,
      policy: environment.policy,
      owner: ownerOf(context),
      until: endOf(context) - ANSWER_RESERVE_MILLIS,
      records: recordsOf(request.ResourceProperties, environment),
    });
    return undefined;
  } catch (error) {
    logAnyway().error('databases not released', { error });
    const { message } = error as Error;
    return `The databases could not be released: ${message || 'no reason given'}`;
  }
}
