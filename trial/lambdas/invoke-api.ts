/** Lambda's Invoke API, for the emulator (forward.py) and for SDK clients with AWS_ENDPOINT_URL_LAMBDA. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Invocation } from './pool';

export interface InvokeApi {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

export interface InvokeApiOptions {
  /** @returns undefined when there is no such function */
  readonly invoke: (name: string, event: unknown) => Promise<Invocation | undefined>;
  /** @returns whether there is such a function; its run is not waited for */
  readonly invokeLater: (name: string, event: unknown) => Promise<boolean>;
  /** Whether some event of it is under way. */
  readonly isWorking: (name: string) => boolean;
}

/** Of the trial's own: a round of a schedule that would only wait for the one before it is left out (forward.py). */
const UNLESS_BUSY = 'x-trial-unless-busy';

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations(?:\?|$)/;

/** Listens on a free loopback port. */
export async function startInvokeApi(options: InvokeApiOptions): Promise<InvokeApi> {
  const server: Server = createServer((request, response) => {
    answer(request, response, options).catch((error: Error) =>
      refuse(response, 500, 'ServiceException', error.message),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // Whoever still waits for an answer must not keep the trial from ending.
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { invoke, invokeLater, isWorking }: InvokeApiOptions,
): Promise<void> {
  const body = Buffer.concat(await request.toArray()).toString();
  const name = PATH.exec(request.url ?? '')?.[1];
  if (request.method !== 'POST' || !name) {
    return refuse(response, 404, 'UnknownOperationException', 'Only Invoke is served here');
  }
  let event: unknown;
  try {
    event = body ? JSON.parse(body) : {};
  } catch {
    return refuse(response, 400, 'InvalidRequestContentException', 'Could not parse request body into json');
  }
  const named = decodeURIComponent(name);
  const version = { 'x-amz-executed-version': '$LATEST' };

  if (request.headers['x-amz-invocation-type'] === 'Event') {
    if (request.headers[UNLESS_BUSY] && isWorking(named)) return void response.writeHead(202, version).end();
    if (await invokeLater(named, event)) return void response.writeHead(202, version).end();
    return notFound(response, named);
  }
  const outcome = await invoke(named, event);
  if (!outcome) return notFound(response, named);
  if (outcome.kind === 'throttled') {
    return refuse(response, 429, 'TooManyRequestsException', 'Rate Exceeded.', {
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    });
  }
  const error = outcome.kind === 'returned' ? {} : { 'x-amz-function-error': 'Unhandled' };
  response.writeHead(200, { 'content-type': 'application/json', ...version, ...error }).end(outcome.payload);
}

const notFound = (response: ServerResponse, name: string) =>
  refuse(response, 404, 'ResourceNotFoundException', `Function not found: ${name}`);

function refuse(
  response: ServerResponse,
  status: number,
  type: string,
  Message: string,
  more: object = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type })
    .end(JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message, message: Message, ...more }));
}
