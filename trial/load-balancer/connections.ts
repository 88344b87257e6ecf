/** The connections to one target: kept open between requests, and known to stand before a request is sent. */
import { Agent } from 'node:http';
import { type NetConnectOpts, type Socket, connect } from 'node:net';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html, HTTP 504 */
export const CONNECT_TIMEOUT_MILLIS = 10_000;

/** `timedOut`: nobody answered; otherwise the target refused, or is not there. */
export class ConnectFailure extends Error {
  constructor(
    message: string,
    readonly timedOut: boolean,
  ) {
    super(message);
  }
}

export class Connections {
  /** Opened for a request that is about to be sent. */
  private readonly opened: Socket[] = [];
  readonly agent: Agent;

  /** @param idleMillis when a connection that nobody uses is closed */
  constructor(
    private readonly address: string,
    private readonly port: number,
    idleMillis: number,
  ) {
    this.agent = new Agent({ keepAlive: true, timeout: idleMillis, scheduling: 'lifo' });
    this.agent.createConnection = (options) => this.opened.pop() ?? connect(options as NetConnectOpts);
  }

  /**
   * Resolves once there is a connection for one more request: an idle one or a new one. Whoever fails here has sent
   * nothing, so its request may go to another target, whatever its method.
   *
   * @throws ConnectFailure
   */
  async ready(timeoutMillis = CONNECT_TIMEOUT_MILLIS): Promise<void> {
    const idle = Object.values(this.agent.freeSockets).flatMap((sockets = []) => sockets);
    if (idle.some((socket) => !socket.destroyed && socket.writable)) return;
    const socket = connect({ host: this.address, port: this.port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new ConnectFailure(`${this.address} did not answer within ${timeoutMillis} ms`, true));
      }, timeoutMillis);
      socket.once('connect', () => (clearTimeout(timer), resolve()));
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(new ConnectFailure(error.message, false));
      });
    });
    const forget = () => {
      const index = this.opened.indexOf(socket);
      if (index >= 0) this.opened.splice(index, 1);
    };
    socket.on('error', forget);
    socket.on('close', forget);
    this.opened.push(socket);
  }

  /** Cuts all, in use or not. */
  close(): void {
    for (const socket of this.opened.splice(0)) socket.destroy();
    this.agent.destroy();
  }
}
