/** The databases under the model of RDS: remembered servers instead of processes. */
import type { DatabaseCopy, DataPlane, Endpoint, NewDatabase } from '../rds/ports';
import type { SimulatedClock } from './clock';
import type { Network } from './network';
import { between, type Random } from './random';
import { follow } from './replication';
import { Server } from './server';
import { Timeline } from './wal';

export interface PlaneProps {
  readonly clock: SimulatedClock;
  readonly network: Network;
  readonly random: Random;
}

/** Longest and shortest time from the start of a server until it lets anybody in: recovery of what it had written. */
const STARTUP_MILLIS = [1_000, 12_000] as const;
const LINK_DELAY_MILLIS = [20, 1_500] as const;

export class SimulatedPlane implements DataPlane {
  readonly servers = new Map<string, Server>();
  private advancedAt: number;
  private readonly crashListeners: ((resourceId: string) => void)[] = [];

  constructor(private readonly props: PlaneProps) {
    this.advancedAt = props.clock.now();
  }

  /** Everything up to now: what replicas got, and what servers read from their sockets. */
  advance(): void {
    const { network, clock } = this.props;
    const now = clock.now();
    const passed = now - this.advancedAt;
    this.advancedAt = now;
    for (const server of this.servers.values()) {
      if (server.works) server.workedMillis += passed;
      if (server.sessions.size > 0) {
        hear(server, now, server.works && !network.blocked('clients', server.resourceId));
      }
    }
    for (const server of this.servers.values()) {
      if (server.source === undefined) continue;
      follow(server, this.servers.get(server.source), network, now);
    }
  }

  find(resourceId: string): Server {
    const server = this.servers.get(resourceId);
    if (!server) throw new Error(`There is no database ${resourceId}.`);
    return server;
  }

  /** Where an endpoint leads. */
  named(name: string): Server | undefined {
    for (const server of this.servers.values()) if (server.name === name) return server;
    return undefined;
  }

  async create({ resourceId, endpoint, securityGroupIds: groups }: NewDatabase): Promise<void> {
    if (this.servers.has(resourceId)) return;
    const at = this.props.clock.now();
    const heartbeat = { at, epoch: 0 };
    const timeline = new Timeline(1, {
      kind: 'other',
      lsn: 2 ** 24,
      at,
      worked: 0,
      heartbeat,
      nextKey: 1,
      nextXid: 1000,
    });
    const server = new Server({ resourceId, name: endpoint.name, groups, timeline, at, linkDelayMillis: 0 });
    this.servers.set(resourceId, server);
  }

  async createReplica(
    { resourceId, endpoint, securityGroupIds: groups }: DatabaseCopy,
    sourceResourceId: string,
  ): Promise<void> {
    if (this.servers.has(resourceId)) return;
    const source = this.find(sourceResourceId);
    if (!source.works) throw new Error(`${sourceResourceId} cannot be copied: it is ${source.describe()}.`);
    const { clock, random } = this.props;
    const server = new Server({
      resourceId,
      name: endpoint.name,
      groups,
      timeline: source.timeline,
      at: clock.now(),
      source: sourceResourceId,
      linkDelayMillis: between(random, ...LINK_DELAY_MILLIS),
    });
    if (source.recovering) server.received = server.replayed = source.received;
    this.servers.set(resourceId, server);
  }

  async restore(): Promise<void> {
    throw new Error('Nothing is restored in a simulation.');
  }

  async promote(resourceId: string): Promise<void> {
    const server = this.find(resourceId);
    if (!server.works) throw new Error(`${resourceId} cannot be promoted: it is ${server.describe()}.`);
    if (!server.recovering) return;
    this.advance();
    server.fork(this.props.clock.now());
  }

  async reboot(resourceId: string): Promise<void> {
    const server = this.find(resourceId);
    this.advance();
    server.end();
    await this.launch(server);
  }

  async stop(resourceId: string): Promise<void> {
    this.advance();
    this.find(resourceId).end();
  }

  async start(resourceId: string): Promise<void> {
    const server = this.find(resourceId);
    if (server.state === 'down') await this.launch(server);
  }

  private async launch(server: Server): Promise<void> {
    const { clock, random } = this.props;
    const life = ++server.life;
    server.state = 'starting';
    server.silent = false;
    await clock.sleep(between(random, ...STARTUP_MILLIS));
    if (server.life !== life) throw new Error(`${server.resourceId} ended while it was being started.`);
    server.state = 'running';
    server.startedAt = clock.now();
  }

  async unname(resourceId: string): Promise<void> {
    delete this.find(resourceId).name;
  }

  async rename(resourceId: string, { name }: Endpoint): Promise<void> {
    this.find(resourceId).name = name;
  }

  async setSecurityGroups(resourceId: string, groups: readonly string[]): Promise<void> {
    this.find(resourceId).groups = groups;
  }

  async setParameters(): Promise<void> {}

  async setMasterPassword(): Promise<void> {}

  async setArchiving(): Promise<void> {}

  async snapshot(resourceId: string): Promise<void> {
    const server = this.find(resourceId);
    if (server.silent) throw new Error(`No snapshot of ${resourceId}: it is ${server.describe()}.`);
  }

  async remove(resourceId: string): Promise<void> {
    this.servers.get(resourceId)?.end();
    this.servers.delete(resourceId);
  }

  onCrash(listener: (resourceId: string) => void): void {
    this.crashListeners.push(listener);
  }

  async known(): Promise<readonly string[]> {
    return [...this.servers.keys()];
  }

  // What only faults do.

  /** Its process ends by itself; `silent`: its host with it. RDS is told. */
  crash(resourceId: string, silent = false): void {
    const server = this.servers.get(resourceId);
    if (!server) return;
    this.advance();
    server.end();
    server.silent = silent;
    for (const listener of this.crashListeners) listener(resourceId);
  }

  freeze(resourceId: string): void {
    const server = this.servers.get(resourceId);
    if (server?.state !== 'running') return;
    this.advance();
    server.frozen = true;
  }

  thaw(resourceId: string): void {
    const server = this.servers.get(resourceId);
    if (!server) return;
    server.frozen = false;
    this.advance();
  }
}

/** Statements that waited in its sockets are carried out; whoever has given up has his session ended. */
function hear(server: Server, at: number, canHear: boolean): void {
  for (const session of server.sessions) {
    const { inbox, abandoned } = session;
    if (inbox && inbox.until < at) delete session.inbox;
    if (!canHear) continue;
    if (session.inbox) {
      delete session.inbox;
      const row = server.insert(session.client, at);
      if (typeof row === 'string') server.sessions.delete(session);
      else if (!abandoned) inbox!.acknowledge(row);
    }
    if (abandoned) server.sessions.delete(session);
  }
}
