/** The HTTP server: limits, headers, the access log, and draining. What it serves is `respond`'s matter. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from './answer';
import type { Log } from './log';
import type { SiteRequest } from './request';
import { siteRequest } from './request';

export interface SiteServer {
  /** @returns the port in use. @throws when it cannot be had */
  listen(port: number): Promise<number>;
  /** From the first call of drain() on. */
  isDraining(): boolean;
  /**
   * Lets requests in flight finish, for at most `seconds`, then stops accepting and closes all.
   * Until then new requests are still answered (the load balancer may send some until it has taken
   * notice), each with `connection: close`.
   * @returns how many requests were cut off
   */
  drain(seconds: number): Promise<number>;
}

/**
 * The load balancer keeps idle connections for 60 s. The server must keep them longer, or it closes
 * one while a request is on its way, which the visitor sees as a 502.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
 */
const KEEP_ALIVE_MILLIS = 65_000;

const LIMITS = {
  keepAliveTimeout: KEEP_ALIVE_MILLIS,
  // Whoever sends a byte a second keeps no connection: head and whole request have their time.
  headersTimeout: 20_000,
  requestTimeout: 30_000,
  maxHeaderSize: 16 * 1024,
};

/** On every answer. `same-origin`, not `no-referrer`: the latter makes forms send `Origin: null`. */
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** @param respond gives the answer; it must not throw */
export function siteServer(respond: (request: SiteRequest) => Promise<Answer>, log: Log): SiteServer {
  const inFlight = new Set<ServerResponse>();
  let draining = false;
  let nothingInFlight = () => {};

  const server: Server = createServer(LIMITS, (message, response) => {
    const started = performance.now();
    inFlight.add(response);
    response.on('close', () => {
      inFlight.delete(response);
      logRequest(log, message, response, performance.now() - started);
      if (inFlight.size === 0) nothingInFlight();
    });
    // A visitor who leaves in the middle of a request is no error of ours.
    message.on('error', () => response.destroy());
    void respond(siteRequest(message)).then((answer) => send(response, answer, draining));
  });

  return {
    isDraining: () => draining,
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, () => resolve((server.address() as AddressInfo).port));
      }),
    async drain(seconds) {
      draining = true;
      server.closeIdleConnections();
      if (inFlight.size > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, seconds * 1000);
          nothingInFlight = () => (clearTimeout(timer), resolve());
        });
      }
      const cutOff = inFlight.size;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      return cutOff;
    },
  };
}

function send(response: ServerResponse, { status, headers, body }: Answer, draining: boolean): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    ...(status !== 204 && status !== 304 && { 'content-length': Buffer.byteLength(body) }),
    ...headers,
    ...(draining && { connection: 'close' }),
  });
  response.end(body);
}

function logRequest(log: Log, message: IncomingMessage, response: ServerResponse, millis: number): void {
  const [path] = (message.url ?? '').split('?');
  // Health checks come every few seconds from every balancer node, and would drown the rest.
  const level = path === '/healthz' ? 'debug' : 'info';
  log[level]('request', {
    method: message.method,
    path,
    status: response.writableFinished ? response.statusCode : 'aborted',
    millis: Math.round(millis),
    // Leads from this line to the load balancer's access log.
    trace: message.headers['x-amzn-trace-id'],
  });
}
