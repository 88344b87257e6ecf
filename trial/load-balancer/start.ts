/** The load balancer of the trial: an HTTP listener on localhost that does what the deployed one says. */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { weighted } from '../dns/weighted';
import { TrialFailure } from '../failure';
import type { Target as Aws } from '../target';
import { type Deployed, type ReadDeployed, deployedIn } from './deployed';
import { Proxy } from './proxy';
import { type Access, Statistics } from './statistics';
import { type TargetView, Targets } from './targets';

export interface LoadBalancerOptions {
  readonly target: Aws;
  /** Loopback address of an instance; undefined: its server does not run. */
  readonly addressOf: (instance: string) => string | undefined;
  /**
   * The one server of the first two stages, which have no load balancer: all requests go to it, as its own reverse
   * proxy would pass them on. @default - 503 without a load balancer
   */
  readonly loneServer?: () => { readonly id: string; readonly port: number } | undefined;
  /** On 127.0.0.1. @default - a free one */
  readonly port?: number;
  /** How often the registrations are looked at. @default 500 */
  readonly pollMillis?: number;
  /** Factor on health check intervals and the deregistration delay. @default 1 */
  readonly timeScale?: number;
  readonly onEvent?: (sentence: string) => void;
  /** For tests. @default - by target */
  readonly read?: ReadDeployed;
}

export interface LoadBalancer {
  /** `http://localhost:PORT` */
  readonly url: string;
  readonly port: number;
  /** Name and DNS name as deployed; undefined where none is. */
  deployed(): Pick<Deployed, 'name' | 'dnsName'> | undefined;
  targets(): readonly TargetView[];
  access(): Access;
  /** For scaling. */
  traffic(): { readonly requests: number; readonly targets: number };
  /** Instances that have failed their health checks. */
  unhealthy(): readonly string[];
  /** For the DNS server. */
  names(): ReadonlyMap<string, { readonly address: string; readonly ttl: number }>;
  /** Resolves when no request is on its way to the instance, and none will be, or its deregistration delay is over. */
  deregistered(instance: string): Promise<void>;
  /** Reads what is deployed now. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const ADDRESS = '127.0.0.1';
const POLL_MILLIS = 500;
/** https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html */
const NAME_TTL_SECONDS = 60;
/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html, client keep-alive */
const CLIENT_KEEP_ALIVE_MILLIS = 3_600_000;
const LONE = 'lone-server';

/** @throws TrialFailure when the port cannot be had */
export async function startLoadBalancer(options: LoadBalancerOptions): Promise<LoadBalancer> {
  const { addressOf, timeScale = 1, onEvent = () => undefined } = options;
  const read = options.read ?? deployedIn(options.target);
  const groups = new Map<string, Targets>();
  const statistics = new Statistics();
  let deployed: Deployed | undefined;
  let toTargets = 0;

  const proxy = new Proxy({
    deployed: () => deployed,
    targets: () => groups.get(groupOf(deployed)),
    onServed: (served) => {
      statistics.add(served);
      if (served.target) toTargets += 1;
    },
  });

  const update = async () => {
    deployed = await read();
    const wanted = deployed?.groups ?? loneGroup(options.loneServer?.());
    for (const group of wanted) {
      const known = groups.get(group.arn);
      const idleMillis = (deployed?.idleSeconds ?? 60) * 1_000;
      if (known) known.update(group);
      else groups.set(group.arn, new Targets(group, { addressOf, timeScale, idleMillis, onEvent }));
    }
    for (const [arn, targets] of groups) {
      if (wanted.some((group) => group.arn === arn)) continue;
      targets.close();
      groups.delete(arn);
    }
  };
  let updating: Promise<void> | undefined;
  let broken = false;
  const refresh = (): Promise<void> =>
    (updating ??= update()
      .then(
        () => void (broken = false),
        (error: Error) => {
          if (!broken) onEvent(`the load balancer cannot be read: ${error.message}`);
          broken = true;
        },
      )
      .finally(() => (updating = undefined)));

  // Node's own 5 s would cut off clients that use a connection again in that very moment.
  const server = createServer(
    { keepAliveTimeout: CLIENT_KEEP_ALIVE_MILLIS },
    (request, response) => void proxy.web(request, response),
  );
  server.on('upgrade', (request, socket, head) => void proxy.upgrade(request, socket, head));
  const upgraded = new Set<Socket>();
  server.on('connection', (socket) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new TrialFailure(
          `The site cannot be served on port ${options.port} (${error.code}): give another one, or none for a free one.`,
        ),
      ),
    );
    server.listen(options.port ?? 0, ADDRESS, resolve);
  });
  await refresh();
  const timer = setInterval(() => void refresh(), options.pollMillis ?? POLL_MILLIS);

  const { port } = server.address() as AddressInfo;
  const all = () => [...groups.values()];
  return {
    url: `http://localhost:${port}`,
    port,
    deployed: () => deployed && { name: deployed.name, dnsName: deployed.dnsName },
    targets: () => all().flatMap((targets) => targets.view()),
    access: () => statistics.access(performance.now()),
    traffic: () => ({
      requests: toTargets,
      targets: all().reduce((sum, targets) => sum + targets.ids('healthy').length, 0),
    }),
    unhealthy: () => all().flatMap((targets) => targets.ids('unhealthy')),
    names: () =>
      new Map(
        deployed ? [[deployed.dnsName.toLowerCase(), { address: ADDRESS, ttl: NAME_TTL_SECONDS }]] : [],
      ),
    async deregistered(instance) {
      await updating; // one that was under way may have read the instance as registered still
      await refresh();
      await Promise.all(all().map((targets) => targets.deregistered(instance)));
    },
    refresh,
    async close() {
      clearInterval(timer);
      await updating;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const targets of all()) targets.close();
      for (const socket of upgraded) socket.destroy();
      proxy.close();
      await closed;
    },
  };
}

/** The group that a request goes to: by weight where the action names several. */
function groupOf(deployed: Deployed | undefined): string {
  if (!deployed) return LONE;
  const { action } = deployed.listener;
  return action.kind === 'forward' ? weighted(action.groups, Math.random).arn : '';
}

/** nginx on the lone server asks nobody whether the site is healthy: it passes requests on. */
function loneGroup(server: { readonly id: string; readonly port: number } | undefined): Deployed['groups'] {
  const healthCheck = {
    path: '/',
    intervalSeconds: 5,
    timeoutSeconds: 5,
    healthyThreshold: 1,
    unhealthyThreshold: 1,
    codes: '100-599',
  };
  return [
    {
      arn: LONE,
      name: LONE,
      healthCheck,
      deregistrationSeconds: 0,
      algorithm: 'round_robin',
      targets: server ? [server] : [],
    },
  ];
}
