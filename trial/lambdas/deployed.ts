/** A function as it was deployed, asked of the emulator before each run: a new deployment holds from the next run on. */
import type { Target } from '../target';
import { getFromLambda } from './emulator';

export interface Deployed {
  readonly name: string;
  readonly arn: string;
  /** `nodejs24.x` */
  readonly runtime: string;
  /** `index.handler` */
  readonly handler: string;
  readonly timeoutMillis: number;
  readonly memoryMib: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly logGroup: string;
  /** Base64 of the zip file's SHA-256. */
  readonly codeHash: string;
  /** Where the zip file can be fetched. */
  readonly codeUrl: string;
  /** How many may run at once; absent: as many as the account allows. */
  readonly reservedConcurrency?: number;
  /** Of asynchronous invocations. */
  readonly asynchronous: {
    /** Tries after the first. */
    readonly retries: number;
    readonly maximumAgeMillis: number;
    /** ARN of the dead-letter queue or topic: gets the event itself. */
    readonly deadLetters?: string;
    /** ARN of the destination on failure: gets a record of the invocation. */
    readonly onFailure?: string;
  };
}

/** Lambda's defaults of asynchronous invocations, and at the same time the most that can be set. */
const RETRIES = 2;
const MAXIMUM_AGE_SECONDS = 21_600;

interface FunctionAnswer {
  readonly Configuration: {
    readonly FunctionName: string;
    readonly FunctionArn: string;
    readonly Runtime: string;
    readonly Handler: string;
    readonly Timeout: number;
    readonly MemorySize: number;
    readonly CodeSha256: string;
    readonly Environment?: { readonly Variables?: Record<string, string> };
    readonly DeadLetterConfig?: { readonly TargetArn?: string };
    readonly LoggingConfig?: { readonly LogGroup?: string };
  };
  readonly Code: { readonly Location: string };
  readonly Concurrency?: { readonly ReservedConcurrentExecutions?: number };
}

interface InvokeConfigAnswer {
  readonly MaximumRetryAttempts?: number;
  readonly MaximumEventAgeInSeconds?: number;
  readonly DestinationConfig?: { readonly OnFailure?: { readonly Destination?: string } };
}

/** The name in a function's name or ARN, with or without a version. */
export const nameOf = (nameOrArn: string): string =>
  /(?:^|:function:)([\w-]+)(?::[\w$-]+)?$/.exec(nameOrArn)?.[1] ?? nameOrArn;

/** @returns undefined when no such function is deployed */
export async function findDeployed(target: Target, nameOrArn: string): Promise<Deployed | undefined> {
  const name = encodeURIComponent(nameOf(nameOrArn));
  const [found, invoke] = await Promise.all([
    getFromLambda<FunctionAnswer>(target, `/2015-03-31/functions/${name}`),
    getFromLambda<InvokeConfigAnswer>(target, `/2019-09-25/functions/${name}/event-invoke-config`),
  ]);
  if (!found) return undefined;
  const { Configuration: said, Code, Concurrency } = found;
  return {
    name: said.FunctionName,
    arn: said.FunctionArn,
    runtime: said.Runtime,
    handler: said.Handler,
    timeoutMillis: said.Timeout * 1_000,
    memoryMib: said.MemorySize,
    variables: said.Environment?.Variables ?? {},
    logGroup: said.LoggingConfig?.LogGroup ?? `/aws/lambda/${said.FunctionName}`,
    codeHash: said.CodeSha256,
    codeUrl: Code.Location,
    reservedConcurrency: Concurrency?.ReservedConcurrentExecutions,
    asynchronous: {
      retries: invoke?.MaximumRetryAttempts ?? RETRIES,
      maximumAgeMillis: (invoke?.MaximumEventAgeInSeconds ?? MAXIMUM_AGE_SECONDS) * 1_000,
      deadLetters: said.DeadLetterConfig?.TargetArn,
      onFailure: invoke?.DestinationConfig?.OnFailure?.Destination,
    },
  };
}
