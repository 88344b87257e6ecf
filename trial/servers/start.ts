/** The servers of the trial: a process for each instance of the Auto Scaling groups. */
import { fromS3, type FetchObject } from './artifact';
import { type FleetApi, type Group, type Instance, fleetApi } from './fleet-api';
import { checkLoopback } from './loopback';
import { SETTLED_MILLIS, loopbackAddress, plan, replacementDelay } from './plan';
import { startKeeper } from './processes';
import { type ScalingView, type Traffic, scaler } from './scaler';
import { Server, type ServerView, type Surroundings } from './server';

export interface ServersOptions extends Pick<
  Surroundings,
  'target' | 'folder' | 'dns' | 'caFile' | 'localDatabase' | 'environment'
> {
  /** Second part of the servers' addresses 127.x.0.0; the one after it is used as well. @default 77 */
  readonly network?: number;
  /** How often the groups are looked at. @default 500 */
  readonly pollMillis?: number;
  /**
   * Resolves when no request is on its way to the instance any more, or its deregistration delay is over. Auto Scaling
   * ends an instance only then. @default - at once
   */
  readonly deregistered?: (instance: string) => Promise<void>;
  /** Instances that fail the load balancer's health checks. @default - none */
  readonly unhealthy?: () => readonly string[];
  /** What the load balancer has counted, for scaling. @default - no scaling */
  readonly traffic?: () => Traffic;
  /** Factor on the minutes of the scaling policy, and on the health check grace period. @default 1 */
  readonly timeScale?: number;
  /** A booting server is no unhealthy one, however small the factor. @default 15,000 */
  readonly leastGraceMillis?: number;
  /** Called whenever a server starts, dies, leaves, or cannot be looked after: one sentence. */
  readonly onEvent?: (sentence: string) => void;
  /** For tests. @default - by target */
  readonly api?: FleetApi;
  /** For tests. @default - from the target's S3 */
  readonly fetch?: FetchObject;
}

export interface Servers {
  servers(): readonly ServerView[];
  /** Of a group whose policy is obeyed. */
  scaling(): readonly ScalingView[];
  /** Loopback address of an instance id, a public or a private address of a server; undefined: none of these. */
  addressOf(idOrAddress: string): string | undefined;
  /** Security groups of the server at a loopback address; undefined when there is none. */
  securityGroupsOf(address: string): readonly string[] | undefined;
  /** Kills, freezes (SIGSTOP) or thaws (SIGCONT) a server. @throws when there is none of that id */
  signal(id: string, name: NodeJS.Signals): void;
  /** Looks at the groups now; resolves when what is to be started has been. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_NETWORK = 77;
const POLL_MILLIS = 500;
/** A replacement that was asked for should be there at once; otherwise it is asked for again. */
const REPLACE_AGAIN_MILLIS = 5_000;
const LEAST_GRACE_MILLIS = 15_000;
/** When all ends, nobody waits for a server to drain. */
const CLOSE_MILLIS = 2_000;

/** @throws TrialFailure when this machine has no loopback addresses beside 127.0.0.1 */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { network = DEFAULT_NETWORK, onEvent = () => undefined, timeScale = 1, traffic } = options;
  await checkLoopback(`127.${network}.0.1`);
  const api = options.api ?? fleetApi(options.target);
  const keeper = startKeeper();
  const around: Surroundings = {
    ...options,
    keeper,
    fetch: options.fetch ?? fromS3(options.target),
    userData: (template) => api.userData(template),
    claimAddress: (allocation, instance) => api.claimAddress(allocation, instance),
  };
  const known = new Map<string, Server>();
  let groups: readonly Group[] = [];
  let earlyDeaths = 0;
  let closing = false;

  const onDeath = (server: Server) => {
    const settled = Date.now() - server.since >= SETTLED_MILLIS;
    earlyDeaths = settled ? 0 : earlyDeaths + 1;
    server.replaceAt = Date.now() + replacementDelay(earlyDeaths);
    onEvent(`server ${server.instance.id} is dead: ${server.reason}`);
    if (!closing) void rounds.run();
  };

  const start = async (instance: Instance) => {
    const taken = new Set([...known.values()].map(({ address }) => address));
    const address = loopbackAddress(instance.privateAddress, network, (one) => taken.has(one));
    if (!address) return; // both still drain: the next round tries again
    const server = new Server(instance, address, around, onDeath);
    known.set(instance.id, server);
    await server.start();
    if (server.phase === 'running') onEvent(`server ${instance.id} runs in ${instance.zone}`);
  };

  const leave = async (id: string) => {
    const server = known.get(id)!;
    server.phase = 'leaving';
    onEvent(`server ${id} leaves its group`);
    await options.deregistered?.(id).catch(() => undefined);
    await server.stop();
    if (known.get(id) === server) known.delete(id);
  };

  const leastGrace = options.leastGraceMillis ?? LEAST_GRACE_MILLIS;
  const unhealthy = (): Set<string> => {
    const failing = (options.unhealthy?.() ?? []).filter((id) => {
      const server = known.get(id);
      const group = groups.find(({ name }) => name === server?.instance.group);
      const after = group?.replaceUnhealthyAfterSeconds;
      if (!server || after === undefined) return false;
      return Date.now() - server.since >= Math.max(leastGrace, after * 1_000 * timeScale);
    });
    return new Set(failing);
  };

  const round = async () => {
    groups = await api.groups();
    if (closing) return;
    const wanted = groups.flatMap(({ instances }) => instances);
    const { start: toStart, stop, replace, forget } = plan(wanted, known, unhealthy(), Date.now());
    for (const id of forget) known.delete(id);
    for (const id of stop) void leave(id);
    for (const { id, group } of replace) {
      known.get(id)!.replaceAt = Date.now() + REPLACE_AGAIN_MILLIS;
      await api.replace(
        id,
        groups.find(({ name }) => name === group)!,
      );
      onEvent(`server ${id} is replaced`);
    }
    await Promise.all(toStart.map(start));
    if (replace.length > 0) return round(); // the replacement is there already
  };

  const rounds = oneAtATime(() =>
    closing
      ? Promise.resolve()
      : round().catch((error: Error) => onEvent(`the servers cannot be looked after: ${error.message}`)),
  );
  const scaling = traffic && scaler({ api, groups: () => groups, traffic, timeScale, onEvent });
  await rounds.run();
  const timer = setInterval(() => void rounds.run(), options.pollMillis ?? POLL_MILLIS);

  const all = () => [...known.values()];
  return {
    servers: () => all().map((server) => server.view()),
    scaling: () => scaling?.views() ?? [],
    addressOf: (wanted) =>
      all().find(
        ({ instance: { id, privateAddress }, publicAddress, phase }) =>
          phase !== 'dead' && [id, publicAddress, privateAddress].includes(wanted),
      )?.address,
    securityGroupsOf: (wanted) => all().find(({ address }) => address === wanted)?.instance.securityGroups,
    signal(id, name) {
      const server = known.get(id);
      if (!server) throw new Error(`there is no server ${id}`);
      server.signal(name);
    },
    refresh: () => rounds.run(),
    async close() {
      closing = true;
      clearInterval(timer);
      scaling?.close();
      await rounds.idle();
      await Promise.all(all().map((server) => server.stop(CLOSE_MILLIS)));
      await keeper.close();
    },
  };
}

/** A call during a run has another run follow, which serves all that have called meanwhile. */
function oneAtATime(work: () => Promise<void>) {
  let current: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  const run = (): Promise<void> => {
    if (!current) {
      current = work().finally(() => (current = undefined));
      return current;
    }
    following ??= current.then(() => {
      following = undefined;
      return run();
    });
    return following;
  };
  return { run, idle: async () => void (await current) };
}
