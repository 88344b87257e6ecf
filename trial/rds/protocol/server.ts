import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { RdsError } from '../model/errors';
import { type Operation, OPERATIONS } from '../model/operations';
import type { RdsModel } from '../model/model';
import type { Fault, Faults } from './faults';
import { parseRequest } from './parse';
import { answerXml, errorXml } from './serialize';
import { SHAPES } from './shapes';

/** More than any request of RDS has. */
const LARGEST_BODY = 1024 * 1024;
/** No longer than a caller waits for the emulator. */
const FALLBACK_MILLISECONDS = 60_000;

export interface RdsServerProps {
  readonly model: RdsModel;
  /** Where operations go that the model does not have. @default - they are an InvalidAction */
  readonly fallback?: string;
  readonly faults?: Faults;
}

/**
 * RDS over HTTP: the Query protocol. Signatures are not verified: whoever reaches the port of the trial may call.
 */
export function rdsServer(props: RdsServerProps): Server {
  return createServer((request, response) => {
    const requestId = randomUUID();
    respond(props, request, response, requestId).catch((error: unknown) => {
      const known = error instanceof RdsError ? error : internal(error);
      if (!response.headersSent) {
        response.writeHead(known.status, headers(requestId));
      }
      response.end(errorXml(known, requestId));
    });
  });
}

const headers = (requestId: string) => ({ 'content-type': 'text/xml', 'x-amzn-requestid': requestId });

/** What an SDK throws when another service refuses. */
interface Refusal {
  readonly Code?: string;
  readonly message: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** What the emulator refuses, asked for a group for example, is refused here; anything else is a mistake of ours. */
const internal = (error: unknown): RdsError => {
  const { Code, message, $metadata } = error as Refusal;
  if (Code && $metadata?.httpStatusCode) return new RdsError(Code, $metadata.httpStatusCode, message);
  console.error(error);
  return new RdsError(
    'InternalFailure',
    500,
    'The request processing has failed because of an unknown error.',
  );
};

async function respond(
  props: RdsServerProps,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const body = await bodyOf(request);
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const fields = new Map([...query, ...new URLSearchParams(body)]);
  const action = fields.get('Action');
  if (!action) throw new RdsError('MissingAction', 400, 'The request must contain the parameter Action.');
  const version = fields.get('Version');
  if (version && version !== SHAPES.version) {
    throw new RdsError('InvalidAction', 400, `Could not find operation ${action} for version ${version}`);
  }
  const fault = props.faults?.(action, fields.get('DBInstanceIdentifier'));
  if (fault) await suffer(fault);
  if (!isOurs(action)) return forward(props.fallback, action, request, body, response);
  const asked = parseRequest(action, fields) as never;
  const answer = await (request.headers['user-agent'] === CLOUDFORMATION
    ? props.model.callByCloudFormation(action, asked)
    : props.model.call(action, asked));
  const xml = answerXml(action, answer, requestId);
  response.writeHead(200, headers(requestId)).end(xml);
}

/** What CloudTrail shows as the user agent of its calls. */
const CLOUDFORMATION = 'cloudformation.amazonaws.com';

const isOurs = (action: string): action is Operation => Object.hasOwn(OPERATIONS, action);

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    body += chunk;
    if (body.length > LARGEST_BODY) {
      throw new RdsError('RequestEntityTooLarge', 413, 'The request is too large.');
    }
  }
  return body;
}

/** Nothing on AWS's side depends on how long the wire takes, so that this waits by the machine's clock. */
async function suffer(fault: Fault): Promise<void> {
  switch (fault.kind) {
    case 'delay':
      return new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
    case 'throttle':
      throw new RdsError('Throttling', 400, 'Rate exceeded');
    case 'fail':
      throw new RdsError(
        'InternalFailure',
        500,
        'The request processing has failed because of an unknown error, exception or failure.',
      );
  }
}

/** Hands a call to the emulator as it came. */
async function forward(
  fallback: string | undefined,
  action: string,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): Promise<void> {
  if (!fallback) {
    throw new RdsError(
      'InvalidAction',
      400,
      `Could not find operation ${action} for version ${SHAPES.version}`,
    );
  }
  const kept = ['authorization', 'content-type', 'x-amz-date', 'x-amz-security-token', 'user-agent'];
  const passed = kept.flatMap((name) => {
    const value = request.headers[name];
    return typeof value === 'string' ? [[name, value] as [string, string]] : [];
  });
  const answer = await fetch(new URL(request.url ?? '/', fallback), {
    method: request.method ?? 'POST',
    headers: passed,
    ...(request.method === 'GET' ? {} : { body }),
    signal: AbortSignal.timeout(FALLBACK_MILLISECONDS),
  }).catch((error: Error) => {
    throw new RdsError(
      'ServiceUnavailable',
      503,
      `The emulator at ${fallback} does not answer: ${error.message}`,
    );
  });
  const type = answer.headers.get('content-type') ?? 'text/xml';
  response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
}
