/**
 * Runs the deployed functions: the bundled code, each in processes of its own, with the deployed environment, time
 * limit and concurrency.
 *
 * The emulator keeps what was deployed, schedules and event patterns among it, and asks this runner whenever a function
 * has to run (forward.py): for a schedule, a rule, a custom resource, or somebody's Invoke.
 */
import { mkdirSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Processes } from '../processes';
import { unpackedArtifact } from '../servers/artifact';
import { type Target, environmentFor, plainEnvironment } from '../target';
import { handleLater } from './asynchronous';
import { type Deployed, findDeployed, nameOf } from './deployed';
import { callJson, download } from './emulator';
import { sendGivenUp } from './given-up';
import { startInvokeApi } from './invoke-api';
import { type FunctionFacts, type Invocation, Pool } from './pool';
import { Worker, failed } from './worker';

export type { FunctionFacts } from './pool';

export interface LambdasOptions {
  readonly processes: Processes;
  /** The emulator. Asked when a function runs: this runner is started first, as the emulator is told its URL. */
  readonly target: () => Target;
  /** For unpacked code and logs; made when absent. */
  readonly folder: string;
  /** Variables of a function that come last, over those that were deployed: its machine in the trial. */
  readonly environment?: (functionName: string) => Readonly<Record<string, string>>;
  /** What the waits after a failure are multiplied by; 1 when absent. Schedules are the emulator's: TRIAL_TIME_SCALE. */
  readonly timeScale?: number;
}

/** An event as targets of EventBridge get it; id and time are added when absent. */
export interface AwsEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: object;
  readonly id?: string;
  /** ISO 8601. */
  readonly time?: string;
  readonly resources?: readonly string[];
}

export interface Lambdas {
  /** Of the Invoke API, `http://127.0.0.1:PORT`; the emulator is told it by TRIAL_LAMBDAS_URL. */
  readonly url: string;
  /**
   * Runs a function once and waits, as the Invoke API does.
   * @param name or ARN
   * @throws Error when no such function is deployed
   */
  invoke(name: string, payload: unknown): Promise<Invocation>;
  /** Gives an event of an AWS service to the emulator's EventBridge, whose rules say what it starts. */
  deliver(event: AwsEvent): Promise<void>;
  /**
   * Kills every process of a function in which it runs now.
   * @returns whether it ran
   */
  kill(name: string): boolean;
  /** Of the functions that have run. */
  facts(): readonly FunctionFacts[];
  /** Ends all processes and waits of functions. */
  close(): Promise<void>;
}

/** Where Lambda has its own copy of the SDK, for functions that bundle none. */
const RUNTIME_MODULES = join(__dirname, '../../node_modules');

export async function startLambdas(options: LambdasOptions): Promise<Lambdas> {
  const { target, folder, timeScale = 1 } = options;
  const pools = new Map<string, Pool>();
  const workers = new Set<Worker>();
  const end = new AbortController();
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const logFileOf = (name: string) => join(folder, 'logs', `${name}.log`);

  const start = async (deployed: Deployed): Promise<Worker> => {
    const code = { bucket: 'lambda', key: deployed.codeHash };
    const unpacked = await unpackedArtifact(code, join(folder, 'code'), () => download(deployed.codeUrl));
    if (end.signal.aborted) throw new Error('the trial is ending');
    const environment = environmentOf(deployed, target(), options.environment?.(deployed.name));
    const { processes } = options;
    const logFile = logFileOf(deployed.name);
    const worker = new Worker(deployed, { processes, folder: unpacked, environment, logFile });
    for (const old of workers) if (!old.isAlive) workers.delete(old);
    workers.add(worker);
    return worker;
  };
  const poolOf = ({ name }: Deployed): Pool => {
    const known = pools.get(name);
    if (known) return known;
    const made = new Pool({ name, logFile: logFileOf(name), start });
    pools.set(name, made);
    return made;
  };

  const run = async (deployed: Deployed, event: unknown, id?: string): Promise<Invocation> => {
    if (!deployed.runtime.startsWith('nodejs')) {
      const errorMessage = `The trial runs functions of Node.js, not of ${deployed.runtime}`;
      return failed('failed', { errorType: 'Runtime.InvalidRuntime', errorMessage });
    }
    return poolOf(deployed).invoke(deployed, event, id);
  };
  const invoke = async (name: string, event: unknown): Promise<Invocation | undefined> => {
    const deployed = await findDeployed(target(), name);
    return deployed && run(deployed, event);
  };
  const invokeLater = async (name: string, event: unknown): Promise<boolean> => {
    const deployed = await findDeployed(target(), name);
    if (!deployed) return false;
    const again = async (id: string, given: unknown): Promise<Invocation> =>
      // Deployed anew in the meantime, or deleted: then as it was.
      run((await findDeployed(target(), name)) ?? deployed, given, id);
    const queued = handleLater(deployed.asynchronous, event, {
      invoke: again,
      timeScale,
      signal: end.signal,
    });
    void queued
      .then((given) => given && sendGivenUp(target(), deployed, given))
      // The emulator is gone or refuses: the event is lost, and the log says so.
      .catch((error: Error) => appendFile(logFileOf(deployed.name), `Event lost: ${error.message}\n`))
      .catch(() => undefined);
    return true;
  };

  const api = await startInvokeApi({
    invoke,
    invokeLater,
    isWorking: (name) => pools.get(nameOf(name))?.isWorking ?? false,
  });
  return {
    url: api.url,
    async invoke(name, payload) {
      const outcome = await invoke(name, payload);
      if (!outcome) throw new Error(`The function ${name} is not deployed`);
      return outcome;
    },
    deliver: (event) => callJson(target(), 'events', 'AWSEvents.PutEvents', { TrialEvents: [event] }),
    kill: (name) => pools.get(name)?.kill() ?? false,
    facts: () => [...pools.values()].map((pool) => pool.facts()),
    async close() {
      end.abort();
      for (const worker of workers) worker.end();
      await api.close();
    },
  };
}

/**
 * What a function's process sees, and nothing of the caller's but what any program needs.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
function environmentOf(
  deployed: Deployed,
  target: Target,
  last: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    ...environmentFor(target, plainEnvironment(process.env)),
    ...deployed.variables,
    _HANDLER: deployed.handler,
    AWS_EXECUTION_ENV: `AWS_Lambda_${deployed.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: deployed.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(deployed.memoryMib),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: deployed.logGroup,
    NODE_PATH: RUNTIME_MODULES,
    TZ: 'UTC',
    ...last,
  };
}
