/** One request on its way: to a target, or answered by the load balancer itself. */
import { type IncomingMessage, STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ProxyServer, createProxyServer } from 'http-proxy-3';
import { type ErrorStatus, answerError, locationOf, rawError } from './answers';
import { ConnectFailure } from './connections';
import type { Deployed } from './deployed';
import { forwardedHeaders, invalidNames } from './headers';
import type { Served } from './statistics';
import type { Target, Targets } from './targets';

export interface ProxyOptions {
  /** Undefined until the load balancer has been read. */
  readonly deployed: () => Deployed | undefined;
  /** Of the group that this request goes to; undefined: it has none. */
  readonly targets: () => Targets | undefined;
  readonly onServed: (served: Served) => void;
}

/** Where a request goes: the target, and what must be called when it is through. */
interface Way {
  readonly target: Target;
  readonly options: object;
  readonly end: () => void;
}

/** 499 in nginx: the client went before the answer came. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html, HTTP 460 */
const CLIENT_LEFT = 460;

export class Proxy {
  private readonly proxy: ProxyServer;
  private readonly timedOut = new WeakSet<IncomingMessage>();

  constructor(private readonly options: ProxyOptions) {
    this.proxy = createProxyServer({});
    this.proxy.on('proxyReq', (outgoing, request) => {
      outgoing.once('timeout', () => this.timedOut.add(request));
    });
    this.proxy.on('proxyRes', (answer, _request, response) => {
      // Both are of the connection between load balancer and server.
      delete answer.headers['connection'];
      delete answer.headers['keep-alive'];
      // A pipe alone would leave the client waiting for the rest.
      answer.once('close', () => !answer.complete && response.destroy());
    });
    // The client left: its own connection's errors end here, the server's at the callbacks below.
    this.proxy.on('econnreset', () => undefined);
    this.proxy.on('error', () => undefined);
  }

  /** Answers a request; never throws. */
  async web(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now();
    const taken: { way?: Way } = {};
    response.on('close', () => {
      taken.way?.end();
      const status = response.writableFinished || response.headersSent ? response.statusCode : CLIENT_LEFT;
      this.options.onServed({ at, target: taken.way?.target.id, status, millis: performance.now() - at });
    });
    request.on('error', () => undefined);

    const deployed = this.options.deployed();
    const { action } = deployed?.listener ?? {};
    if (action?.kind === 'redirect') return redirect(request, response, deployed!);
    if (action?.kind === 'fixed') {
      response.writeHead(action.status, { 'content-type': action.contentType });
      return void response.end(action.body);
    }
    const found = await this.find(request);
    if (typeof found === 'number') return answerError(response, found);
    taken.way = found;
    if (response.destroyed) return found.end();
    this.proxy.web(request, response, found.options, () =>
      answerError(response, this.timedOut.has(request) ? 504 : 502),
    );
  }

  /** The same for a WebSocket. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const found = await this.find(request);
    if (typeof found === 'number') return void socket.end(rawError(found));
    if (socket.destroyed) return found.end();
    socket.once('close', found.end);
    this.proxy.ws(request, socket as Socket, head, found.options, () => socket.end(rawError(502)));
  }

  /**
   * A target with a connection that stands. What cannot be reached has been sent nothing, so the next one is tried,
   * whatever the method; what has been sent is never sent again: the target may have acted on it. (Whether AWS tries
   * another target is not documented. Without it, each request between a server's death and its second failed health
   * check would be a 502.)
   *
   * @returns the status to answer when there is none
   */
  private async find(request: IncomingMessage): Promise<Way | ErrorStatus> {
    const targets = this.options.targets();
    const tried = new Set<Target>();
    let failure: ErrorStatus = 503;
    for (let target = targets?.next(); target; target = targets!.next(tried)) {
      const end = target.begin();
      try {
        const connections = targets!.connectionsOf(target);
        if (!connections) throw new ConnectFailure('its server does not run', false);
        await connections.ready();
        const options = {
          target: { protocol: 'http:', host: targets!.addressOf(target), port: target.port },
          agent: connections.agent,
          headers: this.headers(request),
          proxyTimeout: this.idleMillis,
        };
        return { target, options, end: once(end) };
      } catch (error) {
        end();
        tried.add(target);
        failure = (error as ConnectFailure).timedOut ? 504 : 502;
      }
    }
    return failure;
  }

  private get idleMillis(): number {
    return (this.options.deployed()?.idleSeconds ?? 60) * 1_000;
  }

  private headers(request: IncomingMessage): Record<string, string> {
    const deployed = this.options.deployed();
    if (deployed?.dropInvalidHeaders)
      for (const name of invalidNames(request.headers)) delete request.headers[name];
    const { protocol = 'http', port = 80 } = deployed?.listener ?? {};
    const hop = { remoteAddress: request.socket.remoteAddress ?? '', protocol, port } as const;
    // What the client says of its connection is not for the one to the server.
    const connection: Record<string, string> = request.headers.upgrade ? {} : { connection: 'keep-alive' };
    return { ...forwardedHeaders(request.headers, hop), ...connection };
  }

  close(): void {
    this.proxy.close();
  }
}

function redirect(request: IncomingMessage, response: ServerResponse, { listener }: Deployed): void {
  const { action, protocol, port } = listener;
  if (action.kind !== 'redirect') return;
  const host = (request.headers.host ?? 'localhost').replace(/:\d+$/, '');
  const location = locationOf(action, { protocol, host, port, url: request.url ?? '/' });
  const body = `${action.status} ${STATUS_CODES[action.status]}`;
  response.writeHead(action.status, { server: 'awselb/2.0', location, 'content-type': 'text/plain' });
  response.end(body);
}

function once(call: () => void): () => void {
  let called = false;
  return () => {
    if (!called) call();
    called = true;
  };
}
