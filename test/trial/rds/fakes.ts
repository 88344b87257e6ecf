import type { Clock, DatabaseCopy, DataPlane, Endpoint, Master, NewDatabase } from '../../../trial/rds/ports';

/** A clock that stands still until it is told to go on. */
export class VirtualClock implements Clock {
  private timers: { at: number; order: number; run: () => void }[] = [];
  private order = 0;

  /** Sunday, 2026-11-22, 12:00 UTC. */
  constructor(private time = Date.UTC(2026, 10, 22, 12)) {}

  now = (): number => this.time;

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.time + milliseconds, order: this.order++, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Lets this many milliseconds pass, and everything happen that falls into them. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settled();
    for (;;) {
      const [next] = this.timers.sort((one, other) => one.at - other.at || one.order - other.order);
      if (!next || next.at > end) break;
      this.timers.shift();
      this.time = next.at;
      next.run();
      await settled();
    }
    this.time = end;
  }
}

/** After everything that waits for nothing but promises. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Server {
  readonly resourceId: string;
  running: boolean;
  /** Resource id of what it follows. */
  follows?: string;
  name?: string;
  groups: readonly string[];
  archives: boolean;
  password?: string;
  parameters: Readonly<Record<string, string>>;
}

/** Databases that are only remembered; every call is written down as `<method> <resource id> <detail>`. */
export class FakePlane implements DataPlane {
  readonly servers = new Map<string, Server>();
  readonly snapshots = new Set<string>();
  readonly calls: string[] = [];
  /** Methods that refuse, and how often they still will. */
  readonly refusals = new Map<keyof DataPlane, number>();
  private crashListener: (resourceId: string) => void = () => undefined;

  private note(method: keyof DataPlane, resourceId: string, detail = ''): void {
    this.calls.push(`${method} ${resourceId} ${detail}`.trim());
    const left = this.refusals.get(method) ?? 0;
    if (left === 0) return;
    this.refusals.set(method, left - 1);
    throw new Error(`${method} does not work.`);
  }

  private add(
    { resourceId, endpoint, securityGroupIds, archiveWal, parameters }: DatabaseCopy,
    more: Partial<Server>,
  ): void {
    this.servers.set(resourceId, {
      resourceId,
      running: true,
      name: endpoint.name,
      groups: securityGroupIds,
      archives: archiveWal,
      parameters,
      ...more,
    });
  }

  private server(resourceId: string): Server {
    const server = this.servers.get(resourceId);
    if (!server) throw new Error(`There is no database ${resourceId}.`);
    return server;
  }

  async create(database: NewDatabase): Promise<void> {
    this.note('create', database.resourceId, database.databaseName);
    this.add(database, { password: database.master.password });
  }
  async createReplica(database: DatabaseCopy, source: string): Promise<void> {
    this.note('createReplica', database.resourceId, source);
    this.add(database, { follows: source, password: this.server(source).password });
  }
  async restore(database: DatabaseCopy, source: string, time: number | 'latest'): Promise<void> {
    this.note('restore', database.resourceId, `${source} ${time}`);
    this.add(database, {});
  }
  async promote(resourceId: string): Promise<void> {
    this.note('promote', resourceId);
    delete this.server(resourceId).follows;
  }
  async reboot(resourceId: string): Promise<void> {
    this.note('reboot', resourceId);
    this.server(resourceId).running = true;
  }
  async stop(resourceId: string): Promise<void> {
    this.note('stop', resourceId);
    this.server(resourceId).running = false;
  }
  async start(resourceId: string): Promise<void> {
    this.note('start', resourceId);
    this.server(resourceId).running = true;
  }
  async unname(resourceId: string): Promise<void> {
    this.note('unname', resourceId);
    delete this.server(resourceId).name;
  }
  async rename(resourceId: string, { name }: Endpoint): Promise<void> {
    this.note('rename', resourceId, name);
    this.server(resourceId).name = name;
  }
  async setSecurityGroups(resourceId: string, groups: readonly string[]): Promise<void> {
    this.note('setSecurityGroups', resourceId, groups.join());
    this.server(resourceId).groups = groups;
  }
  async setParameters(resourceId: string, parameters: Readonly<Record<string, string>>): Promise<void> {
    this.note('setParameters', resourceId, JSON.stringify(parameters));
    this.server(resourceId).parameters = parameters;
  }
  async setMasterPassword(resourceId: string, { password }: Master): Promise<void> {
    this.note('setMasterPassword', resourceId, password);
    this.server(resourceId).password = password;
  }
  async setArchiving(resourceId: string, archives: boolean): Promise<void> {
    this.note('setArchiving', resourceId, String(archives));
    this.server(resourceId).archives = archives;
  }
  async snapshot(resourceId: string, snapshotId: string): Promise<void> {
    this.note('snapshot', resourceId, snapshotId);
    this.server(resourceId);
    this.snapshots.add(snapshotId);
  }
  async removeSnapshot(snapshotId: string): Promise<void> {
    this.note('removeSnapshot', snapshotId);
    this.snapshots.delete(snapshotId);
  }
  async remove(resourceId: string, keepBackups: boolean): Promise<void> {
    this.note('remove', resourceId, String(keepBackups));
    this.servers.delete(resourceId);
  }
  onCrash(listener: (resourceId: string) => void): void {
    this.crashListener = listener;
  }
  async known(): Promise<readonly string[]> {
    return [...this.servers.keys()];
  }

  /** A server ends by itself. */
  crash(resourceId: string): void {
    this.server(resourceId).running = false;
    this.crashListener(resourceId);
  }
}
