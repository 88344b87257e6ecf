/**
 * Everything behind the controller's ports, in memory: a clock that jumps, a journal with the conditions of DynamoDB, and a
 * group of databases that does at once what it is asked for. What takes time and goes wrong by itself is the simulation's.
 */
import type { DBInstance } from '@aws-sdk/client-rds';
import type { Memory } from '../../../lambda/failover/memory';
import type { Probe, Reached, SeenInstance, SeenNames } from '../../../lambda/failover/observation';
import {
  CallFailed,
  type Command,
  type Commit,
  type Entry,
  type Hold,
  type Ports,
  type RdsCalls,
  type Stored,
} from '../../../lambda/failover/ports';
import { OPEN_GROUP, T0, look } from './builders';

/** Time goes on only when everybody sleeps. */
export class Clock {
  private sleepers: { at: number; wake: () => void }[] = [];
  constructor(public time: number) {}

  now = (): number => this.time;

  sleep = (milliseconds: number): Promise<void> =>
    new Promise((wake) => this.sleepers.push({ at: this.time + Math.max(0, milliseconds), wake }));

  /** Until `done`, or nobody sleeps any more: whoever hangs then hangs for ever. @returns undefined in that case */
  async until<T>(done: Promise<T>): Promise<T | undefined> {
    let result: { value: T } | undefined;
    let failure: { error: unknown } | undefined;
    done.then(
      (value) => (result = { value }),
      (error: unknown) => (failure = { error }),
    );
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (failure) throw failure.error;
      if (result) return result.value;
      this.sleepers.sort((one, other) => one.at - other.at);
      const next = this.sleepers.shift();
      if (!next) return undefined;
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
  }
}

/** As lambda/failover/aws/journal.ts has it: all of a commit or nothing. */
export class Journal {
  version = 0;
  memory?: Memory;
  lease?: { owner: string; beat: number };
  hold?: Hold;
  command?: Command;
  readonly entries: Entry[] = [];
  readonly commits: Commit[] = [];
  private beats = 0;

  read(): Stored {
    const { version, memory, lease, hold, command } = this;
    return JSON.parse(JSON.stringify({ version, memory, lease, hold, command })) as Stored;
  }

  take(stored: Stored, owner: string): boolean {
    if (stored.version !== this.version || stored.lease?.owner !== this.lease?.owner) return false;
    this.lease = { owner, beat: ++this.beats };
    return true;
  }

  commit(commit: Commit): 'written' | 'lost' | 'held' {
    if (commit.version !== this.version || commit.owner !== this.lease?.owner) return 'lost';
    if (commit.notOnHold && this.hold) return 'held';
    if (commit.answered !== undefined) {
      if (this.command?.id !== commit.answered) return 'lost';
      this.command = undefined;
    }
    this.version++;
    this.lease = { owner: commit.owner, beat: ++this.beats };
    this.memory = JSON.parse(JSON.stringify(commit.memory)) as Memory;
    this.entries.push(...commit.entries);
    this.commits.push(commit);
    return 'written';
  }

  release(owner: string): void {
    if (this.lease?.owner === owner) this.lease = undefined;
  }
}

export interface Call {
  readonly name: string;
  readonly request: unknown;
  readonly at: number;
}

type Server = { -readonly [K in keyof Omit<SeenInstance, 'probe' | 'description'>]: SeenInstance[K] } & {
  probe: Reached;
  alive: boolean;
};

export class World {
  readonly clock: Clock;
  readonly journal = new Journal();
  readonly servers = new Map<string, Server>();
  names: SeenNames;
  /** Every call of a port, in the order in which they were made. */
  readonly calls: Call[] = [];
  readonly told: string[] = [];
  readonly metrics: string[] = [];
  /** The last value of each. */
  readonly measured: Record<string, number> = {};
  /** Promotions that RDS has taken up, as `epoch resourceId`. */
  readonly promotions: string[] = [];
  /** Before a call is carried out and after: may throw, wait, or never come back. */
  before: (name: string, count: number) => Promise<void> | void = () => undefined;
  after: (name: string, count: number) => Promise<void> | void = () => undefined;
  private made = 0;

  constructor({ replicas = 2 } = {}) {
    this.clock = new Clock(T0);
    const seen = look({}, { replicas });
    this.names = seen.names;
    for (const one of seen.instances) {
      this.servers.set(one.resourceId, { ...one, probe: { ...(one.probe as Reached) }, alive: true });
    }
  }

  server(resourceId: string): Server {
    const found = this.servers.get(resourceId);
    if (!found) throw new Error(`there is no ${resourceId}`);
    return found;
  }

  kill(resourceId: string): void {
    this.server(resourceId).alive = false;
    for (const one of this.servers.values()) {
      if (one.source === this.server(resourceId).identifier) this.change(one, { receiving: false });
    }
  }

  /** @param clockOff what this run's clock is ahead of the others' */
  ports(clockOff = 0): Ports {
    const call = async <T>(name: string, request: unknown, act: () => T): Promise<T> => {
      const count = this.calls.length;
      this.calls.push({ name, request, at: this.clock.time });
      await this.before(name, count);
      const result = act();
      await this.after(name, count);
      return result;
    };
    return {
      clock: { now: () => this.clock.now() + clockOff, sleep: this.clock.sleep },
      random: () => 0.5,
      rds: {
        call: (operation, request) =>
          call(`rds ${operation}`, request, () => this.rds(operation, request) as never),
      },
      names: {
        read: () => call('names read', undefined, () => this.names),
        change: (from, to) => call('names change', { from, to }, () => void (this.names = to)),
      },
      databases: {
        probe: (address, keep) =>
          call(`probe ${keep ? 'and keep' : ''}`, address, () => this.probe(address.host, keep?.epoch)),
        open: (address, epoch) => call('open', { address, epoch }, () => this.open(address.host, epoch)),
      },
      journal: {
        read: () => call('journal read', undefined, () => this.journal.read()),
        take: (stored, owner) => call('journal take', owner, () => this.journal.take(stored, owner)),
        commit: (commit) => call('journal commit', commit.owner, () => this.journal.commit(commit)),
        release: (owner) => call('journal release', owner, () => this.journal.release(owner)),
      },
      stack: { setPolicy: (updates) => call('stack policy', updates, () => undefined) },
      notify: ({ subject }) => call('notify', subject, () => void this.told.push(subject)),
      log: {
        info: () => undefined,
        warn: () => undefined,
        error: () => undefined,
        metric: (values) => {
          this.metrics.push(...Object.keys(values));
          for (const [name, { value }] of Object.entries(values)) this.measured[name] = value;
        },
      },
    };
  }

  private change(server: Server, probe: Partial<Reached>): void {
    server.probe = { ...server.probe, ...probe };
  }

  private probe(host: string, keepEpoch: number | undefined): Probe {
    const server = [...this.servers.values()].find(({ endpoint }) => endpoint?.host === host);
    if (!server?.alive) return { reached: false, why: 'refused', message: `${host}: connection refused` };
    const { time } = this.clock;
    if (keepEpoch !== undefined && !server.probe.inRecovery) {
      this.change(server, { heartbeat: { at: time, epoch: keepEpoch }, write: 'written' });
    }
    const source = [...this.servers.values()].find(({ identifier }) => identifier === server.source);
    if (source?.alive) this.change(server, { heartbeat: source.probe.heartbeat, receiving: true });
    return { ...server.probe, uptimeMillis: time - server.probe.startedAt };
  }

  private open(host: string, epoch: number): void {
    const server = [...this.servers.values()].find(({ endpoint }) => endpoint?.host === host)!;
    this.change(server, { heartbeat: { at: this.clock.time, epoch } });
  }

  private rds<O extends keyof RdsCalls>(operation: O, request: RdsCalls[O][0]): unknown {
    if (operation === 'DescribeDBInstances')
      return { DBInstances: [...this.servers.values()].map(described) };
    const { DBInstanceIdentifier: identifier, ...asked } = request as { DBInstanceIdentifier: string };
    const server = [...this.servers.values()].find((one) => one.identifier === identifier);
    if (operation === 'CreateDBInstanceReadReplica') {
      if (server) throw new CallFailed('already-exists', `${identifier} exists`);
      this.create(identifier, (asked as { SourceDBInstanceIdentifier: string }).SourceDBInstanceIdentifier);
      return {};
    }
    if (!server) throw new CallFailed('not-found', `there is no ${identifier}`);
    const { time } = this.clock;
    if (operation === 'DeleteDBInstance') this.servers.delete(server.resourceId);
    if (operation === 'RebootDBInstance') this.change(server, { startedAt: time, clientSessions: 0 });
    if (operation === 'PromoteReadReplica') {
      if (server.source === undefined) throw new CallFailed('wrong-state', `${identifier} is no replica`);
      this.promotions.push(`${this.journal.memory?.epoch} ${server.resourceId}`);
      delete server.source;
      this.change(server, { inRecovery: false, receiving: false, timeline: 2 });
    }
    if (operation === 'ModifyDBInstance') {
      const changes = asked as RdsCalls['ModifyDBInstance'][0];
      const groups = changes.VpcSecurityGroupIds?.map((id) => ({ id, active: true }));
      Object.assign(server, {
        ...(groups && { groups }),
        ...(changes.BackupRetentionPeriod !== undefined && { backupDays: changes.BackupRetentionPeriod }),
        ...(changes.DeletionProtection !== undefined && { deletionProtection: changes.DeletionProtection }),
        ...(changes.NewDBInstanceIdentifier && { identifier: changes.NewDBInstanceIdentifier }),
      });
    }
    return {};
  }

  private create(identifier: string, source: string): void {
    const from = [...this.servers.values()].find((one) => one.identifier === source)!;
    const resourceId = `db-made-${++this.made}`;
    this.servers.set(resourceId, {
      ...from,
      resourceId,
      identifier,
      source,
      endpoint: { host: `${identifier}.db.example`, port: 5432 },
      groups: [{ id: OPEN_GROUP, active: true }],
      backupDays: 0,
      deletionProtection: false,
      isOurs: true,
      probe: { ...from.probe, inRecovery: true, receiving: true },
      alive: true,
    });
  }
}

const described = (server: Server): DBInstance => ({
  DbiResourceId: server.resourceId,
  DBInstanceIdentifier: server.identifier,
  DBInstanceStatus: server.status,
  Endpoint: { Address: server.endpoint?.host, Port: server.endpoint?.port },
  ReadReplicaSourceDBInstanceIdentifier: server.source,
  VpcSecurityGroups: server.groups.map(({ id, active }) => ({
    VpcSecurityGroupId: id,
    Status: active ? 'active' : 'adding',
  })),
  MultiAZ: server.multiAz,
  BackupRetentionPeriod: server.backupDays,
  DeletionProtection: server.deletionProtection,
  TagList: server.isOurs ? [{ Key: 'scale-from-zero:made-by', Value: 'failover-controller' }] : [],
});

/** A call that never comes back: its run has been killed. */
export const never = (): Promise<void> => new Promise(() => undefined);
