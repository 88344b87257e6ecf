/** Clients of the SDK that send nothing: each call is written down, and answered as AWS plausibly would. */
import { RDSClient } from '@aws-sdk/client-rds';

export interface Call {
  /** Who makes it: a name of callers/all.ts. */
  readonly caller: string;
  /** As the SDK and botocore name the service: `RDS`, `Route 53`. */
  readonly serviceId: string;
  readonly operation: string;
  /** Without members that are undefined: those are not sent. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** @throws whatever the caller is to see: an error of the service */
export type Answer = (call: Call) => unknown;

interface Sends {
  send(command: object): Promise<unknown>;
}

/** All clients of the SDK for JavaScript send by this one method. */
const CLIENT = Object.getPrototypeOf(RDSClient.prototype) as Sends;

/**
 * Runs `work`, and writes down every call to AWS that any client makes until it has ended.
 *
 * @returns the calls in their order
 */
export async function recordCalls(
  caller: string,
  answer: Answer,
  work: () => Promise<unknown>,
): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const { send } = CLIENT;
  CLIENT.send = async function (this: Sends & { config: { serviceId: string } }, command) {
    const call = {
      caller,
      serviceId: this.config.serviceId,
      operation: command.constructor.name.replace(/Command$/, ''),
      input: sent((command as { input: object }).input) as Call['input'],
    };
    calls.push(call);
    return Promise.resolve(answer(call));
  };
  try {
    await work();
  } finally {
    CLIENT.send = send;
  }
  return calls;
}

/** Streams and bytes stay what they are. */
function sent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sent);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => [key, sent(one)]),
  );
}
