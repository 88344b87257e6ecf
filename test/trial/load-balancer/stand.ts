/** A load balancer before small servers in this process, and an AWS that says what a test wants. */
import { once } from 'node:events';
import { Agent, type RequestListener, type Server, createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Deployed, TargetGroup } from '../../../trial/load-balancer/deployed';
import {
  type LoadBalancer,
  type LoadBalancerOptions,
  startLoadBalancer,
} from '../../../trial/load-balancer/start';

const AWS = { endpoint: 'http://localhost:1', region: 'us-east-1', account: '123456789012' };

export class SmallServer {
  readonly sockets = new Set<Socket>();
  /** Of others than health checks. */
  requests = 0;
  private readonly server: Server;

  constructor(
    readonly id: string,
    listener: RequestListener,
  ) {
    this.server = createServer({ keepAliveTimeout: 65_000 }, (asked, answer) => {
      if (asked.url === '/healthz') return void answer.writeHead(this.healthStatus).end();
      this.requests += 1;
      answer.setHeader('x-server', id);
      listener(asked, answer);
    });
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  healthStatus = 200;

  async listen(port = 0): Promise<void> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  onUpgrade(listener: (socket: Socket) => void): void {
    this.server.on('upgrade', (_, socket) => listener(socket as Socket));
  }

  /** As kill -9 does: every connection is reset, and nobody listens any more. */
  kill(): void {
    this.server.close();
    for (const socket of this.sockets) {
      // libuv cannot reset what has ended its side: the process would never end (uv_tcp_close_reset).
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
}

export interface Stand {
  readonly balancer: LoadBalancer;
  readonly servers: SmallServer[];
  readonly events: string[];
  /** Changes what is deployed, and has it read. */
  deploy(change: (deployed: Writable<Deployed>) => void): Promise<void>;
  register(...ids: string[]): Promise<void>;
  /** Waits until a condition holds; a test that waits for ever is ended by jest. */
  until(condition: () => boolean): Promise<void>;
  /** Until every registered target has passed its first check. */
  healthy(): Promise<void>;
  close(): Promise<void>;
}

export type Writable<T> = { -readonly [Key in keyof T]: Writable<T[Key]> };

const open: Stand[] = [];
export const closeAll = async () => {
  await Promise.all(open.splice(0).map((stand) => stand.close()));
};

export async function stand(
  listeners: RequestListener[],
  options: Partial<LoadBalancerOptions> = {},
  change: (deployed: Writable<Deployed>) => void = () => undefined,
): Promise<Stand> {
  const servers = listeners.map((listener, index) => new SmallServer(`i-${index}`, listener));
  await Promise.all(servers.map((server) => server.listen()));
  const events: string[] = [];
  const ports = new Map(servers.map(({ id, port }) => [id, port]));
  const group: TargetGroup = {
    arn: 'arn:group',
    name: 'group',
    healthCheck: {
      path: '/healthz',
      intervalSeconds: 10,
      timeoutSeconds: 5,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
      codes: '200',
    },
    deregistrationSeconds: 3_600, // longer than a busy machine needs for any test
    algorithm: 'round_robin',
    targets: [...ports].map(([id, port]) => ({ id, port })),
  };
  const deployed = structuredClone<Deployed>({
    name: 'site',
    dnsName: 'Site-1.us-east-1.elb.amazonaws.com',
    idleSeconds: 60,
    dropInvalidHeaders: true,
    listener: {
      port: 80,
      protocol: 'http',
      action: { kind: 'forward', groups: [{ arn: 'arn:group', weight: 1 }] },
    },
    groups: [group],
  }) as Writable<Deployed>;
  change(deployed);

  const balancer = await startLoadBalancer({
    target: AWS,
    addressOf: (id) => (ports.has(id) ? '127.0.0.1' : undefined),
    read: async () => structuredClone(deployed) as Deployed,
    timeScale: 0.02, // a health check each 200 ms
    pollMillis: 60_000, // tests refresh by themselves
    onEvent: (sentence) => events.push(sentence),
    ...options,
  });
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const made: Stand = {
    ...{ balancer, servers, events, until },
    async deploy(changing) {
      changing(deployed);
      await balancer.refresh();
    },
    register: (...ids) =>
      made.deploy(({ groups: [first] }) => {
        first!.targets = ids.map((id) => ({ id, port: ports.get(id) ?? 1 }));
      }),
    healthy: () => until(() => balancer.targets().every(({ state }) => state !== 'initial')),
    async close() {
      await balancer.close();
      for (const server of servers) server.kill();
    },
  };
  open.push(made);
  return made;
}

export interface Answered {
  /** Which of the load's workers sent it. */
  readonly worker?: number;
  /** 0: the connection broke. */
  readonly status: number;
  readonly server?: string;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** Sends one request; never rejects. */
export const send = (
  { port }: LoadBalancer,
  { method = 'GET', path = '/', headers = {}, body = '', agent = false as Agent | false } = {},
): Promise<Answered> =>
  new Promise((resolve) => {
    const broken = () => resolve({ status: 0, headers: {}, body: '' });
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent }, (answer) => {
      let text = '';
      answer.on('data', (data) => (text += data));
      answer.on('error', broken);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode!,
          server: answer.headers['x-server'] as string | undefined,
          headers: answer.headers,
          body: text,
        }),
      );
    });
    asked.on('error', broken);
    asked.end(body);
  });

/** Sends `count` requests, `workers` at a time, over connections that are kept. */
export async function load(
  balancer: LoadBalancer,
  count: number,
  workers: number,
  onAnswer: (answer: Answered, index: number) => void = () => undefined,
): Promise<Answered[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: workers });
  const answers: Answered[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      while (next < count) {
        const index = next++;
        const answer = { ...(await send(balancer, { agent })), worker };
        answers.push(answer);
        onAnswer(answer, index);
      }
    }),
  );
  agent.destroy();
  return answers;
}
