import { type Server, Socket, connect, createServer } from 'node:net';
import { Transform } from 'node:stream';
import { listeningFailure } from './addresses';
import { type Path, through } from './path';

export interface Address {
  readonly address: string;
  readonly port: number;
}

/**
 * What a connection finds behind the gate.
 *
 * - an address: a server.
 * - `nothing`: a host without a server: connections are reset.
 * - `no host`: nobody answers: connections hang.
 */
export type Behind = Address | 'nothing' | 'no host';

export interface GateOptions {
  readonly listen: Address;
  /** Whether a *new* connection from there is let in; one that is not hangs, as behind a security group of AWS. */
  admits(remoteAddress: string): boolean;
  /** What the packets of a connection from there pass through. */
  pathsOf(remoteAddress: string): readonly Path[];
  /** The address that the server sees; absent: the client's own. */
  readonly from?: string;
}

/** How many connections may hang at a gate; after that the oldest, whose client has long given up, is reset. */
const MOST_HELD = 512;

/**
 * A TCP gate before one database. It reads only what it can pass on, so that back-pressure works through it; and it
 * connects to the server *from the client's address* (all are loopback addresses), so that PostgreSQL sees who it is.
 *
 * A program cannot make the kernel withhold the first packet's answer: a connection that hangs is open for TCP, and
 * silent. Clients notice by their connection time-out alike.
 */
export class Gate {
  private readonly server: Server;
  private behind: Behind = 'nothing';
  private readonly sessions = new Map<Socket, Socket>();
  private readonly held = new Set<Socket>();
  private changed: () => void = () => undefined;
  private change = this.nextChange();

  constructor(private readonly options: GateOptions) {
    this.server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    this.server.on('connection', (client) => {
      client.on('error', () => undefined); // its close is what counts
      void this.admit(client);
    });
  }

  /** @throws TrialFailure when the address does not exist here or the port is taken */
  async open(): Promise<void> {
    const { address, port } = this.options.listen;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) =>
        reject(listeningFailure(error, address, port)),
      );
      this.server.listen({ host: address, port, backlog: 511 }, resolve);
    });
  }

  /** Clients that are connected to a server through this gate. */
  get sessionCount(): number {
    return this.sessions.size;
  }

  /** For new connections, and for those that hang. */
  leadTo(behind: Behind): void {
    this.behind = behind;
    this.reconsider();
  }

  /** To be called when `admits` may answer otherwise: clients send the first packet of a connection again and again. */
  reconsider(): void {
    this.changed();
    this.change = this.nextChange();
  }

  /** Ends all sessions: the server's side at once, the client's when that news gets through to it. */
  cut(): void {
    for (const server of this.sessions.values()) reset(server);
  }

  async close(): Promise<void> {
    this.cut();
    for (const client of [...this.held, ...this.sessions.keys()]) reset(client);
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private nextChange(): Promise<void> {
    return new Promise((resolve) => (this.changed = resolve));
  }

  private async admit(client: Socket): Promise<void> {
    const remote = client.remoteAddress;
    if (remote === undefined) return void client.destroy();
    this.hold(client);
    const paths = this.options.pathsOf(remote);
    await through(paths);
    // What a security group refuses vanishes; whether there is a server matters to those alone who are let in.
    while (this.behind === 'no host' || !this.options.admits(remote)) await this.change;
    this.held.delete(client);
    if (client.destroyed) return;
    if (this.behind === 'nothing') reset(client);
    else this.join(client, this.behind, paths);
  }

  private hold(client: Socket): void {
    this.held.add(client);
    client.once('close', () => this.held.delete(client));
    const [oldest] = this.held;
    if (oldest && this.held.size > MOST_HELD) reset(oldest);
  }

  private join(client: Socket, { address, port }: Address, paths: readonly Path[]): void {
    const localAddress = this.options.from ?? client.remoteAddress;
    const server = connect({ host: address, port, localAddress, allowHalfOpen: true, noDelay: true });
    this.sessions.set(client, server);
    client.pipe(valve(paths)).pipe(server);
    server.pipe(valve(paths)).pipe(client);
    server.on('error', () => undefined);
    endTogether(client, server, paths);
    endTogether(server, client, paths);
    client.once('close', () => this.sessions.delete(client));
  }
}

/** Lets data through when its path does, in order; while it does not, nothing more is read. */
function valve(paths: readonly Path[]): Transform {
  return new Transform({
    transform: (chunk, _encoding, done) => void through(paths).then(() => done(null, chunk)),
    flush: (done) => void through(paths).then(() => done()),
  });
}

/**
 * Ends a connection as a crashed host does. One that has said its last word is closed: libuv refuses to reset it, and
 * Node would then keep it for ever (uv_tcp_close_reset: not "in combination with shutdown").
 */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** When `one` is gone without having said so, `other` is reset; when it has, what it said before still arrives. */
function endTogether(one: Socket, other: Socket, paths: readonly Path[]): void {
  one.once('close', () => {
    if (!one.readableEnded || one.errored) void through(paths).then(() => reset(other));
    else if (other.writableFinished) other.destroy();
    else other.once('finish', () => other.destroy());
  });
}

/**
 * For clients with an address of their own, such as a server of the trial: `new Client({ stream: () => socketFrom(...) })`.
 *
 * @param address a loopback address that this machine has
 */
export function socketFrom(address: string): Socket {
  const socket = new Socket();
  const plain = socket.connect.bind(socket) as (options: object) => Socket;
  // As pg calls it.
  return Object.assign(socket, {
    connect: (port: number, host: string) => plain({ port, host, localAddress: address }),
  });
}
